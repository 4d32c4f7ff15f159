// Does this agency work with the child of a token? Of relations that the policy has asked for, its
// lists lie here and nowhere else: the broker asks, and only who holds the token knows it. Inside
// this folder.
#pragma once

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

/// A question that was answered with yes, by which its claim is found again.
struct AskedRow {
    Seat seat;
    std::string relation;
    Digest entry{};  ///< of table::claims
    WallTime at;
};
void write(Writer& out, const AskedRow& row);
void read(Reader& in, AskedRow& row);

/// How often one of our seats was asked on one day, whatever the answer.
struct AskedCount {
    std::uint32_t asked = 0;
};
inline void write(Writer& out, const AskedCount& row) { out.u32(row.asked); }
inline void read(Reader& in, AskedCount& row) { row.asked = in.u32(); }

namespace table {
inline constexpr Table<ClaimId, AskedRow> asked_and_known{Space("asked_and_known")};
/// By day, as days since 1970.
inline constexpr Table<std::tuple<std::uint32_t, Seat, std::string>, AskedCount> asked_counts{
    Space("asked_counts")};
}  // namespace table

void on_involvement_question(Step& step, const wire::InvolvementQuestion& question);
/// At a sender: somebody has said yes. Believed only if it proves itself.
void on_involvement_answer(Step& step, const wire::InvolvementAnswer& answer);
/// Whether this yes counts for what we have sent under this id: by the facts of its plan alone.
bool proves_itself(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::InvolvementAnswer& answer);
/// To whom told us of it. Taken up, or given back: then a person of the front door passes on. A
/// broker that does not hear it says it once more, which is harmless.
void send_back(Step& step, wire::InvolvementAnswer answer, bool takes_it_up);
/// pass_on.cpp: somebody has said yes to a question about what the front door's agent passes on.
/// False: it was about nothing of the kind.
bool found_for_pass_on(Step& step, const wire::InvolvementAnswer& answer);
/// pass_on.cpp: it came for the automatic pass-on. Also where that inbox has left the registry
/// since and it had gone on by then.
bool is_of_pass_on(Step& step, const InboxKey& key);
/// What was kept of questions for longer than anybody looks at it goes.
void tidy_asked(Step& step);

}  // namespace mash::runtime
