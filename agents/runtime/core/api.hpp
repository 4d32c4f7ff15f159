// Requests of the local API, by what they are about. api.cpp finds the caller and the answer's
// form. Inside this folder.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// An answer, or the failure and a sentence of ours that fits the request better than that of the
/// code.
struct Answer {
    int status = 200;
    Json json;
    ErrorCode error{};
    std::string message;
    bool ok = true;
    std::vector<InputFault> faults{};  ///< of a notification: they are the answer

    static Answer of(Json json, int status = 200) {
        return {status, std::move(json), {}, {}, true, {}};
    }
    static Answer faulty(std::vector<InputFault> faults) {
        return {422, nullptr, ErrorCode::bad_value, {}, false, std::move(faults)};
    }
    static Answer failed(ErrorCode code, std::string message = {}) {
        return {0, nullptr, code, std::move(message), false, {}};
    }
};

// sent.cpp
/// What a role sent is for those who open its inbox, for whoever sent it, and for the agency's data
/// protection officer. The accused at a school must not read that a colleague sent an allegation,
/// nor the front door what the designated officer sent. Front door and emergency duty are one desk
/// by day and by night. What follows from what was sent (decisions, agreements) is for the same.
bool may_see_sent(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item);
/// Of a decision, as its sender is shown it: whom it tells, and what is in the way of others.
Json told_json(const Step& step, const wire::Recipient& recipient);
Json refused_json(const wire::Decision& decision);
Json gaps_json(const std::vector<wire::NotConnected>& gaps);
Json warnings_json(const Step& step, const wire::Decision& decision);
/// `code`: why nothing goes at all.
Json refusal_json(const std::string& code, const wire::Decision& decision);
Answer sent_list(Step& step, const Caller& caller, const ApiRequest& request);
Answer sent_one(Step& step, const Caller& caller, const ApiRequest& request);
/// What was said in it, for whoever may put it right. Never what two people release.
Answer sent_content(Step& step, const Caller& caller, const ApiRequest& request);
/// Recalls and corrections, and who has not confirmed them.
Answer unconfirmed_list(Step& step, const Caller& caller);
Answer recall_sent(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// preview.cpp
/// The decision that would be made now. Nothing is kept, noted or sent.
Answer preview(Step& step, const Caller& caller, const ApiRequest& request);

// care_flags.cpp
/// A child is before unscheduled care: is a plan or care status active, and whom to ring. Then it
/// is an attendance, and is told as one.
Answer look_up_care_status(Step& step, const Caller& caller, const Json& body);

// catalogue_api.cpp
Answer who_am_i(Step& step, const Caller& caller);
/// Given when they were added; null: none was.
Json name_of_person(Step& step, const PersonId& person);
Answer colleagues_list(Step& step, const Caller& caller, const ApiRequest& request);
/// What pages need in words, from the signed documents in force.
Answer catalogue(Step& step);

// decisions_api.cpp
Answer decisions_list(Step& step, const Caller& caller, const ApiRequest& request);
Answer decision_one(Step& step, const Caller& caller, const ApiRequest& request);
Answer decision_replay(Step& step, const Caller& caller, const ApiRequest& request);

// access_log.cpp
/// The agency's data protection officer: reads decisions in full, and what everybody looked at.
bool is_auditor(const Caller& caller);
Answer access_log(Step& step, const Caller& caller, const ApiRequest& request);

// received.cpp
Answer received_list(Step& step, const Caller& caller, const ApiRequest& request);
Answer received_one(Step& step, const Caller& caller, const ApiRequest& request);
Answer take_item(Step& step, const Caller& caller, const ApiRequest& request);
Answer decide_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// received_desk.cpp
/// Onto a colleague's desk, or back to nobody's.
Answer assign_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);
/// The number under which this agency files it.
Answer file_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// look_through.cpp: what lies opened only while somebody looks for it
/// What this person may read about the child of one item, oldest first.
Answer chronology(Step& step, const Caller& caller, const ApiRequest& request);
/// What this person may read that holds all of these words, newest first.
Answer search(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

/// K1: this person's inbox uses and passes it on no more.
Answer stop_item(Step& step, const Caller& caller, const ApiRequest& request);

// agreement_api.cpp
Answer add_agreement(Step& step, const Caller& caller, const ApiRequest& request);
Answer agreements_list(Step& step, const Caller& caller);
Answer agreement_one(Step& step, const Caller& caller, const ApiRequest& request);
Answer withdraw_request(Step& step, const Caller& caller, const ApiRequest& request,
                        const Json& body);

// agreement_stop.cpp
/// null unless the agreement that this item rests on was withdrawn.
Json stop_json(Step& step, const InboxKey& key);

// membership.cpp
Answer add_person(Step& step, const ApiRequest& request, const Json& body);
Answer remove_person(Step& step, const ApiRequest& request, const Json& body);
/// A new key for an inbox whose members stay the same.
Answer rotate_inbox_key(Step& step, const ApiRequest& request, const Json& body);

/// A colleague, or the recovery key: this person may choose a passphrase anew with their token.
Answer remove_account(Step& step, const ApiRequest& request, const Json& body);
/// The same: for a day a code counts as a recovery code of theirs.
Answer allow_reset(Step& step, const ApiRequest& request, const Json& body);

// accounts.cpp
Answer read_account(Step& step, const Json& body);
Answer write_account(Step& step, const Caller& caller, const Json& body);
/// False: there was none.
bool erase_account(Step& step, const PersonId& person);
/// Whoever shows what has this digest may have another second factor until then. Errors:
/// not_found (no account), already_exists (one was allowed a moment ago).
Result<void> put_reset(Step& step, const PersonId& person, const Digest& digest, WallTime until);

// intake_reader.cpp
/// For which seats this person sees what the intake could not use; with an id, that they did
/// something with one of these, for the access record.
Answer intake_reader(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// changes.cpp
/// Which lists of this person's a commit changed, of what they may know of. `id`: the person.
Answer known_changes(Step& step, const ApiRequest& request, const Json& body);

// drafts.cpp
/// The caller's own, and nobody else's.
Answer drafts_list(Step& step, const Caller& caller);
Answer draft_one(Step& step, const Caller& caller, const ApiRequest& request);
Answer save_draft(Step& step, const Caller& caller, const Json& body);
Answer delete_draft(Step& step, const Caller& caller, const ApiRequest& request);
void erase_drafts(Step& step, const PersonId& person);

// conflict.cpp
Answer add_conflict(Step& step, const Caller& caller, const Json& body);
/// Those of the caller's agency that stand, but for those that keep the caller out.
Answer conflicts_list(Step& step, const Caller& caller);
Answer end_conflict(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);
/// A conflict declared here keeps the caller, or an inbox that they open, from the child that this
/// item is about: what a colleague or the automatic pass-on sent of it is not shown either.
bool is_kept_from(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item);

/// The children whom conflicts declared here keep from this person. Of what they may open, nothing
/// about one of these is searched out for them.
std::vector<Subject> subjects_kept_from(Step& step, const Caller& caller);

// release.cpp
/// Asks two people to release the protected address of something that was sent.
Answer release_sent(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// rolls_waiting.cpp
Answer rolls_list(Step& step, const Caller& caller);
Answer answer_roll(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);

// status.cpp
/// `caller` null: alive or not, and no more.
Json status_json(Step& step, const Caller* caller);
/// What the registry says of the keys of this host and its agencies; public.
Json keys_json(Step& step);

}  // namespace mash::runtime
