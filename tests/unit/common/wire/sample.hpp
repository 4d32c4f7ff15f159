// Well-formed messages made from a seed, every field of every struct set to something that is not
// its default. Structured bindings name all fields, so that a new one does not compile until it is
// filled.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/wire/codec.hpp"

namespace mash::wire::test {

struct NamedAgentFrame {
    std::string name;
    AgentFrame frame;
};
struct NamedBrokerFrame {
    std::string name;
    BrokerFrame frame;
};

class Sample {
public:
    explicit Sample(std::uint64_t seed) : seed_(seed), random_(seed) {}

    /// One of each body that a frame can hold.
    std::vector<NamedAgentFrame> agent_frames();
    std::vector<NamedBrokerFrame> broker_frames();

    template <class T>
    T make() {
        T value;
        fill(value);
        return value;
    }

    /// Drawn from a stream of its own name: a message that grows changes no other's sample.
    template <class T>
    T drawn(std::string_view of) const {
        return Sample(seed_of(of)).make<T>();
    }

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    std::string name() { return "n" + std::to_string(random_() % 1'000'000'000); }
    Bytes bytes(std::size_t size);

private:
    // Values
    template <class Tag>
    void fill(NameId<Tag>& to) {
        to = NameId<Tag>(name());
    }
    template <class Tag>
    void fill(BinaryId<Tag>& to) {
        std::array<std::uint8_t, 16> value{};
        fill(value);
        to = BinaryId<Tag>(value);
    }
    template <std::size_t N>
    void fill(std::array<std::uint8_t, N>& to) {
        for (auto& byte : to) byte = static_cast<std::uint8_t>(1 + below(255));
    }
    template <class Tag, std::size_t N>
    void fill(crypto::FixedBytes<Tag, N>& to) {
        std::array<std::uint8_t, N> value{};
        fill(value);
        to = crypto::FixedBytes<Tag, N>(value);
    }
    void fill(std::string& to) { to = name(); }
    void fill(Bytes& to) { to = bytes(1 + below(200)); }
    void fill(bool& to) { to = true; }
    void fill(std::uint16_t& to) { to = static_cast<std::uint16_t>(1 + below(65'535)); }
    void fill(std::uint32_t& to) { to = static_cast<std::uint32_t>(1 + below(4'000'000'000)); }
    void fill(std::uint64_t& to) { to = 1 + below(std::uint64_t{1} << 53); }
    void fill(WallTime& to) {
        to = WallTime::from_unix_ms(static_cast<std::int64_t>(1 + below(253'402'300'799'999)));
    }
    template <class Enum>
    void fill_enum(Enum& to, int last) {
        to = static_cast<Enum>(1 + static_cast<int>(below(static_cast<std::uint64_t>(last))));
    }
    void fill(Level& to) { fill_enum(to, 5); }
    void fill(Harm& to) { fill_enum(to, 3); }
    void fill(Purpose& to) { fill_enum(to, 2); }
    void fill(AgreementStatus& to) { fill_enum(to, 5); }
    void fill(NotSoughtReason& to) { fill_enum(to, 8); }
    void fill(Giver& to) { fill_enum(to, 7); }
    void fill(Urgency& to) { fill_enum(to, 5); }
    void fill(Lane& to) { fill_enum(to, 4); }
    void fill(Rag& to) { fill_enum(to, 4); }
    void fill(StandbyCause& to) { fill_enum(to, 2); }
    void fill(TokenKind& to) { fill_enum(to, 5); }
    void fill(TaskKind& to) { fill_enum(to, 5); }
    void fill(TaskOutcome& to) { fill_enum(to, 4); }
    void fill(IdentityOutcome& to) { fill_enum(to, 4); }
    void fill(LinkedRelation& to) { fill_enum(to, 7); }
    void fill(DocumentKind& to) { fill_enum(to, 5); }
    void fill(Rung& to);
    void fill(ErrorCode& to);

    template <class T>
    void fill(std::vector<T>& to) {
        to.resize(1 + below(3));
        for (auto& item : to) fill(item);
    }
    /// For lists that travel sorted; samples are distinct all but always, and never by luck alone.
    template <class T, class Key = std::identity>
    void fill_sorted(std::vector<T>& to, Key key = {}) {
        fill(to);
        std::ranges::sort(to, {}, key);
        const auto again = std::ranges::unique(to, {}, key);
        to.erase(again.begin(), again.end());
    }

    // Messages
    void fill(Seat& to);
    void fill(Token& to);
    void fill(Agreement& to);
    void fill(RoutingFacts& to);
    void fill(Unchanged& to);
    void fill(SentBefore& to);
    void fill(SignedClaim& to);
    void fill(SignedAuthorisation& to);
    void fill(SignedInboxCertificate& to);
    void fill(PlanFacts& to);
    void fill(Standby& to);
    void fill(Recipient& to);
    void fill(Clock& to);
    void fill(HeldRecipient& to);
    void fill(NotConnected& to);
    void fill(RefusedRecipient& to);
    void fill(Decision& to);
    void fill(RequestPlan& to);
    void fill(DisclosurePlan& to);
    void fill(InvolvementClaim& to);
    void fill(InboxCertificate& to);
    void fill(PersonCertificate& to);
    void fill(Authorisation& to);
    void fill(Routing& to);
    void fill(SealedView& to);
    void fill(ViewDigest& to);
    void fill(Parcel& to);
    void fill(SealedNotification& to);
    void fill(Cover& to);
    void fill(LinkedPerson& to);
    void fill(Family& to);
    void fill_found_by(std::vector<Token>& to);
    void fill(ViewKey& to);
    void fill(Grant& to);
    void fill(Publish& to);
    void fill(Supplement& to);
    void fill(AcceptedBody& to);
    void fill(Accepted& to);
    void fill(StatementBody& to);
    void fill(Delivery& to);
    void fill(Credit& to);
    void fill(ReceiptEntry& to);
    void fill(ReceiptsBody& to);
    void fill(Receipts& to);
    void fill(ReceiptsAck& to);
    void fill(RecallBody& to);
    void fill(Recall& to);
    void fill(RecallNotice& to);
    void fill(AgreementBody& to);
    void fill(RecordAgreement& to);
    void fill(WithdrawalBody& to);
    void fill(WithdrawAgreement& to);
    void fill(WithdrawalNotice& to);
    void fill(AgreementHeld& to);
    void fill(Hello& to);
    void fill(Welcome& to);
    void fill(DocumentSignature& to);
    void fill(SignedDocument& to);
    void fill(FetchSigned& to);
    void fill(SignedDocuments& to);
    void fill(DocumentsChanged& to);
    void fill(PublishInboxKey& to);
    void fill(ClaimInvolvement& to);
    void fill(EndInvolvement& to);
    void fill(ReplaceRoll& to);
    void fill(ClaimsAccepted& to);
    void fill(Task& to);
    void fill(TaskNotice& to);
    void fill(IdentityQuestion& to);
    void fill(IdentityLook& to);
    void fill(LookAtIdentity& to);
    void fill(ShowIdentity& to);
    void fill(IdentityAnswer& to);
    void fill(AnswerIdentity& to);
    void fill(IdentityHeard& to);
    void fill(InvolvementQuestion& to);
    void fill(InvolvementAnswer& to);
    void fill(IdentityReachedEntry& to);
    void fill(IdentityReached& to);
    void fill(TaskAnswer& to);
    void fill(TaskClosed& to);
    void fill(AuthorisationFrame& to);
    void fill(ExcludedPerson& to);
    void fill(ConflictBody& to);
    void fill(SealedRecord& to);
    void fill(DeclareConflict& to);
    void fill(EndConflict& to);
    void fill(WordsBody& to);
    void fill(SealedWords& to);
    void fill(DeciderWords& to);
    void fill(WordsHeard& to);
    void fill(Done&) {}
    void fill(ErrorFrame& to);
    void fill(EvaluateTokens& to);
    void fill(EvaluatedTokens& to);
    void fill_elements(std::vector<crypto::OprfElement>& to);
    void fill(NotServed& to);

    template <class... Fields>
    void each(Fields&... fields) {
        (fill(fields), ...);
    }

    std::uint64_t seed_of(std::string_view name) const;

    std::uint64_t seed_;
    std::mt19937_64 random_;
};

/// Every body of codec.hpp, one visit each: `visit.template operator()<Body>("name")`.
template <class Visit>
void for_each_body(Visit visit) {
    visit.template operator()<Routing>("routing");
    visit.template operator()<RoutingFacts>("routing_facts");
    visit.template operator()<Grant>("grant");
    visit.template operator()<AcceptedBody>("accepted_body");
    visit.template operator()<StatementBody>("statement_body");
    visit.template operator()<ReceiptsBody>("receipts_body");
    visit.template operator()<RecallBody>("recall_body");
    visit.template operator()<InvolvementClaim>("involvement_claim");
    visit.template operator()<InboxCertificate>("inbox_certificate");
    visit.template operator()<PersonCertificate>("person_certificate");
    visit.template operator()<Authorisation>("authorisation");
    visit.template operator()<ConflictBody>("conflict_body");
    visit.template operator()<Decision>("decision");
    visit.template operator()<PlanFacts>("plan_facts");
    visit.template operator()<Task>("task");
    visit.template operator()<SealedNotification>("sealed_notification");
    visit.template operator()<SignedDocument>("signed_document");
    visit.template operator()<Delivery>("delivery");
    visit.template operator()<AgreementBody>("agreement_body");
    visit.template operator()<WithdrawalBody>("withdrawal_body");
    visit.template operator()<IdentityLook>("identity_look");
    visit.template operator()<IdentityAnswer>("identity_answer");
    visit.template operator()<WordsBody>("words_body");
    visit.template operator()<Family>("family");
}

}  // namespace mash::wire::test
