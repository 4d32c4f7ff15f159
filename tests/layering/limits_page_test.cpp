// Part 5 of proto/README.md says the numbers of common/base/limits.hpp.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "tests/paths/paths.hpp"

namespace mash::layering {
namespace {

/// "16,384", as a page writes it.
std::string count(std::size_t number) {
    auto text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string bytes(std::size_t number) {
    return number % limits::mebibyte == 0 ? count(number / limits::mebibyte) + " MiB"
                                          : count(number / limits::kibibyte) + " KiB";
}

std::string list(const std::vector<std::size_t>& numbers) {
    std::string out;
    for (const auto number : numbers) out += (out.empty() ? "" : "; ") + count(number);
    return out;
}

/// The second cell of the row of part 5 that begins so; "" when there is none.
std::string bound_of(const std::string& what) {
    std::ifstream page(test::source_dir() / "proto/README.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    const auto part = text.find("## 5. Limits");
    const auto end = text.find("## 6.", part);
    const auto row = text.find("\n| " + what + " | ", part);
    if (row == std::string::npos || row > end) return {};
    const auto from = row + what.size() + 6;
    return text.substr(from, text.find(" | ", from) - from);
}

TEST(ProtocolLimits, AreOnThePageAsTheyAreInTheCode) {
    using namespace limits;
    const std::vector<std::pair<std::string, std::string>> rows{
        {"frame", bytes(frame_bytes_max)},
        {"`Routing`, `RoutingFacts`", bytes(routing_bytes_max)},
        {"grant", bytes(grant_bytes_max)},
        {"claim, certificate, statement, recall, agreement, withdrawal, accepted, task",
         bytes(signed_body_bytes_max)},
        {"authorisation, conflict, batch of receipts", bytes(signed_list_bytes_max)},
        {"`Decision`, `PlanFacts`", bytes(decision_bytes_max) + ", " + bytes(plan_facts_bytes_max)},
        {"sealed record, checkpoint",
         bytes(sealed_record_bytes_max) + ", " + bytes(checkpoint_bytes_max)},
        {"subject tokens; tokens of a claim; of a conflict",
         list({tokens_max, tokens_per_claim_max, tokens_max})},
        {"seats in a list; in a thread; with something unchanged",
         list({seats_per_list_max, thread_seats_max, unchanged_seats_max})},
        {"claims, authorisations, certificates, identity answers of a plan",
         list({facts_max, authorisations_max, facts_max, identity_answers_max})},
        {"copies that one identity answer had reached", list({identity_reached_max})},
        {"roles of a person's certificate; members of an inbox",
         list({roles_per_person_max, members_per_inbox_max})},
        {"receipts in a batch", list({receipts_entries_max})},
        {"claims in a frame; of one roll", list({claims_per_frame_max, roll_claims_max})},
        {"inboxes, people, records of a conflict",
         list({excluded_inboxes_max, seats_per_list_max, seats_per_list_max})},
        {"documents in a frame; signatures of one",
         list({documents_per_frame_max, document_signatures_max})},
        {"frames of a host",
         count(frames_per_second_max) + " a second, " + count(frames_burst_max) + " at once"},
        {"sessions of a broker; of one host", list({sessions_max, sessions_per_host_max})},
        {"what lies unread before one connection", bytes(link_queue_bytes_max)},
        {"blinded points of a frame", list({token_evaluations_per_frame_max})},
        {"questions that one agency answers", count(involvement_answers_per_hour_max) + " an hour"},
        {"looks at identities that one agency answers",
         count(identities_shown_per_hour_max) + " an hour"},
        {"claims of one agency and relation that one notification may be asked about; unanswered "
         "questions of one sender about one claim",
         list({possible_matches_max, questions_per_claim_max})},
        {"tasks `not_sent` of one sender, open", list({not_sent_tasks_max})},
        {"after a restore, copies that one agency says it holds and the broker has forgotten",
         list({earlier_copies_max})},
    };
    for (const auto& [what, bound] : rows) EXPECT_EQ(bound_of(what), bound) << what;
    EXPECT_EQ(
        bound_of("severed tokens told with one `ClaimsAccepted`").find(count(severed_tokens_max)),
        0U);
}

}  // namespace
}  // namespace mash::layering
