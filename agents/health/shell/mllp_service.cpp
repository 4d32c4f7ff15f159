#include "agents/health/shell/mllp_service.hpp"

#include <array>

#include "agents/health/shell/listener_section.hpp"
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
    const ListenerSection section(place, "services.mllp", problem);
    static constexpr std::array<std::string_view, 6> known{
        "listen", "agency", "area", "certificate", "key", "client_authority"};
    MASH_TRY_VOID(section.allow_only(known));
    MASH_TRY(at, section.listen("127.0.0.1:2575"));
    MllpServerConfig config;
    config.address = std::move(at.address);
    config.port = at.port;
    config.certificate = section.path("certificate");
    config.key = section.path("key");
    config.client_authority = section.path("client_authority");
    if (config.certificate.empty() != config.key.empty())
        return section.refuse("certificate and key belong together: give both, or neither");
    if (config.certificate.empty() && !http::is_loopback(config.address))
        return section.refuse(
            "listen is not the loopback address, and there is no certificate and key: anybody on "
            "the network could read who is in hospital. Give both, or listen on 127.0.0.1 behind "
            "the hospital's own integration engine");
    if (config.certificate.empty() && !config.client_authority.empty())
        return section.refuse("client_authority needs certificate and key");
    MASH_TRY(agency, section.agency());
    return std::unique_ptr<runtime_shell::AgentService>(
        new MllpService(std::move(place), std::move(agency), std::move(config)));
}

}  // namespace mash::health_shell
