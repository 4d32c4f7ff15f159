#include "tests/unit/broker/core/broker_fixture.hpp"

#include "common/wire/signing.hpp"

namespace mash::broker {

NotificationId notification(std::uint64_t number) { return test::id_of<NotificationId>(number); }

BrokerFixture::BrokerFixture(WallTime start, CoreConfig changed)
    : area(1, start), config(std::move(changed)) {
    config.area = area.id;
    config.root = area.root();
    now = {SteadyTime::from_ms(1'000'000), start};
    restart();
    load_documents();
    for (const auto& host : {police_host, hub_host, care_host, health_host, school_host}) {
        connect(host);
        for (const auto& inbox : area.inboxes_of(host))
            expect<wire::Done>(host,
                               wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall), {}});
        unasked(host);
    }
    log.clear();
}

std::vector<Effect> BrokerFixture::step(std::vector<Input> batch) {
    for (auto& input : batch) {
        const auto bytes = Writer().u64(next_entropy++).take();
        std::copy(bytes.begin(), bytes.end(), input.entropy.begin());
    }
    auto transaction = store.begin();
    auto effects = core->step(now, batch, *transaction);
    EXPECT_FALSE(transaction->failed());
    EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
    for (const auto& effect : effects) {
        if (const auto* send = std::get_if<SendFrame>(&effect)) {
            auto decoded = wire::decode_broker_frame(wire::encode(send->frame));
            EXPECT_TRUE(decoded) << "a frame of ours that its receiver would refuse, body "
                                 << send->frame.body.index();
            if (decoded) received[send->session].push_back(std::move(*decoded));
        } else if (const auto* close = std::get_if<CloseSession>(&effect)) {
            closed.push_back(*close);
            std::erase_if(sessions,
                          [&](const auto& entry) { return entry.second == close->session; });
        } else if (const auto* recorded = std::get_if<Recorded>(&effect)) {
            log.push_back(*recorded);
        }
    }
    return effects;
}

std::vector<Effect> BrokerFixture::step(Input input) { return step(std::vector{std::move(input)}); }

void BrokerFixture::tick() { step(Input{Tick{}, {}}); }

void BrokerFixture::advance(std::chrono::milliseconds by) {
    const std::chrono::milliseconds stride =
        std::max<std::chrono::milliseconds>(std::chrono::minutes(1), by / 100);
    while (by.count() > 0) {
        const auto part = std::min(by, stride);
        now.steady = now.steady + part;
        now.wall = now.wall + part;
        by -= part;
        tick();
    }
}

void BrokerFixture::load_documents() { step(Input{LoadDocuments{area.documents()}, {}}); }

void BrokerFixture::restart() {
    core = std::make_unique<Core>(config, area.broker_key());
    auto transaction = store.begin();
    EXPECT_TRUE(core->load(now, *transaction));
    EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
    sessions.clear();
}

std::string BrokerFixture::ask_operator(OperatorCommand::Kind kind, const std::string& argument,
                                        bool* ok) {
    OperatorCommand command;
    command.kind = kind;
    command.reply = 7;
    command.argument = argument;
    for (const auto& effect : step(Input{command, {}})) {
        if (const auto* reply = std::get_if<OperatorReply>(&effect)) {
            EXPECT_EQ(reply->reply, 7U);
            if (ok) *ok = reply->ok;
            return reply->json;
        }
    }
    ADD_FAILURE() << "no reply";
    return {};
}

void BrokerFixture::connect(const HostId& host, std::uint8_t agent_epoch,
                            std::uint64_t receipts_sent, bool with_credit) {
    sessions[host] = SessionId{next_session++};
    wire::Hello hello;
    hello.agent_time = now.wall;
    hello.agent_epoch.fill(agent_epoch);
    hello.receipts_sent = receipts_sent;
    expect<wire::Welcome>(host, hello);
    if (with_credit) say(host, wire::Credit{64, 4 * 1024 * 1024});
}

void BrokerFixture::disconnect(const HostId& host) {
    step(Input{SessionClosed{sessions.at(host)}, {}});
    sessions.erase(host);
}

Input BrokerFixture::frame_in(const HostId& host, wire::AgentBody body) {
    const auto session = sessions.contains(host) ? sessions.at(host) : SessionId{0};
    const wire::AgentFrame frame{next_request++, std::move(body)};
    const auto bytes = wire::encode(frame);
    auto decoded = wire::decode_agent_frame(bytes);
    if (!decoded) return Input{BadFrameIn{session, host, frame.request, decoded.error()}, {}};
    auto verified = verify(std::move(*decoded), host, *core->registry(), now.wall);
    if (!verified) return Input{BadFrameIn{session, host, frame.request, verified.error()}, {}};
    return Input{
        FrameIn{session, host, std::move(*verified), static_cast<std::uint32_t>(bytes.size())}, {}};
}

