// Is this the same child? Three parts, and one agent may play all of them: the front door asks to
// look and answers; sender and holder show what they know, sealed to it; the sender's plans rest on
// the answer, and what was built on one that is taken back is recalled. Inside this folder.
#pragma once

#include "agents/runtime/core/api.hpp"
#include "common/wire/questions.hpp"

namespace mash::runtime {

/// At the front door: one question, as far as it has come.
struct QuestionRow {
    ClaimId claim;
    std::string relation;
    ThreadId thread;
    bool contradicted = false;
    WallTime looked_at;
    InboxId inbox;                    ///< to which what is shown is sealed
    std::uint8_t outcome = 0;         ///< wire::IdentityOutcome; 0: open
    std::uint8_t outcome_before = 0;  ///< if the broker does not take it
    std::uint64_t serial = 0;
    WallTime answered_at;
    PersonId person;
    bool is_reached_known = false;
    std::vector<wire::IdentityReachedEntry> reached;
    Seat conflicts_with;  ///< who claimed the child before, where only one may; since version 2
};
void write(Writer& out, const QuestionRow& row);
void read(Reader& in, QuestionRow& row, std::uint8_t version);

/// At a sender: the last that it heard of a question.
struct KnownAnswer {
    std::uint64_t serial = 0;
    bool counts = false;
};
inline void write(Writer& out, const KnownAnswer& row) { out.u64(row.serial).flag(row.counts); }
inline void read(Reader& in, KnownAnswer& row) {
    row.serial = in.u64();
    row.counts = in.flag();
}

namespace table {
inline constexpr Table<TaskId, QuestionRow> questions{Space("questions"), 2};
/// As sealed to the inbox of the look; 1: of the sender, 0: of the holder.
inline constexpr Table<std::tuple<TaskId, std::uint8_t>, Blob> identities_shown{
    Space("identities_shown")};
inline constexpr Table<TaskId, KnownAnswer> identity_answers{Space("identity_answers")};
/// Seats of a notification that only the answer to this question reached.
inline constexpr Table<std::tuple<TaskId, NotificationId, Seat>, Flag> built_on_answers{
    Space("built_on_answers")};
}  // namespace table

// From the broker
void on_question(Step& step, const wire::TaskNotice& notice);
void on_look_at_identity(Step& step, const wire::LookAtIdentity& frame);
void on_show_identity(Step& step, const wire::ShowIdentity& frame);
void on_answer_identity(Step& step, const wire::AnswerIdentity& frame);
void on_identity_reached(Step& step, const wire::IdentityReached& frame);
/// The broker does not take the answer: the question is open again.
void answer_refused(Step& step, const wire::AnswerIdentity& frame);

// For plans
/// None of the answers is one that we know to be outdone: a broker that says an old one again.
bool answers_still_count(Step& step, const wire::PlanFacts& facts);
/// Remembers whom only an answer reaches, so that exactly they can be asked to forget.
void note_built_on(Step& step, const NotificationId& id, const wire::RoutingFacts& stated,
                   const wire::DisclosurePlan& plan);

// questions_api.cpp
Answer questions_list(Step& step, const Caller& caller);
Answer question_one(Step& step, const Caller& caller, const ApiRequest& request);
Answer look_at_question(Step& step, const Caller& caller, const ApiRequest& request,
                        const PersonalText& words);
Answer answer_question(Step& step, const Caller& caller, const ApiRequest& request,
                       const Json& body, const PersonalText& words);
Answer take_back_answer(Step& step, const Caller& caller, const ApiRequest& request,
                        const PersonalText& words);

}  // namespace mash::runtime
