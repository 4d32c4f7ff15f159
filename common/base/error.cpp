// The tables of failures: complete by -Wswitch, which is why no switch here has a default.
#include "common/base/error.hpp"

#include "common/base/check.hpp"

namespace mash {

std::string_view describe(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
            return "The input could not be read: it is damaged or not in the expected format";
        case ErrorCode::too_large: return "The input is larger than allowed";
        case ErrorCode::too_many: return "The input holds more items than allowed";
        case ErrorCode::missing_field: return "A field that must be given is missing";
        case ErrorCode::bad_value: return "A field holds a value that is not allowed";
        case ErrorCode::not_found: return "There is no such item";
        case ErrorCode::already_exists:
            return "An item with this id exists already and its content is different";
        case ErrorCode::unsupported_version:
            return "The other side uses a version that this program does not support";
        case ErrorCode::not_available: return "This release does not offer this service yet";
        case ErrorCode::bad_signature: return "A signature does not match what it is said to sign";
        case ErrorCode::unknown_key: return "The key is not in the area's register";
        case ErrorCode::revoked_key: return "The key has been revoked";
        case ErrorCode::wrong_host:
            return "This connection does not belong to the agency it speaks for";
        case ErrorCode::not_entitled: return "This agency or person is not allowed to do this";
        case ErrorCode::version_went_back:
            return "A signed document is older than the one already held";
        case ErrorCode::not_fresh:
            return "The proof that a signed document is current is missing or too old";
        case ErrorCode::expired: return "The time in which this could be used has passed";
        case ErrorCode::wrong_area: return "This belongs to another area";
        case ErrorCode::decision_differs:
            return "The agent's own decision differs from the broker's, so nothing was shared";
        case ErrorCode::fact_unproved:
            return "The broker relied on a fact that nobody has signed, so nothing was shared";
        case ErrorCode::decrypt_failed:
            return "The sealed content could not be opened with this key";
        case ErrorCode::wrong_credential: return "The password, passphrase or token is not right";
        case ErrorCode::weak_point:
            return "A cryptographic value has a form that is not safe to use";
        case ErrorCode::stale_plan:
            return "The sharing plan has expired or is not known; ask for a new one";
        case ErrorCode::plan_mismatch:
            return "The recipients or the content differ from the sharing plan";
        case ErrorCode::clock_skew:
            return "The two clocks differ by more than allowed; check the time on this machine";
        case ErrorCode::refused_by_rule:
            return "The area's sharing rules do not allow this; the reason is given beside it";
        case ErrorCode::held: return "This waits for a named person to decide";
        case ErrorCode::duplicate_conflict:
            return "The same reference was sent before with other content; send it as a correction";
        case ErrorCode::busy:
            return "There is too much to do at the moment; try again when the reply says";
        case ErrorCode::store_failed: return "The store could not be read or written";
        case ErrorCode::store_unknown:
            return "It is not known whether the store kept the change; it will be tried again";
        case ErrorCode::disk_full: return "The disk is full";
        case ErrorCode::io_failed: return "A file or a device could not be read or written";
        case ErrorCode::disconnected: return "The connection was lost";
        case ErrorCode::timeout: return "The answer did not come in time";
        case ErrorCode::shutting_down: return "The program is stopping";
        case ErrorCode::quarantined:
            return "This input was set aside because it could not be processed";
        case ErrorCode::clock_jump:
            return "The clock of this machine jumped; nothing will expire until the time is "
                   "confirmed";
    }
    CHECK(false);
}

NextStep next_step(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
        case ErrorCode::too_large:
        case ErrorCode::too_many:
        case ErrorCode::missing_field:
        case ErrorCode::bad_value:
        case ErrorCode::not_found:
        case ErrorCode::already_exists:
        case ErrorCode::not_available:
        case ErrorCode::not_entitled:
        case ErrorCode::expired:
        case ErrorCode::wrong_area:
        case ErrorCode::wrong_credential:
        case ErrorCode::weak_point:
        case ErrorCode::plan_mismatch:
        case ErrorCode::refused_by_rule:
        case ErrorCode::duplicate_conflict:
        case ErrorCode::quarantined: return NextStep::fix_input;
        case ErrorCode::stale_plan:
        case ErrorCode::held:
        case ErrorCode::busy:
        case ErrorCode::store_unknown:
        case ErrorCode::timeout: return NextStep::retry_later;
        case ErrorCode::disconnected:
        case ErrorCode::shutting_down: return NextStep::reconnect;
        case ErrorCode::unsupported_version:
        case ErrorCode::bad_signature:
        case ErrorCode::unknown_key:
        case ErrorCode::revoked_key:
        case ErrorCode::wrong_host:
        case ErrorCode::version_went_back:
        case ErrorCode::not_fresh:
        case ErrorCode::decision_differs:
        case ErrorCode::fact_unproved:
        case ErrorCode::decrypt_failed:
        case ErrorCode::clock_skew:
        case ErrorCode::store_failed:
        case ErrorCode::disk_full:
        case ErrorCode::io_failed:
        case ErrorCode::clock_jump: return NextStep::tell_operator;
    }
    CHECK(false);
}

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed: return "malformed";
        case ErrorCode::too_large: return "too_large";
        case ErrorCode::too_many: return "too_many";
        case ErrorCode::missing_field: return "missing_field";
        case ErrorCode::bad_value: return "bad_value";
        case ErrorCode::not_found: return "not_found";
        case ErrorCode::already_exists: return "already_exists";
        case ErrorCode::unsupported_version: return "unsupported_version";
        case ErrorCode::not_available: return "not_available";
        case ErrorCode::bad_signature: return "bad_signature";
        case ErrorCode::unknown_key: return "unknown_key";
        case ErrorCode::revoked_key: return "revoked_key";
        case ErrorCode::wrong_host: return "wrong_host";
        case ErrorCode::not_entitled: return "not_entitled";
        case ErrorCode::version_went_back: return "version_went_back";
        case ErrorCode::not_fresh: return "not_fresh";
        case ErrorCode::expired: return "expired";
        case ErrorCode::wrong_area: return "wrong_area";
        case ErrorCode::decision_differs: return "decision_differs";
        case ErrorCode::fact_unproved: return "fact_unproved";
        case ErrorCode::decrypt_failed: return "decrypt_failed";
        case ErrorCode::wrong_credential: return "wrong_credential";
        case ErrorCode::weak_point: return "weak_point";
        case ErrorCode::stale_plan: return "stale_plan";
        case ErrorCode::plan_mismatch: return "plan_mismatch";
        case ErrorCode::clock_skew: return "clock_skew";
        case ErrorCode::refused_by_rule: return "refused_by_rule";
        case ErrorCode::held: return "held";
        case ErrorCode::duplicate_conflict: return "duplicate_conflict";
        case ErrorCode::busy: return "busy";
        case ErrorCode::store_failed: return "store_failed";
        case ErrorCode::store_unknown: return "store_unknown";
        case ErrorCode::disk_full: return "disk_full";
        case ErrorCode::io_failed: return "io_failed";
        case ErrorCode::disconnected: return "disconnected";
        case ErrorCode::timeout: return "timeout";
        case ErrorCode::shutting_down: return "shutting_down";
        case ErrorCode::quarantined: return "quarantined";
        case ErrorCode::clock_jump: return "clock_jump";
    }
    CHECK(false);
}

}  // namespace mash
