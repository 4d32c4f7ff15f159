// All that one frame can hold, each way. `request` ties an answer to its question; 0 = unasked.
#pragma once

#include <variant>

#include "common/wire/agreement.hpp"
#include "common/wire/session.hpp"
#include "common/wire/tokens.hpp"
#include "common/wire/words.hpp"

namespace mash::wire {

using AgentBody =
    std::variant<Hello, FetchSigned, PublishInboxKey, RequestPlan, Publish, Credit, Receipts,
                 ReceiptsAck, ClaimInvolvement, EndInvolvement, ReplaceRoll, AuthorisationFrame,
                 TaskAnswer, DeclareConflict, EndConflict, Recall, Supplement, RecordAgreement,
                 WithdrawAgreement, EvaluateTokens, LookAtIdentity, ShowIdentity, AnswerIdentity,
                 IdentityHeard, InvolvementAnswer, DeciderWords, WordsHeard, NotServed>;

using BrokerBody =
    std::variant<Welcome, SignedDocuments, DocumentsChanged, DisclosurePlan, Accepted, Delivery,
                 Receipts, ReceiptsAck, ClaimsAccepted, TaskNotice, TaskClosed, AuthorisationFrame,
                 RecallNotice, Done, ErrorFrame, WithdrawalNotice, AgreementHeld, EvaluatedTokens,
                 LookAtIdentity, ShowIdentity, AnswerIdentity, IdentityReached, InvolvementQuestion,
                 InvolvementAnswer, DeciderWords>;

struct AgentFrame {
    std::uint64_t request = 0;
    AgentBody body;
};

struct BrokerFrame {
    std::uint64_t request = 0;
    BrokerBody body;
    /// Of the broker's commit that holds all this frame says; 0: not stated.
    std::uint64_t commit_serial = 0;
};

}  // namespace mash::wire
