// What arrived as a CSV, for systems and people that take no JSON: one line for each field.
#pragma once

#include <optional>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

/// Columns `id`, `field`, `value`. A field is named by the way to it: "views/evt.full/what". UTF-8
/// with its mark, every cell in quotes, CRLF. A value that a spreadsheet would take for a formula
/// has an apostrophe before it: what another agency wrote runs on nobody's machine. Nothing: the
/// item is no JSON object.
std::optional<PersonalText> handover_csv(const runtime::HandOver& item);

}  // namespace mash::runtime_shell
