// The catalogue of everything a program of ours may log: one line an event. The word is stable
// (alarms and runbooks search for it), the level says who must look, the sentence is what `mashctl`
// and the runbooks show for it.
#pragma once

#include <cstdint>
#include <string_view>

namespace mash {

enum class LogLevel : std::uint8_t {
    info,     ///< as it should be
    warning,  ///< worth a look in working hours
    error,    ///< something failed here; an operator must act
    alarm,    ///< a child may be waiting on this: somebody must act now
};

// clang-format off
#define MASH_LOG_EVENTS(X) \
    /* programs */ \
    X(program_started,          info,    "The program started") \
    X(program_stopping,         info,    "The program was asked to stop and is finishing its work") \
    X(program_stopped,          info,    "The program stopped") \
    X(program_failed,           error,   "The program could not go on") \
    X(configuration_refused,    error,   "The configuration could not be used; the one before stays in force") \
    X(limit_too_low,            error,   "A limit of the machine, such as open files, is too low for this program") \
    X(clock_jumped,             alarm,   "The clock jumped; nothing expires until an operator confirms the time") \
    X(clock_confirmed,          info,    "An operator confirmed the time") \
    X(operator_command,         info,    "An operator gave a command over the admin socket") \
    X(operator_command_refused, warning, "A command over the admin socket was refused") \
    /* links and sessions */ \
    X(session_opened,           info,    "A host connected") \
    X(session_closed,           info,    "A host's connection ended") \
    X(session_denied,           warning, "A transport key that the registry does not list asked to connect") \
    X(handshake_failed,         warning, "A connection failed before it was encrypted") \
    X(accept_failed,            alarm,   "A connection could not be accepted; the machine may be out of file handles") \
    X(frame_refused,            warning, "A message was refused") \
    X(frame_oversized,          warning, "A message of too many or too large frames was dropped") \
    X(rate_limited,             warning, "A host sent faster than its budget and was told to wait") \
    X(slow_reader_dropped,      warning, "A host did not read what was sent to it and was disconnected") \
    X(link_up,                  info,    "The connection to the broker is up") \
    X(link_down,                warning, "The connection to the broker is down; work is kept and sent later") \
    X(link_refused,             alarm,   "The broker does not admit this host") \
    X(store_epoch_changed,      warning, "The broker was restored from a backup; outstanding items are offered again") \
    /* signed documents */ \
    X(document_loaded,          info,    "A signed registry or policy is in force") \
    X(document_refused,         alarm,   "A registry or policy failed its checks and was not used") \
    X(document_went_back,       alarm,   "The broker offered a registry or policy older than the one held") \
    X(document_not_fresh,       alarm,   "The proof that registry or policy is current is too old") \
    X(policy_expiring,          warning, "The sharing policy will expire soon") \
    X(policy_expired,           alarm,   "The sharing policy has expired; after any signed grace only the floor is still shared") \
    X(key_rotated,              info,    "A key was replaced; the one before still opens what is under way") \
    X(key_revoked,              warning, "A host's key is no longer in force; its connection was ended") \
    /* the broker's work */ \
    X(plan_made,                info,    "A sharing plan was made") \
    X(plan_refused,             info,    "A sharing plan was refused by a rule") \
    X(asked_not_sent,           warning, "Somebody asked who would be told about a child, and did not send it") \
    X(plan_held,                info,    "A sharing plan waits for a named person") \
    X(notification_accepted,    info,    "A notification was accepted and is durable") \
    X(notification_refused,     warning, "A notification was refused to its sender") \
    X(publish_over_budget,      warning, "An agency publishes more than its budget and was told to wait") \
    X(store_space_low,          alarm,   "The disk under the broker's store is short of space: lists and routine notifications wait at their senders, and under a quarter of the floor everything but the immediate lane. Free space or move the store") \
    X(store_space_enough,       info,    "The disk under the broker's store has room again") \
    X(put_off_for_space,        warning, "A notification was told to wait, because the disk under the broker's store is short of space") \
    X(tokens_over_budget,       warning, "An agency asks about more identifiers than its budget and was told to wait") \
    X(token_key_missing,        alarm,   "The registry lists a key for subject tokens that this broker does not hold: add it to the broker's key file and start again") \
    X(notification_repeated,    info,    "A notification already accepted was offered again") \
    X(sender_backlog,           warning, "One agency has many immediate items waiting for one inbox: is its agent looping, or misused?") \
    X(delivery_sent,            info,    "A delivery was sent to an inbox's host") \
    X(delivery_refused,         alarm,   "A recipient refused a delivery or could not open it") \
    X(standby_released,         info,    "A standby recipient was given its part") \
    X(receipt_recorded,         info,    "A receipt was recorded") \
    X(receipt_refused,          warning, "A receipt was refused") \
    X(claim_recorded,           info,    "An involvement was recorded") \
    X(claim_refused,            warning, "An involvement was refused") \
    X(roll_held,                warning, "A roll or caseload import changes so much that it waits for a person") \
    X(conflict_recorded,        info,    "A conflict of interest was recorded") \
    X(recall_issued,            info,    "A recall was sent to everyone who holds the item") \
    X(agreement_recorded,       info,    "What a family said about a referral was recorded") \
    X(agreement_withdrawn,      warning, "An agreement was withdrawn; whoever relied on it is told to stop using what came") \
    X(agreement_forgotten,      alarm,   "A sender stated an agreement that its own record does not bear out; nothing was planned on it") \
    X(recalls_ahead_full,       warning, "An agency recalls more that never came than is kept for it, and was told to wait") \
    X(task_opened,              warning, "A task for a named role was opened") \
    X(task_overdue,             alarm,   "A task for a named role is past its time and still open") \
    X(task_closed,              info,    "A task was completed") \
    X(identity_looked_at,       info,    "The front door asked two agencies to show who a child is") \
    X(identity_shown,           info,    "Who a child is was sealed to the front door, which had asked") \
    X(identity_answered,        info,    "The front door said whether two records are of one child, or took that back") \
    X(questions_full,           warning, "A record may be of more children than are asked about; the front door has the notification, unmatched") \
    X(involvement_asked,        info,    "Agencies were asked whether they work with a child: tokens only, and only who works with the child knows them") \
    X(involvement_known,        info,    "An agency that was asked has said that it works with the child") \
    X(involvement_over_budget,  warning, "One agency has more asked about children than it may in an hour; the rest waits") \
    X(not_connected,            alarm,   "A role that must be told has nobody connected; there is a task with a number to ring") \
    X(content_removed,          info,    "Content was removed at the end of its retention") \
    /* stores */ \
    X(store_failed,             error,   "The store could not be read or written") \
    X(store_commit_unknown,     error,   "It is not known whether the store kept a change; it is tried again") \
    X(batch_failed,             error,   "A group of inputs failed and is tried one by one") \
    X(input_quarantined,        error,   "One input that made its group fail was set aside") \
    X(disk_full,                alarm,   "The disk is full; nothing new is accepted until there is room") \
    X(backup_written,           info,    "A backup was written") \
    X(backup_restored,          warning, "The store was restored from a backup") \
    X(store_put_back,           warning, "A host has heard of more than this store holds: a backup or a copy of the disk was put back; it offers again what is outstanding") \
    /* intake and hand-over */ \
    X(intake_accepted,          info,    "A file was taken in") \
    X(intake_refused,           warning, "A file could not be used and is in rejected, with a report") \
    X(intake_rows_refused,      warning, "Some records of a file could not be used; the report beside them says why") \
    X(intake_held,              warning, "A file would send so many notifications that it waits for a person in waiting/; what is urgent in it was sent") \
    X(intake_failed,            error,   "The intake folder could not be read or written") \
    X(file_waits,               alarm,   "A file lies unread in intake/ for too long, or waits in waiting/ for a person: see status") \
    X(handover_done,            info,    "An item was handed to the case system") \
    X(handover_failed,          alarm,   "An item could not be handed to the case system") \
    X(hook_failed,              error,   "The alarm command could not be run") \
    /* the agent's work */ \
    X(outbox_stored,            info,    "A notification is safe in the outbox") \
    X(published,                info,    "A notification was sent to the broker") \
    X(publish_refused,          alarm,   "The broker refused a notification; its sender must act") \
    X(decision_differs,         alarm,   "The agent's own decision differs from the broker's plan; nothing was sealed") \
    X(fact_unproved,            alarm,   "The broker's plan rests on a fact that nobody signed; nothing was sealed") \
    X(accepted_late,            alarm,   "The broker has not accepted a notification in time: ring the recipient") \
    X(stored_late,              alarm,   "No receipt of storing came in time: ring the recipient") \
    X(taken_late,               alarm,   "Nobody has taken the item in time: ring the recipient") \
    X(unconfirmed_late,         alarm,   "A recipient has not confirmed in time that it stopped using what rested on a withdrawn agreement: ring them") \
    X(delivery_stored,          info,    "A delivery is safe in the inbox") \
    X(delivery_rejected,        alarm,   "A delivery failed its checks and was not stored") \
    X(delivery_undecryptable,   alarm,   "A delivery could not be opened with the inbox's key") \
    X(item_opened,              info,    "A person opened an item") \
    X(alarm_raised,             alarm,   "The agent raised or cleared an alarm of its own; the field says which") \
    X(item_taken,               info,    "A named person took an item on") \
    X(item_decided,             info,    "A decision on an item was recorded") \
    X(backlog,                  warning, "The oldest unsent, unopened or untaken item is older than it should be") \
    X(person_added,             info,    "A person was given access to an inbox") \
    X(person_removed,           info,    "A person's access was removed and the inbox key replaced") \
    X(access_refused,           warning, "A request without the right token was refused") \
    X(request_refused,          info,    "A request to the local API was refused") \
    X(tokens_unproved,          alarm,   "The broker's answer about identifiers of children is not proved by the key that the registry lists; nothing was made of it") \
    X(tokens_missing,           alarm,   "The broker did not evaluate a child's identifiers in time: the item goes on without them, and who works with the child may not be told") \
    X(pepper_unreadable,        alarm,   "No key here opens the secret by which an agency recognises children: start its agent again with its newest keys")
// clang-format on

enum class LogEvent : std::uint16_t {
#define MASH_LOG_EVENT_NAME(word, level, sentence) word,
    MASH_LOG_EVENTS(MASH_LOG_EVENT_NAME)
#undef MASH_LOG_EVENT_NAME
};

std::string_view name_of(LogEvent event);
std::string_view describe(LogEvent event);
LogLevel level_of(LogEvent event);
std::string_view name_of(LogLevel level);

}  // namespace mash
