// Recipients that a later plan adds to an accepted notification. What was accepted first stays as
// it is, byte for byte; each supplement is kept beside it and answered again like it.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_supplement(Step& step, const FrameIn& in);

/// A plan for a notification that is with its recipients: what the later decision asks of people.
/// Nothing is asked twice.
void open_later_tasks(Step& step, const ItemKey& item, const NotificationRecord& record,
                      const PlanRecord& plan, const std::vector<Seat>& addressed_to);

}  // namespace mash::broker
