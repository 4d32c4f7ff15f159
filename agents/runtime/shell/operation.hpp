// What the local interface answers, and an area behind it.
#pragma once

#include <cstdint>
#include <span>
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

/// A method, and a path in which '*' stands for one part, the id. openapi.yaml describes exactly
/// these (tests/openapi).
struct Operation {
    enum class Target : std::uint8_t {
        metrics,
        document,
        health,
        submit,
        core,
        take_away,  ///< the same of the core's, as a file that leaves the desk
        events,     ///< goes on
        // what the intake could not use
        rejected_list,
        rejected_read,
        rejected_mend,
        rejected_set_aside,
        account_reset,  ///< of a colleague's account
        // at the door of the console
        account_make,
        session_begin,
        second_factor_change,
        // of a session
        session_read,
        session_end,
        session_confirm,
        passphrase_change
    };
    std::string_view method;
    std::string_view pattern;
    Target target = Target::core;
    runtime::ApiRequest::Kind kind{};  ///< of the core's
};
std::span<const Operation> operations();

/// {"error":{code,message,next}}.
http::Response error_response(int status, std::string_view code, std::string_view message,
                              std::string_view next);

}  // namespace mash::runtime_shell
