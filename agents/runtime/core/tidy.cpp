// What may go: acknowledged receipts and answered errands past retention, drafts nobody went on
// with. Ids and rungs stay (tombstones).
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/severed.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t removed_at_once_max = 512;

bool is_old(const Step& step, WallTime done_at) {
    return done_at.is_set() && done_at + step.agent.config.retention_after_taken <= step.now.wall;
}

void remove_receipts(Step& step) {
    std::vector<std::pair<std::uint64_t, BatchId>> old;
    table::receipts.scan(step.tx, {.limit = removed_at_once_max},
                         [&](std::uint64_t order, ReceiptBatch& batch) {
                             if (!is_old(step, batch.acked_at))
                                 return false;  // oldest first: the rest is younger
                             const auto body = wire::decode_body<wire::ReceiptsBody>(batch.body);
                             old.emplace_back(order, body ? body->batch : BatchId{});
                             return true;
                         });
    for (const auto& [order, batch] : old) {
        table::receipts.erase(step.tx, order);
        table::receipt_batches.erase(step.tx, batch);
    }
}

void remove_errands(Step& step) {
    std::vector<std::string> old;
    table::errands.scan(step.tx, {.limit = removed_at_once_max},
                        [&](const std::string& name, Errand& errand) {
                            if (!errand.standing && is_old(step, errand.done_at))
                                old.push_back(name);
                            return true;
                        });
    for (const auto& name : old) table::errands.erase(step.tx, name);
}

}  // namespace

void tidy(Step& step) {
    if (step.agent.clock_jumped) return;
    remove_receipts(step);
    remove_errands(step);
    remove_old_decisions(step);
    remove_old_drafts(step);
    forget_unused_outputs(step);
    forget_severed_tokens(step);
}

}  // namespace mash::runtime
