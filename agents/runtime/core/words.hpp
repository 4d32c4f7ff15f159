// The words of closed vocabularies as JSON and people see them, both ways. One table each, so that
// API, documents and logs cannot differ.
#pragma once

#include <optional>
#include <string_view>

#include "common/wire/family.hpp"
#include "common/wire/vocabulary.hpp"

namespace mash::runtime {

std::string_view word_of(wire::Level value);  ///< "1".."4", "unknown", ""
std::string_view word_of(wire::Harm value);
std::string_view word_of(wire::Purpose value);
std::string_view word_of(wire::AgreementStatus value);
std::string_view word_of(wire::NotSoughtReason value);
std::string_view word_of(wire::Giver value);
std::string_view word_of(wire::Urgency value);  ///< "U1".."U5"
std::string_view word_of(wire::Lane value);
std::string_view word_of(wire::Rag value);
std::string_view word_of(wire::Rung value);
std::string_view word_of(wire::IdentityOutcome value);
std::string_view word_of(wire::LinkedRelation value);
std::string_view word_of(wire::TaskKind value);
std::string_view word_of(wire::TaskOutcome value);

/// The value that `word` names; nothing for any other word. Defined for every enum above.
template <class Enum>
std::optional<Enum> from_word(std::string_view word);

}  // namespace mash::runtime