std::vector<wire::BrokerFrame> BrokerFixture::say(const HostId& host, wire::AgentBody body) {
    auto input = frame_in(host, std::move(body));
    const auto request = next_request - 1;
    const auto session = sessions.contains(host) ? sessions.at(host) : SessionId{0};
    step(std::move(input));
    std::vector<wire::BrokerFrame> answers;
    auto& all = received[session];
    for (auto it = all.begin(); it != all.end();) {
        if (it->request == request) {
            answers.push_back(std::move(*it));
            it = all.erase(it);
        } else {
            ++it;
        }
    }
    return answers;
}

wire::ErrorFrame BrokerFixture::refusal(const HostId& host, wire::AgentBody body) {
    for (auto& frame : say(host, std::move(body))) {
        if (auto* error = std::get_if<wire::ErrorFrame>(&frame.body)) return *error;
    }
    ADD_FAILURE() << "it was not refused";
    return {};
}

std::vector<wire::BrokerFrame> BrokerFixture::unasked(const HostId& host) {
    if (!sessions.contains(host)) return {};
    return std::exchange(received[sessions.at(host)], {});
}

wire::DisclosurePlan BrokerFixture::plan(const HostId& host, const NotificationId& id,
                                         const wire::RoutingFacts& facts) {
    return expect<wire::DisclosurePlan>(host, test::request_plan(id, facts, now.wall));
}

void BrokerFixture::send(const HostId& host, const NotificationId& id,
                         const wire::RoutingFacts& facts) {
    publish(host, test::seal(area, plan(host, id, facts), facts, now.wall));
}

void BrokerFixture::claim(const HostId& host, const Seat& of, const std::string& relation,
                          std::vector<wire::Token> tokens) {
    expect<wire::ClaimsAccepted>(
        host, wire::ClaimInvolvement{{area.claim(of, relation, std::move(tokens), now.wall)}});
}

void BrokerFixture::confirm(const HostId& host, const wire::Delivery& delivery, wire::Rung rung) {
    expect<wire::ReceiptsAck>(host, test::receipt(area, delivery, rung, now.wall));
}

wire::StatementBody BrokerFixture::statement(const wire::Delivery& delivery) {
    auto body = wire::decode_body<wire::StatementBody>(delivery.statement);
    EXPECT_TRUE(body);
    return body ? *body : wire::StatementBody{};
}

std::set<InboxId> BrokerFixture::recipients(const wire::DisclosurePlan& plan) {
    std::set<InboxId> inboxes;
    for (const auto& recipient : plan.decision.recipients) inboxes.insert(recipient.inbox);
    return inboxes;
}

std::vector<wire::ReceiptEntry> BrokerFixture::rungs_told(const HostId& sender) {
    std::vector<wire::ReceiptEntry> entries;
    for (const auto& receipts : unasked_of<wire::Receipts>(sender)) {
        auto body = wire::decode_body<wire::ReceiptsBody>(receipts.body);
        EXPECT_TRUE(body);
        if (body) entries.insert(entries.end(), body->entries.begin(), body->entries.end());
    }
    return entries;
}

std::size_t BrokerFixture::rows(std::string_view name) {
    using store::Space;
    static constexpr Space known[]{Space("content"),
                                   Space("content_added"),
                                   Space("agreements"),
                                   Space("queue"),
                                   Space("plans"),
                                   Space("tasks"),
                                   Space("notifications"),
                                   Space("claims"),
                                   Space("claims_by_token"),
                                   Space("asked_by_token"),
                                   Space("asked_by_item"),
                                   Space("question_weak_tokens"),
                                   Space("severed_by_token"),
                                   Space("closed_by_token"),
                                   Space("threads_waiting"),
                                   Space("held_by_inbox"),
                                   Space("plans_asked"),
                                   Space("receipts_due"),
                                   Space("notices"),
                                   Space("quarantine"),
                                   Space("earlier_copies"),
                                   Space("corrections"),
                                   Space("recalls_of_copies"),
                                   Space("questions"),
                                   Space("question_items"),
                                   Space("lapses"),
                                   Space("asked_seats"),
                                   Space("holder_questions"),
                                   Space("task_causes"),
                                   Space("decider_words"),
                                   Space("decider_words_copies"),
                                   Space("decider_words_bytes"),
                                   Space("decider_words_kept"),
                                   Space("store_starts")};
    const auto* space = std::ranges::find(known, name, &Space::name);
    if (space == std::end(known)) {
        ADD_FAILURE() << "no space is called " << name;
        return 0;
    }
    return store.view()->scan(*space, {.keys_only = true}, [](ByteView, ByteView) { return true; });
}

}  // namespace mash::broker
