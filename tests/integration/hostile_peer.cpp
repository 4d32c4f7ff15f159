#include "tests/integration/hostile_peer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "common/area/keyfile.hpp"
#include "common/base/limits.hpp"
#include "common/sealing/section.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::integration {

namespace {

template <class T>
T required(Result<T> value, const char* what) {
    if (!value) throw std::runtime_error(what);
    return std::move(*value);
}

WallTime now() {
    return WallTime::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now().time_since_epoch())
                                      .count());
}

std::string_view text_of_key(ByteView key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace

HostilePeer::HostilePeer(const Area& area, const crypto::CurveKeyPair& keys)
    : context_(std::make_unique<zmq::context_t>(1)),
      socket_(*context_, zmq::socket_type::dealer),
      ends_(*context_, zmq::socket_type::pair) {
    if (zmq_socket_monitor(socket_.handle(), "inproc://peer", ZMQ_EVENT_DISCONNECTED) != 0)
        throw std::runtime_error("the peer's own connection cannot be watched");
    ends_.connect("inproc://peer");
    const auto broker = Json::parse(read_whole(area.store("police") / "broker.json"));
    const auto server =
        required(crypto::curve_from_text(broker.at("key").get<std::string>()), "broker.json");
    socket_.set(zmq::sockopt::curve_serverkey, text_of_key(server.view()));
    socket_.set(zmq::sockopt::curve_publickey, text_of_key(keys.public_key.view()));
    socket_.set(zmq::sockopt::curve_secretkey, text_of_key(keys.secret_key.reveal()));
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvhwm, 1);
    socket_.set(zmq::sockopt::rcvbuf, 4096);
    socket_.connect("tcp://127.0.0.1:" + std::to_string(area.broker_port()));
}

HostilePeer HostilePeer::as_host(const Area& area, const std::string& host) {
    // Whoever has the keys has read the store too. With another epoch the broker would take the
    // host for one that was restored, and its own agent, back at work, for another.
    wire::Hello hello;
    {
        auto store =
            required(store_sqlite::SqliteStore::open((area.store(host) / "agent.sqlite").string()),
                     "the host's store: its agent must be stopped");
        const auto row = store->view()->get(store::Space{"agent"}, {});
        if (!row) throw std::runtime_error("the host's place in time");
        Reader in(*row);
        (void)in.u8();  // version of the record
        hello.agent_epoch = in.array<16>();
        hello.receipts_sent = in.u64();
    }
    const auto file = required(
        area::load_key_file(area.folder(host) / "keys" / "host-worcestershire.key", nullptr),
        "host key");
    HostilePeer peer(area, required(file.curve("transport"), "transport key"));
    peer.hello_ = hello;
    return peer;
}

HostilePeer HostilePeer::unknown(const Area& area) {
    crypto::SystemRandom random;
    return HostilePeer(area, crypto::CurveKeyPair::generate(random));
}

void HostilePeer::send_raw(const Bytes& bytes) {
    (void)socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
}

