// The agent's half of the conversation, by hand: frames as an honest agent makes them, with a place
// to make them wrong. Not a second agent: no outbox, no checks. The simulator runs the real one.
#pragma once

#include <optional>
#include <set>

#include "common/wire/frames.hpp"
#include "tests/support/test_area.hpp"

namespace mash::test {

/// Facts of a notification of `type` about one child, as the named agency would state them. Level,
/// harm and agreement are such that an unconditional row shares.
wire::RoutingFacts facts_about(const AgencyId& sender, const RoleId& role, const TypeId& type,
                               std::vector<wire::Token> tokens, WallTime occurred_at);

/// A missing child, high risk, told by police-wm.
wire::RoutingFacts missing_child(std::uint64_t child, WallTime at,
                                 const std::string& grade = "high");

wire::RequestPlan request_plan(const NotificationId& id, wire::RoutingFacts facts, WallTime at);

/// Seals exactly what the plan says: every view a few invented bytes. Routing holds `facts`.
wire::Publish seal(TestArea& area, const wire::DisclosurePlan& plan,
                   const wire::RoutingFacts& facts, WallTime at);

/// Seals, as a supplement, those of the plan's recipients whom `told` does not reach.
wire::Supplement supplement(TestArea& area, wire::DisclosurePlan plan,
                            const wire::RoutingFacts& facts, const std::set<InboxId>& told,
                            WallTime at);

/// Signs the notification again after a test has changed its parcels or views.
void sign_again(TestArea& area, const AgencyId& sender, const NotificationId& id,
                wire::SealedNotification& sealed);

/// A receipt for one delivery, signed by the agency of its seat.
wire::Receipts receipt(TestArea& area, const wire::Delivery& delivery, wire::Rung rung,
                       WallTime at);
wire::Receipts receipt(TestArea& area, const AgencyId& from, const AgencyId& sender,
                       std::vector<wire::ReceiptEntry> entries, std::vector<DeliveryId> deliveries);

/// `inbox`: its copy only.
wire::Recall recall(TestArea& area, const AgencyId& sender, const NotificationId& id, WallTime at,
                    const InboxId& inbox = {});

wire::DeclareConflict conflict(TestArea& area, const AgencyId& by, const ConflictId& id,
                               std::vector<wire::Token> tokens, std::vector<InboxId> excluded,
                               WallTime from, std::uint64_t serial = 1);
wire::EndConflict end_conflict(TestArea& area, const AgencyId& by, const ConflictId& id,
                               WallTime at);

wire::AuthorisationFrame authorise(TestArea& area, const Seat& decider, const NotificationId& id,
                                   const AgencyId& sender, const std::string& rule,
                                   std::vector<Seat> seats, bool allow, WallTime at);
wire::TaskAnswer answer_task(TestArea& area, const wire::Task& task, wire::TaskOutcome outcome,
                             WallTime at);

}  // namespace mash::test
