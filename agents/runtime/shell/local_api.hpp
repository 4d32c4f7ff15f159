// The local REST interface (openapi.yaml): paths to inputs of the core, effects of the core to
// answers. Knows no rule.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agents/runtime/shell/core_loop.hpp"
#include "agents/runtime/shell/replies.hpp"
#include "common/http/server.hpp"

namespace mash::runtime_shell {

/// One area behind the interface; `?area=` chooses, the first is the default.
struct ApiArea {
    AreaId area;
    CoreLoop* loop = nullptr;
    Replies* replies = nullptr;
};

/// What the interface answers: a method, and a path in which '*' stands for one part, the id.
/// openapi.yaml describes exactly these (tests/openapi).
struct Operation {
    enum class Target : std::uint8_t { metrics, document, health, submit, core };
    std::string_view method;
    std::string_view pattern;
    Target target = Target::core;
    runtime::ApiRequest::Kind kind{};  ///< of the core's
};
std::span<const Operation> operations();

class LocalApi {
public:
    /// `metrics` gives the Prometheus text of /metrics; `openapi` the document of
    /// /api/v1/openapi.yaml.
    LocalApi(std::vector<ApiArea> areas, std::function<std::string()> metrics, std::string openapi);
    void handle(const http::Request& request, const http::Server::Respond& respond) const;

private:
    void answer(const Operation& operation, const http::Request& request, std::string id,
                const http::Server::Respond& respond) const;
    const ApiArea* area_of(const http::Request& request) const;
    void submit(const ApiArea& area, const http::Request& request,
                const http::Server::Respond& respond) const;
    void ask(const ApiArea& area, runtime::ApiRequest::Kind kind, const http::Request& request,
             std::string id, const http::Server::Respond& respond) const;

    std::vector<ApiArea> areas_;
    std::function<std::string()> metrics_;
    std::string openapi_;
};

}  // namespace mash::runtime_shell
