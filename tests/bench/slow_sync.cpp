// A disk that takes its time: loaded before the C library (LD_PRELOAD) of a real program, it lets
// fsync and fdatasync take MASH_BENCH_SYNC_MS milliseconds longer. The real sync is done as well.
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

int slowly(const char* name, int fd) {
    using Sync = int (*)(int);
    static const char* const text = std::getenv("MASH_BENCH_SYNC_MS");
    static const long ms = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
    const timespec wait{ms / 1000, (ms % 1000) * 1'000'000};
    ::nanosleep(&wait, nullptr);
    return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(fd);
}

}  // namespace

extern "C" int fsync(int fd) { return slowly("fsync", fd); }
extern "C" int fdatasync(int fd) { return slowly("fdatasync", fd); }
