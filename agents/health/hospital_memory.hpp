// What is remembered of each visit and each person of a hospital, between messages: references and
// digests, no person's data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mash::health {

struct VisitState {
    bool told = false;
    bool admitted = false;
    bool left = false;
    bool history = false;  // lay before the first import: never news
    std::string ref;       // of the newest that was sent: what a correction replaces
    unsigned sent = 0;
    std::int64_t cancelled_at = 0;  // when the source recorded it
};

struct PersonState {
    std::string identity;  // digest
    std::string death_ref;
    std::string became;               // the key of the person whom this record was merged into
    std::vector<std::string> visits;  // told
};

/// Of what was kept; as new when nothing was.
VisitState visit_state(const std::optional<std::string>& text);
PersonState person_state(const std::optional<std::string>& text);
std::string text_of_state(const VisitState& state);
std::string text_of_state(const PersonState& state);

}  // namespace mash::health
