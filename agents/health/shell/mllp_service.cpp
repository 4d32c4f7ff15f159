#include "agents/health/shell/mllp_service.hpp"

#include <array>

#include "agents/health/shell/mllp_intake.hpp"
#include "agents/health/shell/mllp_server.hpp"
#include "common/http/server.hpp"

namespace mash::health_shell {

namespace {

class MllpService final : public runtime_shell::AgentService {
public:
    MllpService(runtime_shell::ServicePlace place, std::string agency, MllpServerConfig config)
        : place_(std::move(place)),
          intake_(place_, std::move(agency)),
          config_(std::move(config)) {}

    ~MllpService() override { MllpService::stop(); }

    Result<void> start(std::string& problem) override {
        auto server = MllpServer::start(
            config_, [this](const std::string& message) { return intake_.take(message); });
        if (!server) {
            problem =
                "The address of listen in [services.mllp] cannot be used, or its certificate "
                "and key cannot be read: " +
                std::string(describe(server.error()));
            return fail(server.error());
        }
        server_ = std::move(*server);
        return {};
    }

    void stop() override {
        intake_.stop();
        if (server_) server_->stop();
    }

private:
    runtime_shell::ServicePlace place_;
    MllpIntake intake_;
    MllpServerConfig config_;
    std::unique_ptr<MllpServer> server_;
};

}  // namespace

Result<std::unique_ptr<runtime_shell::AgentService>> make_mllp_service(
    runtime_shell::ServicePlace place, std::string& problem) {
    const auto refuse = [&](std::string words) {
        problem = "agent.toml, [services.mllp]: " + std::move(words);
        return fail(ErrorCode::bad_value);
    };
    static constexpr std::array<std::string_view, 6> known{
        "listen", "agency", "area", "certificate", "key", "client_authority"};
    for (const auto& [name, value] : place.settings) {
        if (std::ranges::find(known, name) == known.end())
            return refuse(name + " is no setting of this section");
    }
    const auto setting = [&](std::string_view name) {
        const auto found = place.settings.find(name);
        return found == place.settings.end() ? std::string() : found->second;
    };
    const auto path = [&](std::string_view name) -> std::filesystem::path {
        const std::filesystem::path given = setting(name);
        return given.empty() || given.is_absolute() ? given : place.agent_folder / given;
    };
    const std::string listen = setting("listen");
    const auto colon = listen.find_last_of(':');
    const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos || std::stoul(port) > 65535)
        return refuse("listen must be an address and a port, for example \"127.0.0.1:2575\"");
    MllpServerConfig config;
    config.address = listen.substr(0, colon);
    config.port = static_cast<std::uint16_t>(std::stoul(port));
    config.certificate = path("certificate");
    config.key = path("key");
    config.client_authority = path("client_authority");
    if (config.certificate.empty() != config.key.empty())
        return refuse("certificate and key belong together: give both, or neither");
    if (config.certificate.empty() && !http::is_loopback(config.address))
        return refuse(
            "listen is not the loopback address, and there is no certificate and key: anybody on "
            "the network could read who is in hospital. Give both, or listen on 127.0.0.1 behind "
            "the hospital's own integration engine");
    if (config.certificate.empty() && !config.client_authority.empty())
        return refuse("client_authority needs certificate and key");
    std::string agency = setting("agency");
    if (!place.context_of(agency))
        return refuse("agency must be the id of an agency that this agent serves");
    return std::unique_ptr<runtime_shell::AgentService>(
        new MllpService(std::move(place), std::move(agency), std::move(config)));
}

}  // namespace mash::health_shell
