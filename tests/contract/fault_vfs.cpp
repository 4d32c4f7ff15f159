#include "tests/contract/fault_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <new>

#include "common/base/check.hpp"

namespace mash::contract {

/// What SQLite allocates for an open file: ours, then the real one behind it.
struct FaultVfs::File {
    sqlite3_file base;
    FaultVfs* vfs;
    std::string* path;  // null for temporary files
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

struct VfsCalls {
    using File = FaultVfs::File;
    using Fault = FaultVfs::Fault;
    using Operation = FaultVfs::Operation;

    static FaultVfs& self(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }
    static File& ours(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static sqlite3_file* real(sqlite3_file* file) { return ours(file).real(); }
    static Fault fault(File& file, Operation operation) {
        return file.vfs->plan ? file.vfs->plan(operation) : Fault::none;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags,
                    int* out_flags) {
        File& file = ours(out);
        file.base.pMethods = nullptr;
        FaultVfs& owner = self(vfs);
        int code = owner.real_->xOpen(owner.real_, name, file.real(), flags, out_flags);
        if (code != SQLITE_OK) return code;
        file.vfs = &owner;
        file.path = name == nullptr ? nullptr : new std::string(name);
        if (file.path != nullptr && !owner.synced_.contains(*file.path)) {
            owner.synced_[*file.path] = owner.content_now(*file.path);
        }
        file.base.pMethods = &methods;
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
        self(vfs).synced_.erase(name);
        return self(vfs).real_->xDelete(self(vfs).real_, name, sync_folder);
    }
    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
        return self(vfs).real_->xAccess(self(vfs).real_, name, flags, result);
    }
    static int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
        return self(vfs).real_->xFullPathname(self(vfs).real_, name, size, out);
    }

    static int close(sqlite3_file* file) {
        delete ours(file).path;
        return real(file)->pMethods->xClose(real(file));
    }
    static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
        return real(file)->pMethods->xRead(real(file), out, size, at);
    }
    static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
        auto* to = real(file);
        switch (fault(ours(file), Operation::write)) {
            case Fault::none: return to->pMethods->xWrite(to, data, size, at);
            case Fault::full: to->pMethods->xWrite(to, data, size / 2, at); return SQLITE_FULL;
            case Fault::error_before: return SQLITE_IOERR_WRITE;
            case Fault::error_after:
                to->pMethods->xWrite(to, data, size, at);
                return SQLITE_IOERR_WRITE;
        }
        return SQLITE_INTERNAL;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        auto* to = real(file);
        Fault what = fault(ours(file), Operation::truncate);
        if (what == Fault::full || what == Fault::error_before) return SQLITE_IOERR_TRUNCATE;
        int code = to->pMethods->xTruncate(to, size);
        return what == Fault::error_after ? SQLITE_IOERR_TRUNCATE : code;
    }
    static int sync(sqlite3_file* file, int flags) {
        auto* to = real(file);
        if (fault(ours(file), Operation::sync) != Fault::none) return SQLITE_IOERR_FSYNC;
        int code = to->pMethods->xSync(to, flags);
        if (code == SQLITE_OK && ours(file).path != nullptr) {
            FaultVfs& owner = *ours(file).vfs;
            owner.synced_[*ours(file).path] = owner.content_now(*ours(file).path);
        }
        return code;
    }
    static int size(sqlite3_file* file, sqlite3_int64* out) {
        return real(file)->pMethods->xFileSize(real(file), out);
    }
    static int lock(sqlite3_file* file, int level) {
        return real(file)->pMethods->xLock(real(file), level);
    }
    static int unlock(sqlite3_file* file, int level) {
        return real(file)->pMethods->xUnlock(real(file), level);
    }
    static int reserved(sqlite3_file* file, int* out) {
        return real(file)->pMethods->xCheckReservedLock(real(file), out);
    }
    static int control(sqlite3_file* file, int what, void* arg) {
        return real(file)->pMethods->xFileControl(real(file), what, arg);
    }
    static int sector(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
    static int traits(sqlite3_file* file) {
        return real(file)->pMethods->xDeviceCharacteristics(real(file));
    }
    static int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
        return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
    }
    static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
        return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
    }
    static void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
    static int shm_unmap(sqlite3_file* file, int remove_it) {
        return real(file)->pMethods->xShmUnmap(real(file), remove_it);
    }

    /// Version 2: without xFetch, so that all reads and writes pass here.
    static constexpr sqlite3_io_methods methods{2,           close,     read,    write,   truncate,
                                                sync,        size,      lock,    unlock,  reserved,
                                                control,     sector,    traits,  shm_map, shm_lock,
                                                shm_barrier, shm_unmap, nullptr, nullptr};
};

FaultVfs::FaultVfs() : vfs_(std::make_unique<sqlite3_vfs>()), real_(sqlite3_vfs_find(nullptr)) {
    name_ = "fault-" + std::to_string(reinterpret_cast<std::uintptr_t>(this));
    *vfs_ = *real_;  // time, sleep and chance are the machine's
    vfs_->iVersion = 1;
    vfs_->pNext = nullptr;
    vfs_->zName = name_.c_str();
    vfs_->pAppData = this;
    vfs_->szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_->xOpen = VfsCalls::open;
    vfs_->xDelete = VfsCalls::remove;
    vfs_->xAccess = VfsCalls::access;
    vfs_->xFullPathname = VfsCalls::full_path;
    CHECK(sqlite3_vfs_register(vfs_.get(), 0) == SQLITE_OK);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(vfs_.get()); }

std::string FaultVfs::name() const { return name_; }

Bytes FaultVfs::content_now(const std::string& path) const {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) return {};
    Bytes content(static_cast<std::size_t>(in.tellg()));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return content;
}

void FaultVfs::lose_power(const std::string& store, const std::string& to,
                          std::mt19937_64* chance) {
    constexpr std::size_t block_bytes = 512;
    for (const char* end : {"", "-wal"}) {
        auto synced = synced_.find(store + end);
        if (synced == synced_.end()) continue;
        Bytes left = synced->second;
        if (chance != nullptr) {
            Bytes now = content_now(store + end);
            if ((*chance)() % 2 == 0) left.resize(std::max(left.size(), now.size()));
            for (std::size_t at = 0; at < std::min(left.size(), now.size()); at += block_bytes) {
                if ((*chance)() % 2 == 0) continue;
                auto size = std::min({block_bytes, left.size() - at, now.size() - at});
                std::copy_n(now.begin() + static_cast<std::ptrdiff_t>(at), size,
                            left.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        std::ofstream out(to + end, std::ios::binary | std::ios::trunc);
        out.write(reinterpret_cast<const char*>(left.data()),
                  static_cast<std::streamsize>(left.size()));
        CHECK(out.good());
    }
}

void FaultVfs::adopt(const std::string& from, const std::string& to) {
    for (const char* end : {"", "-wal"}) {
        auto found = synced_.find(from + end);
        if (found != synced_.end()) synced_[to + end] = found->second;
    }
}

}  // namespace mash::contract
