// Time as the core sees it: what falls due, and what waits while the clock is in doubt.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Compares the two clocks since the last batch. A jump over limits::clock_jump_max pauses expiries
/// until confirmed.
void watch_clock(Step& step);

/// One look at everything that time drives, bounded: what is left over waits for the next tick.
void on_tick(Step& step);

void confirm_clock(Step& step);

}  // namespace mash::broker
