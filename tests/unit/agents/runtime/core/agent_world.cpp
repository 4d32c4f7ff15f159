#include "tests/unit/agents/runtime/core/agent_world.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/token_records.hpp"
#include "common/area/decide.hpp"
#include "common/area/policy.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/openapi/api_document.hpp"

namespace mash::runtime::testing {
namespace {

HostKeys make_keys(test::TestArea& area, const std::vector<std::string>& agencies,
                   crypto::SeededRandom& random) {
    HostKeys keys{crypto::StorageKey::generate(random), {}, {}, {}};
    for (const auto& name : agencies) {
        AgencyKeys own;
        own.signing.push_back(area.signing_key(AgencyId(name)).clone());
        own.box.push_back(crypto::BoxKeyPair::generate(random));
        keys.agencies.emplace(AgencyId(name), std::move(own));
    }
    return keys;
}

area::Policy policy_of(const test::TestArea& area) {
    std::string policy;
    std::string catalogue;
    for (const auto& document : area.documents()) {
        if (document.kind == wire::DocumentKind::policy)
            policy = std::string(text_of(document.body));
        if (document.kind == wire::DocumentKind::catalogue)
            catalogue = std::string(text_of(document.body));
    }
    std::vector<area::PolicyFault> faults;
    auto parsed = area::Policy::parse(policy, "policy.toml", catalogue, "catalogue.toml", faults);
    CHECK(parsed.has_value());
    return std::move(*parsed);
}

/// The request as it comes over HTTP; nothing: it never does.
std::optional<test::ApiCall> api_call(const ApiRequest& request) {
    using Kind = ApiRequest::Kind;
    static const std::map<Kind, std::pair<const char*, const char*>> paths{
        {Kind::sent_list, {"GET", "sent"}},
        {Kind::sent_one, {"GET", "sent/*"}},
        {Kind::sent_content, {"GET", "sent/*/content"}},
        {Kind::drafts_list, {"GET", "drafts"}},
        {Kind::draft_save, {"POST", "drafts"}},
        {Kind::draft_one, {"GET", "drafts/*"}},
        {Kind::draft_delete, {"DELETE", "drafts/*"}},
        {Kind::recall, {"POST", "sent/*/recall"}},
        {Kind::received_list, {"GET", "received"}},
        {Kind::received_one, {"GET", "received/*"}},
        {Kind::taken, {"POST", "received/*/taken"}},
        {Kind::decided, {"POST", "received/*/decided"}},
        {Kind::held_list, {"GET", "held"}},
        {Kind::held_answer, {"POST", "held/*"}},
        {Kind::release, {"POST", "sent/*/release"}},
        {Kind::tasks_list, {"GET", "tasks"}},
        {Kind::task_answer, {"POST", "tasks/*"}},
        {Kind::status, {"GET", "status"}},
        {Kind::person_add, {"POST", "people"}},
        {Kind::person_remove, {"DELETE", "people/*"}},
        {Kind::conflict_add, {"POST", "conflicts"}},
        {Kind::conflicts_list, {"GET", "conflicts"}},
        {Kind::conflict_end, {"DELETE", "conflicts/*"}},
        {Kind::rolls_list, {"GET", "rolls"}},
        {Kind::roll_answer, {"POST", "rolls/*"}},
        {Kind::decisions_list, {"GET", "decisions"}},
        {Kind::decision_one, {"GET", "decisions/*"}},
        {Kind::decision_replay, {"GET", "decisions/*/replay"}},
        {Kind::access_log, {"GET", "access-log"}},
        {Kind::keys, {"GET", "keys"}},
        {Kind::inbox_rotate, {"POST", "inboxes/*/rotate"}},
        {Kind::unconfirmed_list, {"GET", "unconfirmed"}},
        {Kind::agreement_add, {"POST", "agreements"}},
        {Kind::agreements_list, {"GET", "agreements"}},
        {Kind::agreement_one, {"GET", "agreements/*"}},
        {Kind::agreement_withdraw, {"POST", "agreements/*/withdraw"}},
        {Kind::stopped, {"POST", "received/*/stopped"}},
        {Kind::attached, {"POST", "received/*/attached"}},
        {Kind::me, {"GET", "me"}},
        {Kind::catalogue, {"GET", "catalogue"}},
        {Kind::preview, {"POST", "notifications/preview"}},
        {Kind::colleagues, {"GET", "colleagues"}},
        {Kind::assigned, {"POST", "received/*/assigned"}},
        {Kind::case_number, {"POST", "received/*/case-number"}},
        {Kind::chronology, {"GET", "chronology"}},
        {Kind::search, {"POST", "search"}},
        {Kind::care_status, {"POST", "care-status"}},
        {Kind::account_remove, {"DELETE", "people/*/account"}},
        {Kind::questions_list, {"GET", "questions"}},
        {Kind::question_one, {"GET", "questions/*"}},
        {Kind::question_look, {"POST", "questions/*/look"}},
        {Kind::question_answer, {"POST", "questions/*/answer"}},
        {Kind::question_take_back, {"POST", "questions/*/take-back"}},
    };
    if (request.kind == Kind::account_read || request.kind == Kind::account_write ||
        request.kind == Kind::account_reset || request.kind == Kind::known_changes ||
        request.kind == Kind::intake_reader)
        return std::nullopt;
    const auto& [method, pattern] = paths.at(request.kind);
    std::string path = std::string("/api/v1/") + pattern;
    if (const auto star = path.find('*'); star != std::string::npos) path.replace(star, 1, "id");
    test::ApiCall call;
    call.method = method;
    call.path = std::move(path);
    if (request.filter.contains("export")) {
        call.method = "POST";
        call.path += "/export";
    }
    call.request_body = request.body.reveal();
    return call;
}

/// Every answer of these tests is what openapi.yaml says.
void expect_as_documented(test::ApiCall call, const ApiReply& reply) {
    call.status = reply.status;
    call.body = reply.json.reveal();
    for (const auto& fault : test::ApiDocument::of_tree().faults_of(call)) ADD_FAILURE() << fault;
}

}  // namespace

TestHost::TestHost(test::TestArea& area, const Now& now, std::string host,
                   std::vector<std::string> agencies, std::uint64_t seed)
    : id(std::move(host)),
      keys([&] {
          crypto::SeededRandom random(seed, "keys");
          return make_keys(area, agencies, random);
      }()),
      recovery([&] {
          crypto::SeededRandom random(seed, "recovery");
          return crypto::BoxKeyPair::generate(random);
      }()),
      now_(now),
      entropy_(seed, "entropy") {
    crypto::SeededRandom random(seed, "tokens");
    keys.recovery = recovery.public_key;
    const auto token = crypto::BearerToken::generate(random);
    keys.service_token = crypto::token_verifier(token);
    service_token = text_of_credential(service_person(), token);
    config.area = area.id;
    config.root = area.root();
    config.host = id;
    for (const auto& name : agencies) config.agencies.emplace_back(name);
    config.area_telephone = "01632 960000";
    restart();
}

void TestHost::restart() {
    core_ = std::make_unique<Core>(config, keys);
    auto transaction = store.begin();
    ASSERT_TRUE(core_->load(now_, *transaction).has_value());
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    out.clear();
}

std::vector<Effect> TestHost::give_input(Input input) {
    input.entropy = entropy_.array<32>();
    auto transaction = store.begin();
    auto effects = core_->step(now_, {&input, 1}, *transaction);
    if (transaction->failed()) {
        ADD_FAILURE() << "store failed in " << transaction->failure().space << ": "
                      << transaction->failure().detail;
    }
    EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
    for (const auto& effect : effects) {
        if (const auto* send = std::get_if<SendFrame>(&effect)) {
            out.push_back(*send);
        } else {
            seen.push_back(effect);
        }
    }
    return effects;
}

ApiReply TestHost::ask(ApiRequest::Kind kind, const PersonalText& credential, std::string id_text,
                       std::string body, std::string inbox) {
    ApiRequest request;
    request.kind = kind;
    request.credential = credential;
    request.id = std::move(id_text);
    request.body = PersonalText(std::move(body));
    request.inbox = InboxId(std::move(inbox));
    return ask(std::move(request));
}

ApiReply TestHost::ask(ApiRequest request) {
    request.reply = next_reply_++;
    const auto call = api_call(request);
    for (const auto& effect : give(std::move(request))) {
        if (const auto* reply = std::get_if<ApiReply>(&effect)) {
            if (call) expect_as_documented(*call, *reply);
            return *reply;
        }
    }
    ADD_FAILURE() << "no reply";
    return {};
}

PersonalText TestHost::add_person(const std::string& name, const std::string& agency,
                                  const std::vector<std::string>& inboxes,
                                  const std::vector<std::string>& roles) {
    const nlohmann::json body{{"name", name},
                              {"agency", agency},
                              {"inboxes", inboxes},
                              {"roles", roles},
                              {"recovery_key", to_base64url(recovery.secret_key.reveal())}};
    const auto reply = ask(ApiRequest::Kind::person_add, PersonalText(""), "", body.dump());
    EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
    if (reply.status != 201) return PersonalText("");
    return PersonalText(nlohmann::json::parse(reply.json.reveal()).at("token").get<std::string>());
}

bool TestHost::has_alarm(Alarm::Kind kind) const {
    std::map<NotificationId, bool> raised;
    for (const auto& alarm : seen_of<Alarm>()) {
        if (alarm.kind == kind) raised[alarm.notification] = !alarm.cleared;
    }
    return std::any_of(raised.begin(), raised.end(), [](const auto& one) { return one.second; });
}

// ---- the broker, played by hand ----

wire::DisclosurePlan HandBroker::plan_for(const wire::RequestPlan& request) {
    const auto policy = policy_of(area_);
    const auto& registry = area_.registry();
    wire::DisclosurePlan plan;
    plan.id = PlanId(random_.array<16>());
    plan.notification = request.notification;
    plan.facts.decided_at = now_.wall;
    plan.facts.policy_version = area_.policy_version();
    plan.facts.registry_version = registry.version;
    plan.facts.thread_seats = request.facts.thread_seats;
    plan.facts.authorisations = request.authorisations;
    plan.facts.floor = request.floor || says_not_fresh;
    const auto& kind = registry.find_agency(request.facts.sender)->kind;
    for (const auto& claim : claims) {
        const auto body = wire::decode_body<wire::InvolvementClaim>(claim.body);
        if (!body) continue;
        const auto& claimant = registry.find_agency(body->agency)->kind;
        if (area::link(request.facts.tokens, *body, claimant) != area::Link::linked) continue;
        if (!area::row_uses_relation(request.facts, kind, body->relation, policy, now_.wall))
            continue;
        if (!area::may_know_involved(kind, request.facts.sender_role, body->relation, policy))
            continue;
        plan.facts.claims.push_back(claim);
    }
    const auto input =
        area::facts_for(request.notification, request.facts, plan.facts, registry, policy);
    EXPECT_TRUE(input.has_value()) << (input ? "" : name_of(input.error()));
    if (input) plan.decision = area::decide(*input, registry, policy);
    for (const auto& [inbox, certificate] : certificates) {
        const bool named =
            std::ranges::any_of(plan.decision.recipients, [&](const wire::Recipient& recipient) {
                return recipient.inbox == inbox ||
                       std::ranges::any_of(recipient.standbys, [&](const auto& standby) {
                           return standby.inbox == inbox;
                       });
            });
        if (named) plan.facts.certificates.push_back(certificate);
    }
    plan.expires_at = now_.wall + limits::plan_validity;
    return plan;
}

wire::Accepted HandBroker::accepted(const NotificationId& id, const AgencyId& sender,
                                    const Digest& digest) {
    wire::AcceptedBody body;
    body.id = id;
    body.sender = sender;
    body.digest = digest;
    body.accepted_at = now_.wall;
    wire::Accepted out;
    out.body = wire::encode_body(body);
    out.signature = crypto::sign(area_.broker_key(), wire::label::accepted, out.body);
    return out;
}

wire::Delivery HandBroker::delivery_of(const wire::SealedNotification& sealed,
                                       const NotificationId& id, const wire::Recipient& recipient,
                                       const InboxId& inbox) {
    const auto routing = wire::decode_body<wire::Routing>(sealed.routing);
    CHECK(routing.has_value());
    wire::StatementBody statement;
    statement.id = id;
    statement.sender = routing->facts.sender;
    statement.inbox = inbox;
    statement.seat = recipient.seat;
    statement.type = routing->facts.type;
    statement.act = recipient.act;
    statement.urgency = recipient.urgency;
    statement.lane = recipient.lane;
    statement.take_by = recipient.take_by;
    statement.estimated = recipient.estimated;
    statement.accepted_at = now_.wall;
    statement.route = recipient.route;
    wire::Delivery delivery;
    delivery.id = DeliveryId(random_.array<16>());
    delivery.statement = wire::encode_body(statement);
    delivery.statement_signature =
        crypto::sign(area_.broker_key(), wire::label::statement, delivery.statement);
    delivery.parcel = *std::ranges::find(sealed.parcels, inbox, &wire::Parcel::recipient);
    for (const auto& view : sealed.views) {
        if (std::ranges::find(delivery.parcel.views, view.view, &wire::ViewDigest::view) !=
            delivery.parcel.views.end()) {
            delivery.views.push_back(view);
        }
    }
    return delivery;
}

std::vector<wire::BrokerFrame> HandBroker::answer(const HostId& from,
                                                  const wire::AgentFrame& frame) {
    auto frames = answer_to(from, frame);
    if (store_start == std::array<std::uint8_t, 16>{}) return frames;
    for (auto& one : frames) stated[from] = one.commit_serial = ++commit_serial;
    return frames;
}

std::vector<wire::BrokerFrame> HandBroker::answer_to(const HostId& from,
                                                     const wire::AgentFrame& frame) {
    if (swallow && swallow(from, frame.body)) return {};
    const auto one = [&](wire::BrokerBody body) {
        return std::vector<wire::BrokerFrame>{{frame.request, std::move(body)}};
    };
    if (refuse) {
        if (const auto code = refuse(frame.body)) {
            wire::ErrorFrame error;
            error.code = *code;
            // What a broker says of a plan that rests on a word which does not count.
            if (*code == ErrorCode::not_entitled &&
                std::holds_alternative<wire::RequestPlan>(frame.body))
                error.detail = "another_person";
            return one(std::move(error));
        }
    }
    if (const auto* question = std::get_if<wire::EvaluateTokens>(&frame.body)) {
        token_questions.push_back(*question);
        const auto key = token_keys.find(question->key_epoch);
        if (key == token_keys.end()) {
            wire::ErrorFrame error;
            error.code = ErrorCode::unknown_key;
            return one(std::move(error));
        }
        auto evaluation =
            key->second.evaluate(crypto::OprfMode::verifiable, question->blinded, random_);
        CHECK(evaluation.has_value());
        return one(wire::EvaluatedTokens{question->key_epoch, std::move(evaluation->elements),
                                         evaluation->proof.value()});
    }
    if (const auto* hello = std::get_if<wire::Hello>(&frame.body)) {
        hellos.push_back(*hello);
        wire::Welcome welcome;
        welcome.area = area_.id;
        welcome.host = from;
        welcome.broker_time = now_.wall;
        welcome.store_epoch = store_epoch;
        welcome.commit_serial = ++commit_serial;
        welcome.store_start = store_start;
        welcome.put_back = says_put_back;
        welcome.registry_version = area_.registry().version;
        welcome.policy_version = area_.policy_version();
        welcome.freshness_version = area_.documents().back().version;
        return one(std::move(welcome));
    }
    if (const auto* fetch = std::get_if<wire::FetchSigned>(&frame.body)) {
        wire::SignedDocuments documents;
        for (const auto& document : area_.documents()) {
            if (std::ranges::find(fetch->kinds, document.kind) != fetch->kinds.end())
                documents.documents.push_back(document);
        }
        return one(std::move(documents));
    }
    if (const auto* publish = std::get_if<wire::PublishInboxKey>(&frame.body)) {
        const auto body = wire::decode_body<wire::InboxCertificate>(publish->certificate.body);
        CHECK(body.has_value());
        certificates[body->inbox] = publish->certificate;
        return one(wire::Done{});
    }
    if (const auto* request = std::get_if<wire::RequestPlan>(&frame.body)) {
        plan_requests.push_back(*request);
        auto plan = plan_for(*request);
        plans[request->notification] = {plan, request->facts};
        if (tamper_plan) tamper_plan(plan);
        return one(std::move(plan));
    }
    if (const auto* publish = std::get_if<wire::Publish>(&frame.body)) {
        publishes.push_back(*publish);
        const auto routing = wire::decode_body<wire::Routing>(publish->notification.routing);
        CHECK(routing.has_value());
        const auto& sender = routing->facts.sender;
        const Digest digest = wire::notification_digest(sender, routing->id, publish->notification);
        const bool first = published.emplace(routing->id, publish->notification).second;
        if (first && delivers) {
            for (const auto& recipient : plans.at(routing->id).plan.decision.recipients) {
                if (!certificates.contains(recipient.inbox)) continue;
                auto delivery =
                    delivery_of(publish->notification, routing->id, recipient, recipient.inbox);
                delivered[routing->id].push_back(delivery);
                queue(area_.registry().agency_of_inbox(recipient.inbox)->host, std::move(delivery));
            }
        }
        if (loses_accepted) return {};
        return one(accepted(routing->id, sender, digest));
    }
    if (const auto* supplement = std::get_if<wire::Supplement>(&frame.body)) {
        supplements.push_back(*supplement);
        const auto& added = supplement->added;
        const auto routing = wire::decode_body<wire::Routing>(added.routing);
        CHECK(routing.has_value());
        const auto& sender = routing->facts.sender;
        const bool first = supplemented.insert(routing->plan).second;
        for (const auto& recipient : plans.at(routing->id).plan.decision.recipients) {
            const bool is_added =
                std::ranges::find(added.parcels, recipient.inbox, &wire::Parcel::recipient) !=
                added.parcels.end();
            if (!first || !delivers || !is_added) continue;
            auto delivery = delivery_of(added, routing->id, recipient, recipient.inbox);
            delivered[routing->id].push_back(delivery);
            queue(area_.registry().agency_of_inbox(recipient.inbox)->host, std::move(delivery));
        }
        if (loses_accepted) return {};
        return one(
            accepted(routing->id, sender, wire::supplement_digest(sender, routing->id, added)));
    }
    if (const auto* sent = std::get_if<wire::Receipts>(&frame.body)) {
        receipts.push_back(*sent);
        const auto body = wire::decode_body<wire::ReceiptsBody>(sent->body);
        CHECK(body.has_value());
        queue(area_.registry().find_agency(body->sender)->host,
              wire::Receipts{sent->body, sent->signature, {}, {}});
        return one(wire::ReceiptsAck{body->batch});
    }
    if (const auto* roll = std::get_if<wire::ReplaceRoll>(&frame.body)) {
        if (roll->part == 0) claims.clear();
        claims.insert(claims.end(), roll->claims.begin(), roll->claims.end());
        return one(wire::ClaimsAccepted{
            roll->serial, roll->part, static_cast<std::uint32_t>(claims.size()), 0, {}, {}});
    }
    others.push_back(frame.body);
    if (const auto* words = std::get_if<wire::DeciderWords>(&frame.body)) {
        for (const auto& copy : words->sealed)
            queue(area_.registry().find_agency(copy.agency)->host,
                  wire::DeciderWords{words->body, words->signature, {copy}});
    }
    if (const auto* recall = std::get_if<wire::Recall>(&frame.body)) {
        const auto body = wire::decode_body<wire::RecallBody>(recall->body);
        CHECK(body.has_value());
        for (const auto& delivery : delivered[body->notification]) {
            const auto statement = wire::decode_body<wire::StatementBody>(delivery.statement);
            if (!body->inbox.empty() && body->inbox != statement->inbox) continue;
            wire::RecallNotice notice;
            notice.delivery = delivery.id;
            notice.inbox = statement->inbox;
            notice.seat = statement->seat;
            notice.body = recall->body;
            notice.signature = recall->signature;
            queue(area_.registry().agency_of_inbox(statement->inbox)->host, std::move(notice));
        }
    }
    if (const auto* withdrawn = std::get_if<wire::WithdrawAgreement>(&frame.body)) {
        const auto body = wire::decode_body<wire::WithdrawalBody>(withdrawn->body);
        CHECK(body.has_value());
        for (const auto& delivery : delivered[body->notification]) {
            const auto statement = wire::decode_body<wire::StatementBody>(delivery.statement);
            queue(area_.registry().agency_of_inbox(statement->inbox)->host,
                  wire::WithdrawalNotice{delivery.id, statement->inbox, statement->seat,
                                         withdrawn->body, withdrawn->signature});
        }
    }
    if (std::holds_alternative<wire::Credit>(frame.body) ||
        std::holds_alternative<wire::ReceiptsAck>(frame.body))
        return {};
    return one(wire::Done{});
}

// ---- the world ----

AgentWorld::AgentWorld(std::uint64_t seed)
    : area(seed),
      broker(area, now),
      police(area, now, "police", {"police-wm"}, seed + 1),
      hub(area, now, "hub", {"hub"}, seed + 2),
      schools(area, now, "schools", {"orchard-gate", "teme-meadow"}, seed + 3) {
    // One pepper, sealed to each agency of a host that we run.
    crypto::SeededRandom random(seed, "pepper");
    const auto pepper = crypto::SecretBytes::random(32, random);
    area.change_registry(
        [&](area::Registry& registry) {
            for (auto* host : {&police, &hub, &schools}) {
                for (const auto& [agency, keys] : host->keys.agencies) {
                    auto& entry = registry.agencies.at(agency);
                    entry.box_public_key = keys.box.front().public_key.value();
                    auto sealed =
                        crypto::seal_to(keys.box.front().public_key, pepper.reveal(), random);
                    CHECK(sealed.has_value());
                    entry.sealed_pepper = std::move(*sealed);
                }
            }
        },
        now.wall);
}

void AgentWorld::list_token_key(std::uint16_t epoch) {
    crypto::SeededRandom random(epoch, "token-key");
    auto key = crypto::OprfKey::generate(random);
    const auto pepper = crypto::SecretBytes::random(32, random);
    area.change_registry(
        [&](area::Registry& registry) {
            registry.broker.token_keys.push_back({epoch, now.wall, key.public_key()});
            if (epoch == 1) return;
            for (auto* host : {&police, &hub, &schools}) {
                for (const auto& [agency, keys] : host->keys.agencies) {
                    auto sealed =
                        crypto::seal_to(keys.box.front().public_key, pepper.reveal(), random);
                    CHECK(sealed.has_value());
                    registry.agencies.at(agency).next_pepper =
                        area::SealedPepper{epoch, std::move(*sealed)};
                }
            }
        },
        now.wall);
    broker.token_keys.insert_or_assign(epoch, std::move(key));
    for (auto& [id, host] : connected_) host->give(FrameIn{{0, wire::DocumentsChanged{}}});
    settle();
}

void AgentWorld::finish_token_change(std::uint16_t epoch) {
    area.change_registry(
        [&](area::Registry& registry) {
            std::erase_if(registry.broker.token_keys,
                          [&](const auto& listed) { return listed.epoch != epoch; });
            for (auto& [id, agency] : registry.agencies) {
                if (!agency.next_pepper) continue;
                agency.sealed_pepper = agency.next_pepper->sealed;
                agency.pepper_epoch = epoch;
                agency.next_pepper.reset();
            }
        },
        now.wall);
    for (auto& [id, host] : connected_) host->give(FrameIn{{0, wire::DocumentsChanged{}}});
    settle();
}

void AgentWorld::connect(TestHost& host) {
    connected_[host.id] = &host;
    host.give(LinkUp{});
    settle();
}

void AgentWorld::settle() {
    for (int rounds = 0; rounds < 200; ++rounds) {
        bool quiet = true;
        for (auto& [id, host] : connected_) {
            auto frames = std::move(host->out);
            host->out.clear();
            for (const auto& sent : frames) {
                quiet = false;
                // Through the codec, as on the wire: what does not encode or decode does not
                // travel.
                auto frame = wire::decode_agent_frame(wire::encode(sent.frame));
                ASSERT_TRUE(frame.has_value())
                    << name_of(frame.error()) << " in frame " << sent.frame.body.index();
                for (auto& answer : broker.answer(id, *frame))
                    host->give(FrameIn{std::move(answer)});
            }
            auto queued = std::move(broker.queued[id]);
            broker.queued[id].clear();
            for (auto& frame : queued) {
                quiet = false;
                host->give(FrameIn{std::move(frame)});
            }
        }
        if (quiet) return;
    }
    FAIL() << "they talk for ever";
}

void AgentWorld::tick() {
    for (auto& [id, host] : connected_) host->give(Tick{});
    settle();
}

void AgentWorld::pass(std::chrono::milliseconds time) {
    now.steady = now.steady + time;
    now.wall = now.wall + time;
    tick();
}

NotificationId AgentWorld::send(TestHost& host, Notification notification) {
    Submit submit;
    submit.reply = 7;
    submit.notification = std::move(notification);
    submit.person = service_person();
    submit.reason = "intake";
    NotificationId id;
    for (const auto& effect : host.give(std::move(submit))) {
        if (const auto* done = std::get_if<Submitted>(&effect)) id = done->id;
        if (const auto* rejected = std::get_if<SubmitRejected>(&effect)) {
            ADD_FAILURE() << "rejected: " << name_of(rejected->code);
            for (const auto& fault : rejected->faults)
                ADD_FAILURE() << fault.path << " " << fault.rule;
        }
    }
    settle();
    return id;
}

Notification AgentWorld::missing_child(const std::string& ref, const std::string& type) {
    Notification notification;
    notification.source_ref = ref;
    notification.agency = AgencyId("police-wm");
    notification.role = RoleId("pol");
    notification.facts.type = TypeId(type);
    notification.facts.occurred_at = now.wall - std::chrono::minutes(30);
    notification.facts.risk_grade = "high";
    notification.thread_ref = "misper";
    notification.subject.nhs_number = PersonalText("9990000018");
    notification.subject.forename = PersonalText("Canarychild");
    notification.subject.surname = PersonalText("Canaryfamily");
    notification.subject.date_of_birth = PersonalText("2013-04-05");
    const auto text = [](const char* words) { return PersonalText(nlohmann::json(words).dump()); };
    notification.sections["idn"]["forenames"] = text("Canarychild");
    notification.sections["idn"]["surname"] = text("Canaryfamily");
    notification.sections["idn"]["nhs_number"] = text("9990000018");
    notification.sections["evt"]["what"] = text("Canaryheadline: missing since morning");
    notification.sections["evt"]["details"] = text("Canarydetails of the quarrel");
    notification.sections["loc"]["last_seen_place"] = text("Canaryplace by the river");
    notification.sections["rsk"]["grade"] = text("high");
    notification.sections["rsk"]["factors"] = text("Canaryfactors");
    return notification;
}

void AgentWorld::connect_all() {
    connect(hub);
    connect(schools);
    connect(police);
    claim_school_roll(schools);
}

Notification AgentWorld::detrimental_child() {
    auto notification = missing_child();
    notification.facts.detriment = {{AgencyId("orchard-gate"), RoleId("sch")}};
    return notification;
}

wire::Task AgentWorld::give_gap_task() {
    wire::Task task;
    task.id = test::id_of<TaskId>(4);
    task.kind = wire::TaskKind::not_connected;
    task.owner = {AgencyId("hub"), RoleId("ffd")};
    task.notification = test::id_of<NotificationId>(5);
    task.sender = AgencyId("police-wm");
    task.type = TypeId("missing_episode_started");
    task.role = RoleId("mco");
    task.due = now.wall + std::chrono::hours(1);
    hub.give(FrameIn{{0, wire::TaskNotice{task}}});
    return task;
}

void AgentWorld::claim_school_roll(TestHost& host) {
    ReplaceRoll roll;
    roll.reply = 9;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    RollEntry entry;
    entry.subject = missing_child().subject;
    entry.source_ref = "roll:1";
    roll.entries.push_back(std::move(entry));
    host.give(std::move(roll));
    settle();
}

std::string everything_stored(store::MemoryStore& store) {
    const auto view = store.view();
    std::string all;
    const auto add = [&](store::Space space) {
        view->scan(space, {}, [&](ByteView key, ByteView value) {
            all += text_of(key);
            all += text_of(value);
            return true;
        });
    };
    for (const auto space : {table::agent.space(),
                             table::documents.space(),
                             table::outbox.space(),
                             table::outbox_open.space(),
                             table::supplements.space(),
                             table::supplements_sealed.space(),
                             table::outbox_watch.space(),
                             table::outbox_thread.space(),
                             table::views_sent.space(),
                             table::outbox_sealed.space(),
                             table::source_refs.space(),
                             table::thread_refs.space(),
                             table::event_refs.space(),
                             table::rungs.space(),
                             table::inbox.space(),
                             table::inbox_sealed.space(),
                             table::receipts.space(),
                             table::errands.space(),
                             table::claims.space(),
                             table::people.space(),
                             table::inbox_keys.space(),
                             table::member_keys.space(),
                             table::access.space(),
                             table::decisions.space(),
                             table::decisions_of.space(),
                             table::documents_kept.space(),
                             sealed::decision,
                             sealed::notification,
                             sealed::passed_on,
                             sealed::reason,
                             sealed::person_name,
                             sealed::inbox_secret,
                             sealed::handover,
                             table::agreements.space(),
                             table::agreements_ahead.space(),
                             table::rung_in_thread.space(),
                             sealed::agreement,
                             table::pending_rolls.space(),
                             table::pending_entries.space(),
                             table::conflicts_open.space(),
                             table::tokens_late.space(),
                             table::token_outputs_kept.space(),
                             sealed::token_output,
                             sealed::roll_identity,
                             sealed::roll_pending,
                             sealed::roll_waiting,
                             sealed::conflict}) {
        add(space);
    }
    return all;
}

std::vector<wire::ReceiptEntry> entries_of(const wire::Receipts& receipts) {
    const auto body = wire::decode_body<wire::ReceiptsBody>(receipts.body);
    CHECK(body.has_value());
    return body->entries;
}

std::string text_of_reply(const ApiReply& reply) {
    return std::to_string(reply.status) + " " + reply.json.reveal();
}

}  // namespace mash::runtime::testing
