// One item that arrived, as the requests about it find and show it. Inside this folder.
#pragma once

#include <optional>
#include <string_view>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {

struct ReceivedRow {
    InboxKey key;
    InboxItem item;
    wire::StatementBody statement;
    std::uint16_t episode = 0;  ///< 1 to 3: message of a missing episode (domain.md C2)
};
std::optional<ReceivedRow> row_of(Step& step, const InboxKey& key);

/// "<uuid>", or "<sender>/<uuid>" where two senders used the same one. `inbox` empty: any of the
/// caller's.
struct FoundReceived {
    std::optional<ReceivedRow> row;
    Answer failure;
};
FoundReceived find_received(Step& step, const Caller& caller, std::string_view id,
                            const InboxId& inbox);
/// Those asked for, or all of the caller's. Errors: not_entitled.
Result<std::vector<InboxId>> inboxes_asked_for(Step& step, const Caller& caller,
                                               const InboxId& inbox);
/// Its content is not here any more.
std::optional<Answer> gone(const InboxItem& item);

/// Of the list: what the broker says, and what this desk made of it.
Json received_line(Step& step, const ReceivedRow& row);
/// Under which this agency files it; null: not said.
Json case_number_json(Step& step, const InboxKey& key);
Json progress_json(Step& step, const InboxKey& key, const InboxItem& item);
/// The name that a member of the inbox goes by; null: nobody, or nobody of this inbox any more.
Json member_name_json(Step& step, const InboxId& inbox, const PersonId& person);
/// What replaces this one; null: nothing that has come.
Json replaced_by_json(Step& step, const InboxKey& key);

}  // namespace mash::runtime
