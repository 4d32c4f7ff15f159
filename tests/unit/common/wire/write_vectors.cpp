// Writes tests/vectors/wire and the seeds of the wire fuzz targets from today's codec. Run by hand,
// and only when the format changes on purpose: the difference it makes is what a reviewer reads.
// What stands in a file below the line `kept` stays as it is: bytes of an earlier age, which must
// still be read, and those made by hand.
//
//   wire_vectors SOURCE_DIR
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/base/limits.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/common/wire/sample.hpp"

namespace {

using namespace mash;
using namespace mash::wire;
using mash::wire::test::Sample;
namespace fs = std::filesystem;

constexpr std::uint64_t seed = 20261121;
constexpr std::string_view kept = "# Kept as it is: of an earlier age, or made by hand.";

/// One file of vectors: the old one is read before it is written.
class VectorFile {
public:
    VectorFile(const fs::path& path, std::string_view heading) : path_(path) {
        std::ifstream old(path);
        for (std::string line; std::getline(old, line);) {
            if (!tail_.empty() || line == kept) tail_ += line + '\n';
        }
        text_ = std::string(heading) + '\n';
    }
    VectorFile(const VectorFile&) = delete;
    VectorFile& operator=(const VectorFile&) = delete;
    ~VectorFile() { std::ofstream(path_) << text_ << tail_; }

