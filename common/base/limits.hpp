// Every bound in one place, the unit last in the name. Over a bound the caller hears too_large,
// too_many, busy or expired; nothing grows without one. Bounds that both ends must agree on are
// part of the protocol (proto/README.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mash::limits {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

// Names and texts
inline constexpr std::size_t name_bytes_max = 64;  ///< NameId, view names
/// Sender's own reference; stays with the sender.
inline constexpr std::size_t source_ref_bytes_max = 256;
/// A reason, a heading, one answer of a form.
inline constexpr std::size_t short_text_bytes_max = 4 * kibibyte;
/// One narrative, before sealing.
inline constexpr std::size_t long_text_bytes_max = 128 * kibibyte;

// Frames on the link between agent and broker
/// libzmq bounds each frame; the router also counts them.
inline constexpr std::size_t frame_bytes_max = 1 * mebibyte;
inline constexpr std::size_t frames_per_batch_max = 256;  ///< inputs of one transaction
inline constexpr std::size_t routing_bytes_max = 16 * kibibyte;
/// Registry or policy, fetched in chunks.
inline constexpr std::size_t signed_document_bytes_max = 8 * mebibyte;

// One notification
inline constexpr std::size_t sections_max = 64;  ///< (section, view) pairs
inline constexpr std::size_t parcels_max = 64;   ///< recipients and standbys together
inline constexpr std::size_t tokens_max = 64;    ///< subject tokens, aliases included
/// Plaintext of one view, before padding.
inline constexpr std::size_t section_bytes_max = 512 * kibibyte;
/// One recipient's sealed cover and view keys; for the automatic pass-on the sender's facts too.
inline constexpr std::size_t grant_bytes_max = 2 * routing_bytes_max + 8 * kibibyte;
inline constexpr std::size_t facts_max = 512;  ///< facts that one plan may rest on

// Batches of other messages
inline constexpr std::size_t receipts_entries_max = 256;
inline constexpr std::size_t claims_per_frame_max = 500;
/// Aliases included; with claims_per_frame_max of them a frame still holds.
inline constexpr std::size_t tokens_per_claim_max = 32;
/// Of severed identities, told with one answer: what does not fit is told when they come again.
inline constexpr std::size_t severed_tokens_max = 512;
/// The claims that sever them, told with them; a frame still holds.
inline constexpr std::size_t severing_claims_max = 64;
/// One ReplaceRoll: the largest trust's roll, over frames.
inline constexpr std::size_t roll_claims_max = 20'000;

/// Blinded points in one frame: some 25 ms of one core at the broker.
inline constexpr std::size_t token_evaluations_per_frame_max = 256;

