// The area's signed documents: judged by TrustedArea, kept, served, and never an older one than
// before.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Reads back what was accepted before. store_failed when it no longer reads as it did.
Result<void> load_documents(CoreState& state, store::Transaction& tx);

void on_load_documents(Step& step, const LoadDocuments& load);
void on_fetch_signed(Step& step, const FrameIn& in, const wire::FetchSigned& fetch);
void on_publish_inbox_key(Step& step, const FrameIn& in);

/// Puts a staged policy in force when its time has come.
void tick_documents(Step& step);

}  // namespace mash::broker