void HostilePeer::send_parts(std::size_t count, std::size_t bytes_each) {
    const Bytes part(bytes_each, 7);
    for (std::size_t i = 0; i < count; ++i) {
        (void)socket_.send(zmq::buffer(part),
                           i + 1 < count ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
}

std::uint64_t HostilePeer::send(wire::AgentBody body) {
    const auto request = next_++;
    send_raw(wire::encode(wire::AgentFrame{request, std::move(body)}));
    return request;
}

std::optional<wire::BrokerFrame> HostilePeer::receive(std::chrono::milliseconds wait) {
    zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
    zmq::poll(&item, 1, wait);
    zmq::message_t message;
    if (!socket_.recv(message, zmq::recv_flags::dontwait)) return std::nullopt;
    const auto* data = static_cast<const std::uint8_t*>(message.data());
    auto frame = wire::decode_broker_frame(Bytes(data, data + message.size()));
    if (!frame) throw std::runtime_error("the broker sent what our own codec refuses");
    return std::move(*frame);
}

bool HostilePeer::is_cut(std::chrono::milliseconds wait) {
    // libzmq tells of the end only after what came before it was read.
    std::array<zmq::pollitem_t, 2> items{
        {{ends_.handle(), 0, ZMQ_POLLIN, 0}, {socket_.handle(), 0, ZMQ_POLLIN, 0}}};
    const auto end = std::chrono::steady_clock::now() + wait;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        zmq::poll(items.data(), items.size(), std::max(left, std::chrono::milliseconds(0)));
        if (items[0].revents != 0) return true;
        if (items[1].revents == 0) return false;
        (void)receive(std::chrono::milliseconds(0));
    }
}

std::optional<wire::BrokerBody> HostilePeer::answer(std::uint64_t request,
                                                    std::chrono::milliseconds wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    while (std::chrono::steady_clock::now() < end) {
        auto frame = receive(std::chrono::milliseconds(200));
        if (frame && frame->request == request) return std::move(frame->body);
    }
    return std::nullopt;
}

bool HostilePeer::open() {
    hello_.agent_time = now();
    const auto body = ask(hello_);
    return body && std::holds_alternative<wire::Welcome>(*body);
}

crypto::SigningKey stolen_signing_key(const Area& area, const std::string& host,
                                      const std::string& agency) {
    const auto file = required(
        area::load_key_file(area.folder(host) / "keys" / "agencies" / (agency + ".key"), nullptr),
        "agency key");
    return required(file.signing("signing"), "signing key");
}

NotificationId new_id() {
    crypto::SystemRandom random;
    return NotificationId(random.array<16>());
}

wire::RoutingFacts sighting() {
    wire::RoutingFacts facts;
    facts.sender = AgencyId("health");
    facts.sender_role = RoleId("urg");
    facts.type = TypeId("missing_episode_updated");
    facts.kind = "sighting";
    wire::Token token;
    token.kind = wire::TokenKind::nhs_dob;
    token.value.fill(5);
    facts.tokens = {token};
    facts.occurred_at = now();
    facts.level = wire::Level::unknown;
    facts.harm = wire::Harm::suspected;
    facts.purpose = wire::Purpose::inform_function;
    facts.risk_grade = "high";
    facts.agreement.status = wire::AgreementStatus::not_required;
    facts.agreement.giver = wire::Giver::unknown;
    for (const auto* view :
         {"evt.full", "evt.headline", "idn.full", "idn.match", "loc", "pro", "sfc", "voi"}) {
        facts.views_on_offer.emplace_back(view);
    }
    return facts;
}

wire::RequestPlan ask_plan(const NotificationId& id, const wire::RoutingFacts& facts) {
    wire::RequestPlan request;
    request.notification = id;
    request.facts = facts;
    request.asked_at = now();
    request.person = PersonId("service");
    request.reason = "intake";
    return request;
}

wire::Publish sealed(const wire::DisclosurePlan& plan, const wire::RoutingFacts& facts,
                     const crypto::SigningKey& key, const std::string& words) {
    crypto::SystemRandom random;
    std::map<InboxId, crypto::BoxPublicKey> keys;
    for (const auto& certificate : plan.facts.certificates) {
        const auto body =
            required(wire::decode_body<wire::InboxCertificate>(certificate.body), "certificate");
        keys.emplace(body.inbox, crypto::BoxPublicKey(body.box_public_key));
    }
    std::map<InboxId, const wire::Recipient*> parts;
    for (const auto& recipient : plan.decision.recipients) {
        for (const auto& standby : recipient.standbys) {
            if (keys.contains(standby.inbox)) parts.emplace(standby.inbox, &recipient);
        }
    }
    for (const auto& recipient : plan.decision.recipients) {
        if (keys.contains(recipient.inbox)) parts[recipient.inbox] = &recipient;
    }
    wire::Publish publish;
    auto& out = publish.notification;
    wire::Routing routing;
    routing.id = plan.notification;
    routing.plan = plan.id;
    routing.facts = facts;
    routing.sealed_at = now();
    out.routing = wire::encode_body(routing);
    std::map<ViewId, sealing::SealedWithKey> views;
    for (const auto& [inbox, recipient] : parts) {
        for (const auto& view : recipient->views) {
            if (views.contains(view)) continue;
            views.emplace(view,
                          required(sealing::seal_view(facts.sender, plan.notification, view,
                                                      view_of(std::string_view(words)), random),
                                   "seal_view"));
        }
    }
    for (const auto& [inbox, recipient] : parts) {
        wire::Cover cover;
        cover.id = plan.notification;
        cover.sender = facts.sender;
        cover.recipient = inbox;
        cover.type = facts.type;
        cover.kind = facts.kind;
        cover.thread = ThreadId(plan.notification.value());
        cover.occurred_at = facts.occurred_at;
        cover.basis = recipient->basis;
        cover.rule = recipient->rule;
        cover.policy_version = plan.facts.policy_version;
        cover.withheld = recipient->withheld;
        if (!cover.withheld.empty()) cover.ask = "01632 960202";
        std::vector<const sealing::SealedWithKey*> granted;
        for (const auto& view : recipient->views) granted.push_back(&views.at(view));
        auto parcel =
            required(sealing::make_parcel(cover, recipient->lane, keys.at(inbox), granted, random),
                     "make_parcel");
        parcel.signature =
            crypto::sign(key, wire::label::parcel,
                         wire::parcel_message(facts.sender, plan.notification, parcel));
        out.parcels.push_back(std::move(parcel));
    }
    for (auto& [view, one] : views) out.views.push_back(one.sealed);
    out.signature = crypto::sign(key, wire::label::notification,
                                 wire::notification_message(facts.sender, plan.notification, out));
    return publish;
}

}  // namespace mash::integration
