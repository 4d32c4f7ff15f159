// The recorded lines of `mashctl policy simulate`: each line that is not empty is compared or named
// by its number, and none is repeated to the operator.
#include <algorithm>
#include <cstdint>
#include <sstream>

#include "broker/ctl/policy_cases.hpp"
#include "broker/ctl/policy_commands.hpp"
#include "common/area/trial.hpp"
#include "common/crypto/random.hpp"
#include "tests/fuzz/plain_text.hpp"
#include "tests/fuzz/reference_policy.hpp"

namespace {

using namespace mash;

area::Registry imagined_area() {
    std::vector<area::PolicyFault> faults;
    auto registry =
        ctl::parse_imagined_area(fuzz::policy_file("tests/area.toml"), "area.toml", faults);
    CHECK(faults.empty());
    registry.build_index();
    return registry;
}

std::size_t lines_in(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (end > at) ++count;
        at = end + 1;
    }
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const area::Policy present = area::as_if_begun(fuzz::reference_policy());
    // As if one route had been struck from the draft: then there is something to report.
    static const area::Policy draft = area::altered(present, [] {
        const auto all = area::alterations(present);
        const auto route =
            std::ranges::find(all, area::Alteration::Kind::route_left_out, &area::Alteration::kind);
        CHECK(route != all.end());
        return *route;
    }());
    static const area::Registry registry = imagined_area();
    std::ostringstream out;
    std::ostringstream err;
    crypto::SystemRandom random;
    const ctl::Context context{out, err, wall_time_from_rfc3339("2026-11-24T11:00:00Z").value(),
                               random};
    const auto text = text_of({data, size});
    const auto done = ctl::compare_recorded(context, text, "lines", registry, present, draft);
    std::size_t unread = 0;
    std::istringstream said(err.str());
    for (std::string line; std::getline(said, line);) {
        CHECK(fuzz::is_plain(line));
        if (line.starts_with("lines:")) ++unread;
    }
    const std::size_t lines = lines_in(text);
    CHECK(done.has_value() == (unread == 0 && lines > 0));
    // No more than so many are listed, and where none could be decided nothing is reported.
    constexpr std::size_t listed_max = 20;
    if (unread >= listed_max || unread == lines) return 0;
    const auto compared = std::to_string(lines - unread) + " cases decided under both";
    CHECK(out.str().find(compared) != std::string::npos);
    return 0;
}
