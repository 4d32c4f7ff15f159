// What ADT messages mean for a child: attendance at unscheduled care, admission, discharge, death,
// what was cancelled, whose record was merged into whose. Visits are known by sender and visit
// number; out of order, twice and cancelled unseen is normal.
#pragma once

#include "agents/health/hl7_adt.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::health {

class AdtEvents {
public:
    AdtEvents(const runtime::ReadContext& context, runtime::SourceMemory& memory,
              runtime::ReadFile& file)
        : context_(context), memory_(memory), file_(file) {}

    /// One message of any type: counted, and turned into notifications where the catalogue has one
    /// for it. `line` is for the report.
    void take(const AdtMessage& message, std::uint64_t record, std::uint64_t line);

private:
    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& file_;
    runtime::DistinctCount children_;
};

}  // namespace mash::health
