// A format of the tests' own: a CSV of `ref,what`, where `what` says what becomes of the row.
#pragma once

#include "agents/runtime/core/source.hpp"

namespace mash::runtime_shell {

/// Rows: "send" gives a notification with this source_ref, once per memory; "pair" two, with this
/// reference and with "-end" behind it; "bad" a fault that loses the record; "warn" a notification
/// and a fault that does not; "roll" a roll of one child. A file whose header is "ref,broken" is
/// refused whole.
std::unique_ptr<runtime::SourceFormat> make_scripted_format();

}  // namespace mash::runtime_shell