    VectorFile& operator<<(const std::string& line) {
        text_ += line;
        return *this;
    }

private:
    fs::path path_;
    std::string text_;
    std::string tail_;
};

void write_seed(const fs::path& path, const Bytes& bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

std::string line(std::initializer_list<std::string_view> words) {
    std::string out;
    for (const auto word : words) {
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out + '\n';
}

void write_refused(VectorFile& out) {
    const Sample sample(seed);
    const auto add = [&](std::string_view what, ErrorCode code, std::string_view why,
                         const Bytes& bytes) {
        out << line({what, name_of(code), why, to_hex(bytes)});
    };
    const auto agent = [&](ErrorCode code, std::string_view why, AgentBody body) {
        add("agent_frame", code, why, encode(AgentFrame{1, std::move(body)}));
    };
    out << line({"agent_frame", "malformed", "empty"});
    add("agent_frame", ErrorCode::malformed, "request_but_no_body", {0x08, 0x01});
    add("agent_frame", ErrorCode::malformed, "body_is_a_number", {0x70, 0x01});
    add("agent_frame", ErrorCode::malformed, "group", {0x73, 0x74});
    add("agent_frame", ErrorCode::malformed, "length_past_the_end", {0x72, 0x05, 0x00});
    add("agent_frame", ErrorCode::malformed, "two_bodies", {0x7A, 0x00, 0x7A, 0x00});
    add("broker_frame", ErrorCode::not_available, "body_of_a_later_version", {0xFA, 0x3F, 0x00});

    auto hello = sample.drawn<Hello>("Hello");
    hello.version_min = 0;
    agent(ErrorCode::bad_value, "version_zero", hello);
    auto plan = sample.drawn<RequestPlan>("RequestPlan");
    plan.facts.markers = {"b", "a"};
    agent(ErrorCode::bad_value, "markers_not_sorted", plan);
    plan = sample.drawn<RequestPlan>("RequestPlan");
    plan.facts.tokens.push_back(plan.facts.tokens.back());
    agent(ErrorCode::bad_value, "token_twice", plan);
    plan = sample.drawn<RequestPlan>("RequestPlan");
    plan.facts.sender = AgencyId("Police");
    agent(ErrorCode::bad_value, "name_with_a_capital", plan);
    plan = sample.drawn<RequestPlan>("RequestPlan");
    plan.notification = {};
    agent(ErrorCode::missing_field, "plan_for_no_notification", plan);
    auto publish = sample.drawn<Publish>("Publish");
    publish.notification.views.push_back(sample.drawn<SealedView>("SealedView"));
    std::ranges::sort(publish.notification.views, {}, &SealedView::view);
    agent(ErrorCode::bad_value, "view_for_nobody", publish);
    publish = sample.drawn<Publish>("Publish");
    publish.notification.parcels.push_back(publish.notification.parcels.back());
    agent(ErrorCode::bad_value, "recipient_twice", publish);
    auto roll = sample.drawn<ReplaceRoll>("ReplaceRoll");
    roll.part = roll.parts;
    agent(ErrorCode::bad_value, "part_after_the_last", roll);
    auto supplement = Sample(71).make<Supplement>();
    supplement.added.parcels.push_back(supplement.added.parcels.back());
    agent(ErrorCode::bad_value, "added_recipient_twice", supplement);

    auto tokens = Sample(72).make<EvaluateTokens>();
    tokens.blinded.clear();
    agent(ErrorCode::missing_field, "tokens_of_nothing", tokens);
    tokens.blinded.resize(limits::token_evaluations_per_frame_max + 1);
    agent(ErrorCode::too_many, "257_blinded_points", tokens);
    tokens.blinded.resize(1);
    tokens.key_epoch = 0;
    agent(ErrorCode::bad_value, "token_key_of_no_epoch", tokens);

    Bytes claim = encode_body(sample.drawn<InvolvementClaim>("InvolvementClaim"));
    add("involvement_claim", ErrorCode::malformed, "cut", Bytes(claim.begin(), claim.end() - 1));
    for (const int byte : {0xFA, 0x3F, 0x00}) claim.push_back(static_cast<std::uint8_t>(byte));
    add("involvement_claim", ErrorCode::unsupported_version, "unknown_field", claim);
    auto authorisation = sample.drawn<Authorisation>("Authorisation");
    authorisation.at = {};
    add("authorisation", ErrorCode::missing_field, "no_time", encode_body(authorisation));
    const Bytes accepted = encode_body(sample.drawn<AcceptedBody>("AcceptedBody"));
    Bytes turned(accepted.begin() + 18, accepted.end());
    turned.insert(turned.end(), accepted.begin(), accepted.begin() + 18);
    add("accepted_body", ErrorCode::malformed, "fields_in_another_order", turned);
    auto receipts = sample.drawn<ReceiptsBody>("ReceiptsBody");
    receipts.entries[0].rung = static_cast<Rung>(7);
    add("receipts_body", ErrorCode::bad_value, "unknown_rung", encode_body(receipts));
    Bytes entries;
    while (entries.size() < 2 * (limits::receipts_entries_max + 1)) {
        entries.push_back(0x22);
        entries.push_back(0x00);
    }
    add("receipts_body", ErrorCode::too_many, "257_entries", entries);
}

void write_signing(VectorFile& out) {
    const Sample sample(seed);
    const AgencyId sender("police");
    const NotificationId id(std::array<std::uint8_t, 16>{0x01, 0x9A, 0xA0, 0x00, 0x00, 0x00, 0x70,
                                                         0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00,
                                                         0x00, 0x01});
    Bytes key_seed(32);
    for (std::size_t i = 0; i < key_seed.size(); ++i) key_seed[i] = static_cast<std::uint8_t>(i);
    auto key = crypto::SigningKey::from_seed(crypto::SecretBytes::copy_of(key_seed));
    const auto add = [&](std::string_view label, const Bytes& message) {
        out << line({label, to_hex(message), to_hex(crypto::labelled_hash(label, {message})),
                     to_hex(crypto::sign(*key, label, message).view())});
    };
    const auto notification = sample.drawn<SealedNotification>("SealedNotification");
    add(label::notification, notification_message(sender, id, notification));
    add(label::parcel, parcel_message(sender, id, notification.parcels[0]));
    add(label::accepted, encode_body(sample.drawn<AcceptedBody>("AcceptedBody")));
    add(label::statement, encode_body(sample.drawn<StatementBody>("StatementBody")));
    add(label::receipts, encode_body(sample.drawn<ReceiptsBody>("ReceiptsBody")));
    auto of_broker = sample.drawn<ReceiptsBody>("ReceiptsBody");
    of_broker.from = {};
    add(label::broker_receipts, encode_body(of_broker));
    add(label::recall, encode_body(sample.drawn<RecallBody>("RecallBody")));
    add(label::claim, encode_body(sample.drawn<InvolvementClaim>("InvolvementClaim")));
    add(label::end_involvement,
        end_involvement_message(sample.drawn<EndInvolvement>("EndInvolvement")));
    add(label::inbox_certificate, encode_body(sample.drawn<InboxCertificate>("InboxCertificate")));
    add(label::person_certificate,
        encode_body(sample.drawn<PersonCertificate>("PersonCertificate")));
    add(label::authorisation, encode_body(sample.drawn<Authorisation>("Authorisation")));
    add(label::task_answer, task_answer_message(sample.drawn<TaskAnswer>("TaskAnswer")));
    add(label::conflict, encode_body(sample.drawn<ConflictBody>("ConflictBody")));
    add(label::end_conflict, end_conflict_message(sample.drawn<EndConflict>("EndConflict")));
    add(label::agreement, encode_body(sample.drawn<AgreementBody>("AgreementBody")));
    add(label::withdrawal, encode_body(sample.drawn<WithdrawalBody>("WithdrawalBody")));
    add(label::words, encode_body(sample.drawn<WordsBody>("WordsBody")));
    add(label::document, document_message(sample.drawn<SignedDocument>("SignedDocument")));
    add(label::supplement, notification_message(sender, id, notification));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: wire_vectors SOURCE_DIR\n");
        return 2;
    }
    const fs::path vectors = fs::path(argv[1]) / "tests/vectors/wire";
    const fs::path corpus = fs::path(argv[1]) / "tests/fuzz/corpus";
    fs::create_directories(vectors);

    VectorFile agent(vectors / "agent_frames.hex", "# body, frame");
    for (const auto& [name, frame] : Sample(seed).agent_frames()) {
        agent << line({name, to_hex(encode(frame))});
        write_seed(corpus / "wire_agent_frame" / name, encode(frame));
    }
    VectorFile broker(vectors / "broker_frames.hex", "# body, frame");
    for (const auto& [name, frame] : Sample(seed).broker_frames()) {
        broker << line({name, to_hex(encode(frame))});
        write_seed(corpus / "wire_broker_frame" / name, encode(frame));
    }
    VectorFile bodies(vectors / "bodies.hex", "# body, bytes");
    const Sample sample(seed);
    std::uint8_t number = 0;
    test::for_each_body([&]<class Body>(const char* name) {
        const Bytes bytes = encode_body(sample.drawn<Body>(name));
        bodies << line({name, to_hex(bytes)});
        Bytes numbered{number++};
        numbered.insert(numbered.end(), bytes.begin(), bytes.end());
        write_seed(corpus / "wire_body" / name, numbered);
    });
    VectorFile refused(vectors / "refused.hex", "# what it is read as, the error, why, bytes");
    write_refused(refused);
    VectorFile signing(vectors / "signing.hex",
                       "# label, message, labelled hash, signature by the key of seed 00 01 .. 1f");
    write_signing(signing);
    return 0;
}
