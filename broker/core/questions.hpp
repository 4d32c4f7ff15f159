// Is this the same child? A notification that would reach whoever holds a claim, were it of the
// same child, asks the front door: never the holder, never the sender. Its person may look at what
// both know, sealed past the broker, and answers; the answer is a fact of later plans.
#pragma once

#include "broker/core/involvement.hpp"
#include "broker/core/step.hpp"

namespace mash::broker {

/// A claim that a person has said is of this child.
struct AnsweredClaim {
    LinkedClaim linked;
    wire::SignedAuthorisation answer;
    QuestionKey question;
};
/// Of seats and relations that no claim links by itself. Cost: the claims that share a token,
/// bounded.
std::vector<AnsweredClaim> answered_claims(Step& step, const NotificationId& notification,
                                           const wire::RoutingFacts& stated,
                                           const std::vector<LinkedClaim>& linked);
/// A claim of a relation that only one agency at a time may have, while another's stands.
struct Doubt {
    LinkedClaim claim;
    Seat standing;
};
/// Takes out of `linked` what waits for the front door: of a relation that is of one agency at a
/// time, every claim but those of the agency that said it first, unless a person has said that it
/// counts. Those are returned with the answer.
std::vector<AnsweredClaim> set_aside(Step& step, const NotificationId& notification,
                                     const wire::RoutingFacts& stated,
                                     std::vector<LinkedClaim>& linked, std::vector<Doubt>& doubts);
/// A plan rests on the answer: if it is taken back, this item's sender hears of it.
void note_used(Step& step, const QuestionKey& question, const ItemKey& item, const RoleId& role);

/// Asks what this accepted item depends on and nobody has answered; once per claim and child.
void ask_about(Step& step, const ItemKey& item, const NotificationRecord& record,
               const wire::RoutingFacts& stated);
/// The sender has asked again: it knows of the answers.
void identity_answers_seen(Step& step, const ItemKey& item);

void on_look_at_identity(Step& step, const FrameIn& in, const wire::LookAtIdentity& frame);
void on_show_identity(Step& step, const FrameIn& in, const wire::ShowIdentity& frame);
void on_answer_identity(Step& step, const FrameIn& in, const wire::AnswerIdentity& frame);
void on_identity_heard(Step& step, const FrameIn& in, const wire::IdentityHeard& heard);

/// The sender may be shown who is involved; else the front door passes on.
bool may_be_shown(Step& step, const AgencyId& sender, const RoleId& role,
                  const std::string& relation);
/// Of the row's own urgency, and within U2 at the latest: a child waits for the answer.
WallTime ask_by(Step& step, const NotificationRecord& record);
/// The row reaches holders of this relation, or the front door passes on to them.
bool depends_on(Step& step, const wire::RoutingFacts& stated, const area::AgencyKind& sender_kind,
                const std::string& relation);

/// What a task possible_match asks.
std::optional<wire::IdentityQuestion> question_of(Step& step, const TaskRecord& task);
/// False: it no longer applies, or has been said for the last time.
bool send_question_notice(Step& step, const Session& session, const NoticeKey& notice);

/// Goes with the last claim, or stays while that is held or nobody has answered.
void forget_question(Step& step, const QuestionKey& key);

}  // namespace mash::broker
