// Key files, the papers of an enrolment and the label of a backup: whatever is read is written
// back, and read again as the same.
#include <cstdlib>
#include <string>

#include "common/area/backup_folder.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/keyfile.hpp"
#include "common/crypto/random.hpp"

namespace {

using namespace mash;

template <class Parse>
void read_twice(std::string_view text, Parse parse) {
    const auto first = parse(text);
    if (!first) return;
    const auto written = area::to_json(*first);
    const auto second = parse(written);
    if (!second || area::to_json(*second) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView rest(data + 1, size - 1);
    const auto text = text_of(rest);
    if (data[0] == 'b') {
        read_twice(text, area::parse_backup_label);
        return 0;
    }
    switch (data[0] % 5) {
        case 0: read_twice(text, area::parse_trust_anchor); break;
        case 1: read_twice(text, area::parse_invite); break;
        case 2: read_twice(text, area::parse_enrol_requests); break;
        case 3: read_twice(text, area::parse_rotation_request); break;
        default:
            // Without a passphrase: what an attacker's file makes us do before we know whose it is.
            if (const auto file = area::read_key_file(rest, nullptr)) {
                crypto::SeededRandom random(1);
                const auto written = area::key_file_text(
                    *file, nullptr, crypto::Argon2Params::interactive(), random);
                if (!written || !area::read_key_file(*written, nullptr)) std::abort();
            }
    }
    return 0;
}