// Inside frames (common/wire/codec)
inline constexpr std::size_t code_bytes_max = 128;  ///< a rule, a basis: "E-08", "e;9g-p18"
inline constexpr std::size_t line_bytes_max = 256;  ///< a telephone number, whom to ask
inline constexpr std::size_t seats_per_list_max = 64;
inline constexpr std::size_t thread_seats_max = 256;  ///< everyone that one thread has reached
/// For so many recipients an update says what has not changed; everybody else gets everything.
inline constexpr std::size_t unchanged_seats_max = 24;
inline constexpr std::size_t named_agencies_max = 32;  ///< scope of one agreement
inline constexpr std::size_t markers_max = 32;
inline constexpr std::size_t decision_codes_max = 16;     ///< offers, warnings: each
inline constexpr std::size_t standbys_max = 8;            ///< of one recipient
inline constexpr std::size_t clocks_max = 8;              ///< that one type of notification starts
inline constexpr std::size_t authorisations_max = 32;     ///< one plan may rest on
inline constexpr std::size_t identity_answers_max = 8;    ///< one plan may rest on
inline constexpr std::size_t identity_reached_max = 512;  ///< copies that one answer had reached
/// Of one agency and relation, for one notification; of one sender about one claim, unanswered.
inline constexpr std::size_t possible_matches_max = 8;
inline constexpr std::size_t questions_per_claim_max = 32;
/// Looks at identities that one agency answers in an hour.
inline constexpr std::uint32_t identities_shown_per_hour_max = 60;
/// What an agency's notifications may ask of the holders of one relation each in an hour, the last
/// quarter for the immediate lane; what is over it waits.
inline constexpr std::uint32_t involvement_questions_per_hour = 1'200;
/// The same of all agencies of one host together: less than what a holder answers.
inline constexpr std::uint32_t involvement_questions_per_host_hour = 2'400;
/// Questions that one agency answers in an hour: who asks more often looks for something else.
inline constexpr std::uint32_t involvement_answers_per_hour_max = 3'000;
/// A role whose holders are being asked is rung for when none of them has said yes by then.
inline constexpr std::chrono::minutes involvement_answer_wait{5};
/// Of a claim that answers a question.
inline constexpr std::chrono::hours asked_lease_max{24 * 15};
inline constexpr std::size_t roles_per_person_max = 32;
inline constexpr std::size_t excluded_inboxes_max = 64;  ///< of one conflict
inline constexpr std::size_t documents_per_frame_max = 8;
/// Plaintext padded to the next 64 KiB, and the tag.
inline constexpr std::size_t sealed_view_bytes_max = section_bytes_max + 64 * kibibyte + 16;
inline constexpr std::size_t sealed_record_bytes_max = 8 * kibibyte;
inline constexpr std::size_t checkpoint_bytes_max = 4 * kibibyte;
/// A claim, a certificate, a statement, a recall: any one signed body that holds no list of others.
inline constexpr std::size_t signed_body_bytes_max = 4 * kibibyte;
/// An authorisation, a conflict, a batch of receipts.
inline constexpr std::size_t signed_list_bytes_max = 64 * kibibyte;
inline constexpr std::size_t decision_bytes_max = 256 * kibibyte;
inline constexpr std::size_t plan_facts_bytes_max = 512 * kibibyte;

// The area
inline constexpr std::size_t agencies_max = 4'096;  ///< 300 schools and room for a region
inline constexpr std::size_t inboxes_max = 16'384;
inline constexpr std::size_t agencies_per_host_max = 1'024;  ///< one council hosts all its schools
inline constexpr std::size_t members_per_inbox_max = 256;
inline constexpr std::size_t closed_dates_max = 512;
/// Old, current and next keys of one agency, host or broker.
inline constexpr std::size_t keys_per_holder_max = 16;
/// Roles it may publish as; seats; alternates: each.
inline constexpr std::size_t roles_per_agency_max = 64;
inline constexpr std::size_t endpoints_max = 8;
/// An agency's name, a telephone number, an endpoint.
inline constexpr std::size_t display_name_bytes_max = 256;
inline constexpr std::size_t document_signatures_max = 4;  ///< old and new registrar side by side
/// Exact in JSON as well.
inline constexpr std::uint64_t document_version_max = std::uint64_t{1} << 53;

// Sessions and queues
inline constexpr std::size_t sessions_max = 8'192;
/// Of one host, remembered at once: its oldest goes first. An agent has one for each area.
inline constexpr std::size_t sessions_per_host_max = 16;
inline constexpr std::uint32_t credit_max = 256;  ///< deliveries in flight to one inbox
/// All lanes, towards one host.
inline constexpr std::size_t link_bytes_in_flight_max = 8 * mebibyte;
/// Lanes below a waiting higher one.
inline constexpr std::size_t link_lower_lane_bytes_in_flight_max = 1 * mebibyte;
/// Waiting for one inbox in the immediate lane: more of one sender is said in the log, once.
inline constexpr std::size_t immediate_backlog_of_sender_max = 64;
/// A client that never reads costs this much.
inline constexpr std::size_t link_queue_bytes_max = 32 * mebibyte;
/// Of one sender, kept for notifications that have not come. Far over what any agency recalls; a
/// restored broker sees them come and go with the notifications that are offered again.
inline constexpr std::uint32_t recalls_ahead_max = 1'024;
/// Of one agency, whose receipts say after a restore that it holds what the broker has forgotten:
/// all that came to it since the backup.
inline constexpr std::uint32_t earlier_copies_max = 16'384;
/// Of one sender, open at the front door: requests for plans that were never sent. What is over it
/// stands in the log of requests.
inline constexpr std::uint32_t not_sent_tasks_max = 32;
inline constexpr std::size_t verify_queue_frames_max = 4'096;
/// Questions about subject tokens that wait for their turn at the broker.
inline constexpr std::size_t token_queue_frames_max = 1'024;
/// What was evaluated for one agent, kept there: several areas' children under two keys, some
/// 500 MiB.
inline constexpr std::uint64_t token_outputs_max = 2'000'000;
inline constexpr std::uint32_t frames_per_second_max = 400;  ///< sustained, per host
inline constexpr std::uint32_t frames_burst_max = 2'000;     ///< per host, after silence

