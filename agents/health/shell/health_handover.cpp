#include "agents/health/shell/health_handover.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "agents/health/handover_forms.hpp"
#include "agents/health/hl7_ack.hpp"
#include "agents/health/mllp_frame.hpp"
#include "common/http/server.hpp"

namespace mash::health_shell {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds stop_check_interval{50};

WallTime now() {
    using namespace std::chrono;
    return WallTime::from_unix_ms(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

/// Runs until `done`; false when time is over or the program stops.
bool runs(asio::io_context& io, const bool& done, const std::atomic<bool>& stopping,
          std::chrono::steady_clock::time_point until) {
    while (!done && !stopping && std::chrono::steady_clock::now() < until) {
        io.restart();
        io.run_for(stop_check_interval);
    }
    return done;
}

}  // namespace

bool send_over_mllp(const std::string& to, const std::string& message, const std::string& id,
                    const std::atomic<bool>& stopping, std::chrono::milliseconds deadline) {
    const auto colon = to.find_last_of(':');
    if (colon == std::string::npos || !http::is_loopback(to.substr(0, colon))) return false;
    const std::string digits = to.substr(colon + 1);
    if (digits.empty() || digits.size() > 5 ||
        digits.find_first_not_of("0123456789") != std::string::npos)
        return false;
    const auto until = std::chrono::steady_clock::now() + deadline;
    asio::io_context io;
    tcp::socket socket(io);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(to.substr(0, colon), error);
    if (error) return false;
    const std::string bytes = health::mllp_framed(message);
    bool done = false;
    const auto finished = [&](boost::system::error_code result) {
        error = result;
        done = true;
    };
    socket.async_connect({address, static_cast<std::uint16_t>(std::stoul(digits))}, finished);
    if (!runs(io, done, stopping, until) || error) return false;
    done = false;
    asio::async_write(socket, asio::buffer(bytes),
                      [&](boost::system::error_code result, std::size_t) { finished(result); });
    if (!runs(io, done, stopping, until) || error) return false;
    health::MllpReader reader;
    std::array<char, 4096> piece{};
    while (!reader.is_broken()) {
        done = false;
        std::size_t got = 0;
        socket.async_read_some(asio::buffer(piece),
                               [&](boost::system::error_code result, std::size_t count) {
                                   got = count;
                                   finished(result);
                               });
        if (!runs(io, done, stopping, until) || error) return false;
        for (const auto& each : reader.feed({piece.data(), got})) {
            const auto said = health::hl7_acknowledgement(each);
            // CA says that it lies in a queue; the rung is for what the system itself has.
            if (!said || said->of != id || said->code == "CA") continue;
            return said->code == "AA";
        }
    }
    return false;
}

runtime_shell::HandoverFormats handover_formats() {
    runtime_shell::HandoverFormats out;
    out["hl7-v2"] = {
        ".hl7", "application/hl7-v2; charset=utf-8",
        [](const runtime::HandOver& item) { return health::hl7_document_of(item, now()); },
        [](const std::string& to, const runtime::HandOver& item, const std::string& written,
           const std::atomic<bool>& stopping) {
            return send_over_mllp(to, written, health::hl7_document_id(item), stopping);
        }};
    out["fhir-json"] = {
        ".fhir.json",
        "application/fhir+json",
        [](const runtime::HandOver& item) { return health::fhir_bundle_of(item, now()); },
        {}};
    return out;
}

}  // namespace mash::health_shell
