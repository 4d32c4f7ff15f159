// The closed vocabularies that travel in frames, as numbers. Words that an area may add (types,
// roles, views, markers, relations, risk grades) are not here: they are catalogue and policy data
// (domain.md C and D). Numbers are the wire's: never renumber, only add. Zero is never valid in a
// frame unless it says `unstated`.
#pragma once

#include <cstdint>
#include <string_view>

namespace mash::wire {

/// domain.md E1 `level`; `unknown` is a value a sender may state.
enum class Level : std::uint8_t {
    unstated = 0,
    one = 1,
    two = 2,
    three = 3,
    four = 4,
    unknown = 5
};

/// domain.md E1 `harm`.
enum class Harm : std::uint8_t { unstated = 0, none = 1, suspected = 2, likely_or_actual = 3 };

/// domain.md E1 `purpose`.
enum class Purpose : std::uint8_t { unstated = 0, inform_function = 1, request_service = 2 };

/// domain.md E1 `status`: what a family gives. Never the data-protection basis, which the decision
/// names.
enum class AgreementStatus : std::uint8_t {
    unstated = 0,
    given = 1,
    refused = 2,
    withdrawn = 3,
    not_sought = 4,
    not_required = 5
};

/// domain.md E1, reasons for not seeking agreement.
enum class NotSoughtReason : std::uint8_t {
    none = 0,
    risk_to_child = 1,
    risk_to_other = 2,
    delay_to_enquiry = 3,
    prejudice_crime = 4,
    cannot_be_contacted = 5,
    cannot_be_given = 6,
    giver_is_suspect = 7,
    unknown = 8
};

/// domain.md E1 `giver`.
enum class Giver : std::uint8_t {
    unstated = 0,
    parent_pr = 1,
    other_pr_holder = 2,
    young_person_16_17 = 3,
    gillick_child = 4,
    la_with_care_order = 5,
    no_pr = 6,
    unknown = 7
};

/// domain.md C5: how soon a named person must take it. U1 15 min, U2 1 h, U3 4 working hours, U4
/// end of next working day, U5 3 working days.
enum class Urgency : std::uint8_t { u1 = 1, u2 = 2, u3 = 3, u4 = 4, u5 = 5 };

/// design.md part 5. A higher lane (lower number) never waits behind a lower one.
enum class Lane : std::uint8_t { immediate = 1, urgent = 2, routine = 3, bulk = 4 };
constexpr std::string_view name_of(Lane lane) {
    switch (lane) {
        case Lane::immediate: return "immediate";
        case Lane::urgent: return "urgent";
        case Lane::routine: return "routine";
        case Lane::bulk: return "bulk";
    }
    return "";
}

/// domain.md A, "RAG"; `unstated` is legal.
enum class Rag : std::uint8_t { unstated = 0, red = 1, amber = 2, green = 3, blue = 4 };

/// Why a standby parcel may be released (design.md part 4 and 6).
enum class StandbyCause : std::uint8_t { alternate = 1, out_of_hours = 2 };

/// design.md part 8. A set, each once. `accepted` is said by the broker only.
enum class Rung : std::uint8_t {
    accepted = 1,
    stored = 2,
    opened = 3,
    handed_over = 4,
    taken = 5,
    decided = 6,
    refused = 20,
    undecryptable = 21,
    not_connected = 22,
    expired = 23,
    recalled = 24,
    agreement_stopped = 26  ///< K1: what relied on a withdrawn agreement is used no more
};

/// Kinds of identity agreement (design.md part 6). A strong one links by itself; a weak one never
/// links, and is looked at only to ask a person (area::is_possible_match).
enum class TokenKind : std::uint8_t {
    nhs_dob = 1,
    nhs_surname = 2,
    upn_dob = 3,
    name_dob_postcode = 4,
    name_dob_school = 5,  ///< counts only against the roll of the very school it names
    name_dob = 6,         ///< weak: first letter of the forename, surname, date of birth
    unborn = 7,           ///< of an unborn child, by its mother: never of anybody who was born
    name_postcode = 8,    ///< weak: forename, surname, postcode, whatever the date of birth
    dob_postcode = 9      ///< weak: date of birth and postcode, whatever the name
};
constexpr bool is_strong(TokenKind kind) {
    return kind != TokenKind::name_dob && kind != TokenKind::name_postcode &&
           kind != TokenKind::dob_postcode;
}

enum class TaskKind : std::uint8_t {
    held = 1,             ///< a rule said HUMAN: a named role decides
    not_connected = 2,    ///< a role that must be told has no inbox: ring and record
    pass_on = 3,          ///< the front door decides whether the involved are told
    both_conflicted = 4,  ///< neither the seat nor its alternate may see it
    not_sent = 5,         ///< somebody asked who would be told, and never sent it
    review = 6,           ///< a life was at stake and it went at once: the sender's manager looks
    possible_match = 7,   ///< the front door says whether two records are of one child
    unknown_person = 8,   ///< a conflict names somebody who opens no inbox of that agency
    lapsed = 10,          ///< a child left a list, and nobody has claimed it since
    severed = 11          ///< an identity was severed: whatever is said of it goes elsewhere now
};

/// What the front door answers to a possible match. `taken_back`: an earlier answer counts no more.
enum class IdentityOutcome : std::uint8_t {
    same = 1,
    different = 2,
    cannot_tell = 3,
    taken_back = 4
};

enum class TaskOutcome : std::uint8_t {
    told_by_other_means = 1,
    authorised = 2,
    refused = 3,
    done = 4
};

/// Signed documents an agent fetches (design.md part 5, `FetchSigned`).
enum class DocumentKind : std::uint8_t {
    delegation = 1,  ///< root names the registrar
    registry = 2,
    policy = 3,
    catalogue = 4,
    freshness = 5  ///< registrar says which versions are in force, at most seven days old
};

}  // namespace mash::wire
