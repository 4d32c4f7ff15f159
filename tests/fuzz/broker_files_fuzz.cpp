// What the broker reads from its own machine: broker.toml, a line at the admin socket, and the ZAP
// request that libzmq makes of a peer's handshake. The first byte chooses.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "broker/shell/admin_socket.hpp"
#include "broker/shell/config.hpp"
#include "broker/shell/zap_authenticator.hpp"
#include "common/area/enrolment.hpp"
#include "common/base/check.hpp"
#include "tests/fuzz/scratch_folder.hpp"

namespace {

using namespace mash;
namespace fs = std::filesystem;

using fuzz::write;

struct Folder {
    Folder() {
        area::TrustAnchor anchor;
        anchor.area = AreaId("worcestershire");
        write(path / "area.json", area::to_json(anchor));
    }
    fuzz::ScratchFolder scratch{"broker"};
    const fs::path& path = scratch.path();
};

void read_config(std::string_view text) {
    static const Folder folder;
    write(folder.path / "broker.toml", text);
    std::string problem;
    const auto config = broker_shell::read_broker_config(folder.path, problem);
    CHECK(config.has_value() == problem.empty());
    CHECK(problem.find('\x1b') == std::string::npos);
    if (config) CHECK(!config->endpoints.empty() && config->verify_threads >= 1);
}

void read_admin_line(std::string_view line) {
    const auto request = broker_shell::parse_admin_request(line);
    if (request) CHECK(!request->command.empty());
}

/// Nobody is enrolled: whatever the frames say, nobody is admitted.
void read_zap(std::string_view bytes) {
    static const broker_shell::ZapAuthenticator authenticator;
    std::vector<std::string_view> frames;
    while (frames.size() < 16) {
        const auto end = bytes.find('|');
        frames.push_back(bytes.substr(0, end));
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
    }
    const auto answer = authenticator.answer(frames);
    CHECK(!answer.admitted && answer.frames[2] == "300" && answer.frames[4].empty());
    CHECK(answer.frames[1] == (frames.size() > 1 ? frames[1] : ""));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto text = text_of({data + 1, size - 1});
    switch (data[0] % 3) {
        case 0: read_config(text); break;
        case 1: read_admin_line(text); break;
        default: read_zap(text);
    }
    return 0;
}
