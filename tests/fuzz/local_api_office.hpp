// Agencies at work, so that each request of the local API has somebody who may make it and
// something to make it about; and requests as seeds write them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::fuzz {

/// A seed in text:
///     POST /api/v1/sent/*/recall     the operation, as the local API's own table names it
///     officer item                   who asks (local_api_office.cpp), of what; then the query,
///                                    name=value
///     {"reason":"wrong_child"}       the body: all the rest
/// Any other bytes are a request too: an unknown operation or person chooses one, and an unknown id
/// is the id.
class Office {
public:
    Office();
    struct Played {
        std::string operation;  ///< "POST /api/v1/sent/*/recall"
        int status = 0;
    };
    /// Makes the request. Whatever it changed is put back: each finds the same office.
    Played play(std::string_view text);

private:
    struct Asker {
        runtime::testing::TestHost* host = nullptr;
        PersonalText token;
    };
    void receive_and_hold();
    void ask_whether_it_is_the_same_child();
    void let_a_roll_wait();
    void record_agreements();
    void keep_small_things();
    runtime::ApiReply ask(const std::string& who, runtime::ApiRequest::Kind kind,
                          const std::string& id, const std::string& body);
    /// What must work, for there to be something to ask about. The value under `name`.
    std::string made(const std::string& who, runtime::ApiRequest::Kind kind, const std::string& id,
                     const std::string& body, const char* name = "id");

    runtime::testing::AgentWorld world_;
    runtime::testing::TestHost hospital_;
    std::map<std::string, Asker> people_;
    std::map<std::string, std::string> ids_;
    std::map<HostId, store::MemorySnapshot> kept_;
};

}  // namespace mash::fuzz