// The local API and files that adapters take in
inline constexpr std::size_t http_header_bytes_max = 16 * kibibyte;
inline constexpr std::size_t http_body_bytes_max = 2 * mebibyte;
inline constexpr std::size_t http_connections_max = 256;
inline constexpr std::size_t intake_file_bytes_max = 64 * mebibyte;  ///< that is held whole
/// Of the disk, left to the store when a file is copied to be read.
inline constexpr std::size_t intake_spare_bytes = 64 * mebibyte;
inline constexpr std::size_t intake_row_bytes_max = 1 * mebibyte;
inline constexpr std::size_t intake_block_bytes = 64 * kibibyte;  ///< read of a file at once
/// Of one file: those over it are counted, and its report says so.
inline constexpr std::size_t intake_faults_max = 2'000;
/// Of one file: then it is not what it seems, and is read no further.
inline constexpr std::size_t intake_rejected_records_max = 1'000'000;
/// In one file's lists, which are held whole.
inline constexpr std::size_t intake_roll_children_max = 50'000;
/// Put by into the store at once while a file is read.
inline constexpr std::size_t intake_remembered_batch = 4'096;
inline constexpr std::size_t json_depth_max = 32;  ///< deeper input is refused before it is parsed
/// In one body, record or view; a notification has some hundred.
inline constexpr std::size_t json_values_max = 50'000;
inline constexpr std::size_t json_members_max = 512;  ///< of one object

// Times of the conversation
inline constexpr minutes plan_validity{5};
inline constexpr minutes clock_skew_max{5};  ///< between agent and broker
inline constexpr minutes clock_jump_max{5};  ///< of one machine's own clock; over it expiries pause
inline constexpr seconds heartbeat_interval{5};
inline constexpr seconds heartbeat_timeout{20};
inline constexpr seconds handshake_interval{
    4};  ///< a client denied while its key is being enrolled retries
inline constexpr milliseconds reconnect_interval_min{250};
inline constexpr seconds reconnect_interval_max{30};
inline constexpr seconds request_timeout{20};  ///< an agent re-offers the same bytes after this
inline constexpr seconds http_deadline{30};    ///< each of header, body and write
/// Graceful stop; then the process ends all the same. Below TimeoutStopSec of the systemd units.
inline constexpr seconds stop_deadline{25};

// The sender's own alarms, from the moment its outbox holds the item
inline constexpr minutes store_space_retry{1};  ///< the broker's disk is short: come again then
inline constexpr minutes retry_after_max{5};  ///< an agent waits no longer because a broker says so
inline constexpr seconds accepted_immediate_alarm{60};
inline constexpr minutes accepted_urgent_alarm{10};
// And what was put into intake/ and is not read: a police file may be about a child who is missing
inline constexpr minutes file_unread_alarm{10};
inline constexpr minutes police_file_unread_alarm{1};

// How long things are kept or believed
inline constexpr days retention_after_taken{
    30};  ///< sealed content at sender and broker; configurable
inline constexpr days tombstone_retention{365 *
                                          7};  ///< ids outlive contents, so that a replay is known
inline constexpr days freshness_max{7};  ///< age of the freshness signature on registry and policy
inline constexpr days policy_expiry_warning{60};
/// Between two resets of one account that colleagues allow: each makes a sign-in under way begin
/// again.
inline constexpr minutes account_reset_pause{5};
inline constexpr days involvement_lease_max{365};
inline constexpr days invite_validity{14};

}  // namespace mash::limits
