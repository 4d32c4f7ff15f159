#include "common/store/format.hpp"

#include "common/base/check.hpp"
#include "common/store/table.hpp"

namespace mash::store {

namespace {

struct Stamp {
    std::uint32_t format = 0;
};
void write(Writer& out, const Stamp& stamp) { out.u32(stamp.format); }
void read(Reader& in, Stamp& stamp) { stamp.format = in.u32(); }

constexpr Table<Only, Stamp> stamps{Space("store_format")};

std::string span_of(const Format& format) {
    if (format.oldest == format.version) return "format " + std::to_string(format.version);
    return "formats " + std::to_string(format.oldest) + " to " + std::to_string(format.version);
}

}  // namespace

std::optional<std::uint32_t> format_of(View& view, const Format& format) {
    if (const auto stamp = stamps.get(view, Only{})) return stamp->format;
    bool used = false;
    view.scan(format.always_used, {.limit = 1, .keys_only = true}, [&](ByteView, ByteView) {
        used = true;
        return false;
    });
    return used ? std::optional<std::uint32_t>(1) : std::nullopt;
}

Result<void> bring_to_format(Store& store, const Format& format, const std::string& path,
                             std::string& problem) {
    CHECK(format.oldest >= 1 && format.version == format.oldest + format.steps.size());
    const auto stop = [&](ErrorCode code, const std::string& words) {
        problem = "The store " + path + " " + words;
        return fail(code);
    };
    std::optional<std::uint32_t> found;
    bool stamped = false;
    {
        const auto view = store.view();
        found = format_of(*view, format);
        stamped = stamps.contains(*view, Only{});
        if (view->failed())
            return stop(view->failure().code,
                        "cannot be read: " + std::string(describe(view->failure().code)));
    }
    const std::uint32_t from = found.value_or(format.version);
    const std::string has =
        "has format " + std::to_string(from) + ", and this release reads " + span_of(format);
    if (from > format.version)
        return stop(ErrorCode::unsupported_version,
                    has +
                        ": a newer release wrote it. Nothing was changed. Start that release "
                        "again, or restore a backup that this release made");
    if (from < format.oldest)
        return stop(ErrorCode::unsupported_version,
                    has +
                        ": it is too old. Nothing was changed. Take a backup of it, start a "
                        "release in between that reads both, and then this one");
    if (from < format.version) {
        const std::string copy = path + ".format-" + std::to_string(from);
        if (const auto copied = store.backup_to(copy); !copied)
            return stop(copied.error(),
                        has + ". Before it is brought forward a copy is made at " + copy +
                            ", and that failed: " + std::string(describe(copied.error())) +
                            ". Nothing was changed. Make room, or move away what "
                            "lies there, and start again");
    }
    if (stamped && from == format.version) return {};
    auto transaction = store.begin();
    for (auto at = from; at < format.version; ++at) format.steps[at - format.oldest](*transaction);
    stamps.put(*transaction, Only{}, {format.version});
    const auto outcome = store.commit(std::move(transaction));
    if (outcome.is_committed()) return {};
    return stop(
        outcome.failure.code,
        has + ". It could not be brought forward: " + std::string(describe(outcome.failure.code)) +
            ". Start again; if it stays so, start the release before this one");
}

}  // namespace mash::store
