// Every failure that a function of ours may report, and what the caller should do next.
// A code carries no text from outside: nothing a peer or a file said can reach a log through it.
#pragma once

#include <cstdint>
#include <string_view>

namespace mash {

/// What the one who receives the failure should do.
enum class NextStep : std::uint8_t {
    fix_input,      ///< the same input will fail again
    retry_later,    ///< the same input may succeed later, unchanged
    reconnect,      ///< the session is over; open a new one
    tell_operator,  ///< a person must act on this machine
};

/// Numbers are part of the wire protocol (`mash.v1.ErrorCode`): never renumber, only add.
enum class ErrorCode : std::uint16_t {
    // input and format
    malformed = 1,  ///< bytes that do not parse
    too_large = 2,  ///< over a bound of limits.hpp
    too_many = 3,   ///< a count over a bound of limits.hpp
    missing_field = 4,
    bad_value = 5,
    not_found = 6,
    already_exists = 7,  ///< the id is known with other content
    unsupported_version = 8,
    not_available = 9,  ///< the message exists in the protocol; this release does not serve it
    // trust
    bad_signature = 20,
    unknown_key = 21,
    revoked_key = 22,
    wrong_host = 23,         ///< the session's host does not serve the agency it speaks for
    not_entitled = 24,       ///< this agency or person may not do this
    version_went_back = 25,  ///< a signed document older than the one held
    not_fresh = 26,          ///< the freshness signature is missing or over its age
    expired = 27,
    wrong_area = 28,
    decision_differs = 29,  ///< the agent's own decision is not the plan's
    fact_unproved = 30,     ///< a plan's fact lacks the signature of whoever it speaks of
    // cryptography
    decrypt_failed = 40,
    wrong_credential = 41,
    weak_point = 42,
    // plan and publish
    stale_plan = 60,          ///< plan unknown or expired, and this id was never accepted
    plan_mismatch = 61,       ///< recipients or views differ from the plan
    clock_skew = 62,          ///< over the limit between the two clocks
    refused_by_rule = 63,     ///< the decision table refuses; the reason travels beside the code
    held = 64,                ///< waits for a named person
    duplicate_conflict = 65,  ///< the same source_ref or id with other content
    // running
    busy = 80,  ///< over a rate, a budget or a queue's bound; retry_after says when
    store_failed = 81,
    store_unknown = 82,  ///< the outcome of a commit is not known; retry by key
    disk_full = 83,
    io_failed = 84,
    disconnected = 85,
    timeout = 86,
    shutting_down = 87,
    quarantined = 88,  ///< this input alone made a batch fail; it was set aside
    clock_jump = 89,   ///< expiries are paused until an operator confirms the clock
};

/// One sentence for people, in plain English, without a full stop at its end.
std::string_view describe(ErrorCode code);

/// What to do next about `code`.
NextStep next_step(ErrorCode code);

/// The stable word for logs, JSON and metrics, for example `stale_plan`.
std::string_view name_of(ErrorCode code);

}  // namespace mash
