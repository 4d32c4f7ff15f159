// The local REST interface (openapi.yaml): paths to inputs of the core, effects of the core to
// answers. Knows no rule.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "agents/runtime/shell/operation.hpp"

namespace mash::runtime_shell {

class Events;
class RejectedDesk;
class SignIn;

class LocalApi {
public:
    /// `metrics` gives the Prometheus text of /metrics; `openapi` the document of
    /// /api/v1/openapi.yaml. `sign_in` null: no accounts are kept, and tokens are the only way in;
    /// `events` null: nothing is told, and whoever wants to know asks; `rejected` null: no folder
    /// is read here.
    LocalApi(std::vector<ApiArea> areas, std::function<std::string()> metrics, std::string openapi,
             SignIn* sign_in = nullptr, Events* events = nullptr, RejectedDesk* rejected = nullptr);
    void handle(const http::Request& request, const http::Server::Respond& respond) const;

private:
    void answer(const Operation& operation, const http::Request& request, std::string id,
                std::optional<Digest> session, const http::Server::Respond& respond) const;
    /// Whoever is removed, or has no account any more, is signed out.
    http::Server::Respond signing_out(const Operation& operation, const ApiArea& area,
                                      const std::string& id,
                                      const http::Server::Respond& respond) const;
    const ApiArea* area_of(const http::Request& request) const;
    void submit(const ApiArea& area, const http::Request& request,
                const http::Server::Respond& respond) const;
    void ask(const ApiArea& area, const Operation& operation, const http::Request& request,
             std::string id, const http::Server::Respond& respond) const;

    std::vector<ApiArea> areas_;
    std::function<std::string()> metrics_;
    std::string openapi_;
    SignIn* sign_in_;
    Events* events_;
    RejectedDesk* rejected_;
};

}  // namespace mash::runtime_shell
