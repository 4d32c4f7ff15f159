#include "agents/health/told_people.hpp"

#include <algorithm>

#include "agents/runtime/core/source_row.hpp"

namespace mash::health {

namespace {

constexpr std::size_t told_max = 32;
constexpr std::size_t merges_followed_max = 16;

std::string person_name(const std::string& key) { return "person/" + key; }
std::string record_name(const std::string& record) { return "record/" + record; }

}  // namespace

RecordedIdentity::RecordedIdentity(const std::vector<PersonalText>& fields) {
    for (const auto& field : fields)
        fields_.push_back(field.reveal().empty() ? "" : runtime::revision_of({field}));
}

RecordedIdentity RecordedIdentity::from(std::string_view text) {
    RecordedIdentity out;
    while (!text.empty()) {
        const auto end = std::min(text.find('.'), text.size());
        out.fields_.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string RecordedIdentity::text() const {
    std::string out;
    for (const auto& field : fields_) out += field + ".";
    return out;
}

bool RecordedIdentity::is_news_to(const RecordedIdentity& before) const {
    for (std::size_t at = 0; at < fields_.size(); ++at) {
        const bool is_same = at < before.fields_.size() && before.fields_[at] == fields_[at];
        if (!fields_[at].empty() && !is_same) return true;
    }
    return false;
}

RecordedIdentity RecordedIdentity::over(const RecordedIdentity& before) const {
    RecordedIdentity out = *this;
    out.fields_.resize(std::max(fields_.size(), before.fields_.size()));
    for (std::size_t at = 0; at < before.fields_.size(); ++at) {
        if (out.fields_[at].empty()) out.fields_[at] = before.fields_[at];
    }
    return out;
}

std::optional<ToldPeople::Found> ToldPeople::find(const std::vector<std::string>& records) const {
    for (const auto& record : records) {
        auto key = past_.before(record_name(record));
        if (!key) continue;
        Found out{*key, person_state(past_.before(person_name(*key))), false};
        // A record may have been merged more than once; a ring is no chain.
        for (std::size_t step = 0; !out.state.became.empty() && step < merges_followed_max;
             ++step) {
            out.key = out.state.became;
            out.state = person_state(past_.before(person_name(out.key)));
            out.is_merged = true;
        }
        return out;
    }
    return std::nullopt;
}

void ToldPeople::tell(runtime::ReadFile::Made& made, const std::vector<std::string>& records,
                      const RecordedIdentity& identity, const std::string& held_as) {
    if (records.empty()) return;
    auto found = find(records).value_or(Found{records.front(), {}, false});
    auto& state = found.state;
    const auto before = RecordedIdentity::from(state.identity);
    // A change is told of all that was told before it is remembered; and what another record of the
    // same person says is not who they are recorded as.
    if (!found.is_merged) state.identity = before.over(identity).text();
    if (std::ranges::find(state.visits, held_as) == state.visits.end())
        state.visits.push_back(held_as);
    if (state.visits.size() > told_max) state.visits.erase(state.visits.begin());
    keep(&made, found.key, state);
    for (const auto& record : records) {
        if (!past_.before(record_name(record))) keep_record(made, record, found.key);
    }
}

void ToldPeople::keep(runtime::ReadFile::Made* made, const std::string& key,
                      const PersonState& state) {
    if (made == nullptr)
        past_.keep(person_name(key), text_of_state(state));
    else
        past_.keep_once_taken(*made, person_name(key), text_of_state(state));
}

void ToldPeople::keep_record(runtime::ReadFile::Made& made, const std::string& record,
                             const std::string& key) {
    past_.keep_once_taken(made, record_name(record), key);
}

}  // namespace mash::health
