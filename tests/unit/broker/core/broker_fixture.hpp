// A broker core on a store in memory, talked to as hosts talk to it: every frame goes through the
// codec and verify().
#pragma once

#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "broker/core/core.hpp"
#include "common/store/memory_store.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/test_agent.hpp"

namespace mash::broker {

inline const HostId police_host{"police"};
inline const HostId hub_host{"hub"};
inline const HostId care_host{"social-care"};
inline const HostId health_host{"health"};
inline const HostId school_host{"schools"};

inline const AgencyId police{"police-wm"};
inline const AgencyId hub{"hub"};
inline const AgencyId social_care{"social-care"};
inline const AgencyId health{"health"};
inline const AgencyId orchard_gate{"orchard-gate"};

inline Seat seat(const std::string& agency, const std::string& role) {
    return {AgencyId(agency), RoleId(role)};
}

class BrokerFixture : public ::testing::Test {
protected:
    /// Documents in, everyone connected with credit, every inbox certified.
    explicit BrokerFixture(WallTime start = test::working_morning, CoreConfig changed = {});

    // ---- the machine ----
    std::vector<Effect> step(std::vector<Input> batch);
    std::vector<Effect> step(Input input);
    /// Moves both clocks, a tick each minute at most.
    void advance(std::chrono::milliseconds by);
    void tick();
    void load_documents();
    /// The process ends and starts again on the same store; nobody is connected.
    void restart();
    std::string ask_operator(OperatorCommand::Kind kind, const std::string& argument = {},
                             bool* ok = nullptr);

    // ---- hosts ----
    void connect(const HostId& host, std::uint8_t agent_epoch = 1, std::uint64_t receipts_sent = 0,
                 bool with_credit = true);
    void disconnect(const HostId& host);
    /// One frame and all that came back for it, decoded.
    std::vector<wire::BrokerFrame> say(const HostId& host, wire::AgentBody body);
    Input frame_in(const HostId& host, wire::AgentBody body);
    template <class T>
    T expect(const HostId& host, wire::AgentBody body) {
        for (auto& frame : say(host, std::move(body))) {
            if (auto* answer = std::get_if<T>(&frame.body)) return *answer;
            if (auto* error = std::get_if<wire::ErrorFrame>(&frame.body)) {
                ADD_FAILURE() << "refused: " << name_of(error->code) << " " << error->detail;
            }
        }
        ADD_FAILURE() << "no such answer";
        return {};
    }
    wire::ErrorFrame refusal(const HostId& host, wire::AgentBody body);
    ErrorCode refused(const HostId& host, wire::AgentBody body) {
        return refusal(host, std::move(body)).code;
    }
    /// What a host was sent unasked since the last call.
    std::vector<wire::BrokerFrame> unasked(const HostId& host);
    template <class T>
    std::vector<T> unasked_of(const HostId& host) {
        std::vector<T> out;
        for (auto& frame : unasked(host)) {
            if (auto* body = std::get_if<T>(&frame.body)) out.push_back(std::move(*body));
        }
        return out;
    }

    // ---- the story ----
    wire::DisclosurePlan plan(const HostId& host, const NotificationId& id,
                              const wire::RoutingFacts& facts);
    wire::Accepted publish(const HostId& host, const wire::Publish& publish) {
        return expect<wire::Accepted>(host, publish);
    }
    /// Plans, seals and publishes.
    void send(const HostId& host, const NotificationId& id, const wire::RoutingFacts& facts);
    void claim(const HostId& host, const Seat& seat, const std::string& relation,
               std::vector<wire::Token> tokens);
    void confirm(const HostId& host, const wire::Delivery& delivery, wire::Rung rung);
    static wire::StatementBody statement(const wire::Delivery& delivery);
    static std::set<InboxId> recipients(const wire::DisclosurePlan& plan);
    /// Rungs the sender has been told since the last call.
    std::vector<wire::ReceiptEntry> rungs_told(const HostId& sender);

    std::size_t rows(std::string_view space);

    test::TestArea area;
    store::MemoryStore store;
    CoreConfig config;
    std::unique_ptr<Core> core;
    Now now;
    std::map<HostId, SessionId> sessions;
    std::map<SessionId, std::vector<wire::BrokerFrame>> received;
    std::vector<CloseSession> closed;
    std::vector<Recorded> log;
    std::uint64_t next_session = 1;
    std::uint64_t next_request = 1;
    std::uint64_t next_entropy = 1;
};

NotificationId notification(std::uint64_t number);

}  // namespace mash::broker
