// The operator's questions and the few acts that are theirs. Answers hold ids, codes, counts and
// times.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_operator(Step& step, const OperatorCommand& command);

}  // namespace mash::broker
