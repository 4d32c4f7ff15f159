#include "agents/runtime/core/api_error.hpp"

#include "agents/runtime/core/json.hpp"

namespace mash::runtime {

int http_status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::wrong_credential: return 401;
        case ErrorCode::not_entitled: return 403;
        case ErrorCode::not_found: return 404;
        case ErrorCode::already_exists:
        case ErrorCode::duplicate_conflict:
        case ErrorCode::decrypt_failed:
        case ErrorCode::not_available:
        case ErrorCode::held: return 409;
        case ErrorCode::expired: return 410;
        case ErrorCode::too_large: return 413;
        default: break;
    }
    // What no other request would mend is ours, and passes: 503.
    return next_step(code) == NextStep::fix_input ? 422 : 503;
}

std::string_view next_words(ErrorCode code) {
    if (code == ErrorCode::wrong_credential) {
        return "Send your own token as 'Authorization: Bearer mash1....'. If it was lost or "
               "removed, ask a colleague who "
               "is a member of the inbox, or the holder of the recovery key, to add you again.";
    }
    if (code == ErrorCode::not_entitled) {
        return "Use the token of a person who may do this. A service token only submits and reads "
               "status.";
    }
    if (code == ErrorCode::expired) {
        return "Nothing more can be done with it here, and there is nothing to correct. To know "
               "more, ring the other agency.";
    }
    switch (next_step(code)) {
        case NextStep::fix_input: return "Correct the request and send it again.";
        case NextStep::retry_later: return "Try again in a minute; nothing was lost.";
        case NextStep::reconnect:
            return "Try again in a minute; the connection is being opened again.";
        case NextStep::tell_operator: return "Tell whoever runs this agent.";
    }
    return "";
}

std::string faults_body(std::span<const InputFault> faults) {
    Json list = Json::array();
    for (const auto& fault : faults)
        list.push_back({{"path", fault.path}, {"rule", fault.rule}, {"message", fault.message}});
    return text_of_json({{"error",
                          {{"code", "not_acceptable"},
                           {"message", "Nothing was sent: each fault names its place"},
                           {"next", "Mend the fields and send it again"}}},
                         {"faults", std::move(list)}});
}

}  // namespace mash::runtime
