#include "agents/runtime/core/severed.hpp"

#include <algorithm>
#include <iterator>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "agents/runtime/identity/person.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

/// A list says it again within a week; then the broker does as well.
constexpr std::chrono::hours word_counts_for{24 * 35};

struct SeveredToken {
    WallTime told_at;
    wire::InvolvementClaim severing;  ///< its tokens alone; since version 2
};
void write(Writer& out, const SeveredToken& row) {
    out.i64(row.told_at.unix_ms());
    out.u32(static_cast<std::uint32_t>(row.severing.tokens.size()));
    for (const auto& token : row.severing.tokens)
        out.u8(static_cast<std::uint8_t>(token.kind)).u16(token.epoch).fixed(token.value);
}
void read(Reader& in, SeveredToken& row, std::uint8_t version) {
    const auto told_at = WallTime::from_unix_ms(in.i64());
    if (version < 2) return;  // the broker's word alone: it counts no more
    row.told_at = told_at;
    for (auto left = in.count(35); left > 0 && in.ok(); --left) {
        wire::Token token;
        token.kind = static_cast<wire::TokenKind>(in.u8());
        token.epoch = in.u16();
        token.value = in.array<32>();
        row.severing.tokens.push_back(token);
    }
}

/// Since version 2; what was written before is old.
struct SeveredEntry {
    WallTime told_at;
};
void write(Writer& out, const SeveredEntry& row) { out.i64(row.told_at.unix_ms()); }
void read(Reader& in, SeveredEntry& row, std::uint8_t version) {
    if (version >= 2) row.told_at = WallTime::from_unix_ms(in.i64());
}

/// By the token's value.
constexpr store::Table<Digest, SeveredToken> severed_tokens{store::Space("severed_tokens"), 2};
/// Entries of lists that held such a token.
constexpr store::Table<std::tuple<Seat, std::string, Digest>, SeveredEntry> severed_entries{
    store::Space("severed_entries"), 2};

constexpr std::size_t forgotten_at_once_max = 512;

template <class Row>
bool counts(const Step& step, const std::optional<Row>& row) {
    return row && row->told_at + word_counts_for > step.now.wall;
}

template <class Key, class Row>
void forget_old(Step& step, const store::Table<Key, Row>& table) {
    std::vector<Key> old;
    table.scan(step.tx, {}, [&](const Key& key, const Row& row) {
        if (row.told_at + word_counts_for <= step.now.wall) old.push_back(key);
        return old.size() < forgotten_at_once_max;
    });
    for (const auto& key : old) table.erase(step.tx, key);
}

bool severs(const Step& step, const std::string& relation) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_relation(relation);
    return rule != nullptr && rule->severs;
}

/// "" unless both halves and the date are whole.
std::string name_text(std::string_view forename, std::string_view surname,
                      std::string_view date_of_birth) {
    const auto first = identity::folded(forename);
    const auto last = identity::folded(surname);
    const auto born = normalise_date_of_birth(date_of_birth);
    if (born.empty() || !identity::is_full_forename(first) || !identity::is_full_surname(last))
        return {};
    return first.first + "|" + last.whole + "|" + born;
}

using WholeName = std::pair<PersonalText, PersonalText>;

/// The main one first; of an alias both halves.
std::vector<WholeName> whole_names(const Subject& subject) {
    std::vector<WholeName> names{{subject.forename, subject.surname}};
    for (const auto& [forename, surname] : subject.aliases)
        names.emplace_back(forename.reveal().empty() ? subject.forename : forename,
                           surname.reveal().empty() ? subject.surname : surname);
    return names;
}

std::string number_of(std::string_view text) {
    auto nhs = normalise_nhs_number(text);
    return nhs.empty() ? normalise_upn(text) : nhs;
}

std::vector<const PersonalText*> numbers_of(const Subject& subject) {
    std::vector<const PersonalText*> numbers{&subject.nhs_number, &subject.upn};
    for (const auto& one : subject.former_nhs_numbers) numbers.push_back(&one);
    for (const auto& one : subject.former_upns) numbers.push_back(&one);
    return numbers;
}

/// The claims that prove it. The broker's word alone would let whoever stole it shorten every list.
std::vector<wire::InvolvementClaim> proved(const Step& step,
                                           const std::vector<wire::SignedClaim>& severing) {
    std::vector<wire::InvolvementClaim> claims;
    if (step.registry() == nullptr || step.policy() == nullptr) return claims;
    for (const auto& one : severing) {
        auto claim = area::check_claim(one, *step.registry(), *step.policy(), step.now.wall);
        if (claim && severs(step, claim->relation)) claims.push_back(std::move(*claim));
    }
    return claims;
}

/// Of the identity that this one severs, and of no other child of that name and home.
bool is_of(const wire::InvolvementClaim& severing, const std::vector<wire::Token>& ours) {
    return area::link_of_severed(ours, severing, area::AgencyKind()) == area::Link::linked;
}

EntryIdentity entry_of(const Subject& subject, bool is_school) {
    const auto use = is_school ? TokenUse::roll : TokenUse::caseload;
    auto identities = canonical_identities(subject, use);
    std::ranges::move(weak_identities(subject, use), std::back_inserter(identities));
    return {std::move(identities), subject_text(subject)};
}

/// States each entry of this host's other lists anew for which `changed` gives another subject.
template <class Changed>
void state_anew(Step& step, Changed changed) {
    if (step.registry() == nullptr) return;
    for (const auto& [roll, row] : table::rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = roll;
        const auto* agency = step.registry()->find_agency(seat.agency);
        if (severs(step, relation) || agency == nullptr) continue;
        Entries entries;
        const Bytes prefix = store::key_bytes(seat, relation);
        for (const auto& [key, held] : table::claims.collect(step.tx, {.prefix = prefix})) {
            const auto& entry = std::get<2>(key);
            const auto kept =
                kept_entry(step, sealed::roll_identity, store::key_bytes(seat, relation, entry));
            const auto subject = subject_from_text(kept.shown.reveal());
            if (!subject) continue;
            if (const auto now = changed(key, held, *subject))
                entries.emplace(entry, entry_of(*now, !agency->urn.empty()));
        }
        if (entries.empty()) continue;
        ReplaceRoll list;
        list.seat = seat;
        list.relation = relation;
        list.partial = true;
        if (add_to_pending_roll(step, list, entries, 0)) continue;
        keep_pending_roll(step, list, entries, 0);
    }
    go_on_with_rolls(step);
}

}  // namespace

SeveredIdentities::SeveredIdentities(Step& step) {
    for (const auto& [roll, row] : table::rolls.collect(step.tx, {})) {
        const auto& [seat, relation] = roll;
        if (!severs(step, relation)) continue;
        const Bytes prefix = store::key_bytes(seat, relation);
        for (const auto& key : table::claims.collect_keys(step.tx, {.prefix = prefix})) {
            const auto kept = kept_entry(step, sealed::roll_identity,
                                         store::key_bytes(seat, relation, std::get<2>(key)));
            const auto before = subject_from_text(kept.shown.reveal());
            if (!before) continue;
            for (const auto* number : numbers_of(*before)) {
                if (auto text = number_of(number->reveal()); !text.empty())
                    numbers_.insert(std::move(text));
            }
            for (const auto& [forename, surname] : whole_names(*before)) {
                auto name =
                    name_text(forename.reveal(), surname.reveal(), before->date_of_birth.reveal());
                if (!name.empty()) names_.insert(std::move(name));
            }
        }
    }
}

bool SeveredIdentities::is_number(std::string_view text) const {
    const auto number = number_of(text);
    return !number.empty() && numbers_.contains(number);
}

bool SeveredIdentities::is_name(std::string_view forename, std::string_view surname,
                                std::string_view date_of_birth) const {
    const auto name = name_text(forename, surname, date_of_birth);
    return !name.empty() && names_.contains(name);
}

SeveredIdentities::Says SeveredIdentities::says(const Subject& subject) const {
    Says says;
    if (empty() || subject.unborn) return says;
    const auto note = [&](bool is_known, bool is_old) {
        says.of_before = says.of_before || (is_known && is_old);
        says.of_now = says.of_now || (is_known && !is_old);
    };
    for (const auto* number : numbers_of(subject))
        note(!number_of(number->reveal()).empty(), is_number(number->reveal()));
    const auto born = subject.date_of_birth.reveal();
    for (const auto& [forename, surname] : whole_names(subject)) {
        note(!name_text(forename.reveal(), surname.reveal(), born).empty(),
             is_name(forename.reveal(), surname.reveal(), born));
    }
    return says;
}

Subject SeveredIdentities::without(const Subject& subject) const {
    const auto said = says(subject);
    if (!said.of_before || !said.of_now) return subject;
    const auto born = subject.date_of_birth.reveal();
    Subject now = subject;
    const auto is_old = [&](const PersonalText& number) { return is_number(number.reveal()); };
    if (is_old(now.nhs_number)) now.nhs_number = PersonalText();
    if (is_old(now.upn)) now.upn = PersonalText();
    std::erase_if(now.former_nhs_numbers, is_old);
    std::erase_if(now.former_upns, is_old);
    // Whole, so that no half of a name of before is put to one of now.
    auto names = whole_names(subject);
    std::erase_if(names, [&](const WholeName& name) {
        return is_name(name.first.reveal(), name.second.reveal(), born);
    });
    now.forename = names.empty() ? PersonalText() : names.front().first;
    now.surname = names.empty() ? PersonalText() : names.front().second;
    now.aliases.clear();
    if (!names.empty()) now.aliases.assign(names.begin() + 1, names.end());
    return now;
}

bool SeveredIdentities::are_named_in(std::string_view text, const Subject& now) const {
    const auto said = identity::fold_name(text);
    const auto holds = [&](std::string_view part) { return said.find(part) != std::string::npos; };
    const auto born = normalise_date_of_birth(now.date_of_birth.reveal());
    const auto surname = identity::fold_name(now.surname.reveal());
    return std::ranges::any_of(numbers_, holds) ||
           std::ranges::any_of(names_, [&](const std::string& name) {
               const auto first = name.find('|');
               const auto last = name.rfind('|');
               const auto forename_before = name.substr(0, first);
               const auto surname_before = name.substr(first + 1, last - first - 1);
               return name.substr(last + 1) == born && holds(surname_before) &&
                      (surname != surname_before || holds(forename_before));
           });
}

void sever(Step& step, Notification& notification) {
    const SeveredIdentities severed(step);
    const auto said = severed.says(notification.subject);
    // Of the child of before and of nobody else it reaches the adoption team, in its own words.
    if (severed.empty() || (said.of_before && !said.of_now)) return;
    notification.subject = severed.without(notification.subject);
    const auto identity = notification.sections.find(std::string(identity_section));
    if (identity == notification.sections.end()) return;
    std::erase_if(identity->second, [&](const auto& field) {
        return severed.are_named_in(field.second.reveal(), notification.subject);
    });
}

void state_lists_without_severed(Step& step) {
    const SeveredIdentities severed(step);
    if (severed.empty()) return;
    state_anew(step,
               [&](const auto&, const ClaimRow&, const Subject& subject) -> std::optional<Subject> {
                   auto now = severed.without(subject);
                   if (subject_text(now).reveal() == subject_text(subject).reveal())
                       return std::nullopt;
                   return now;
               });
}

void on_severed_tokens(Step& step, const wire::ClaimsAccepted& word) {
    if (word.severed.empty()) return;
    const auto severing = proved(step, word.severing);
    std::size_t named = 0;
    bool is_news = false;
    for (const auto& claim : severing) {
        wire::InvolvementClaim identity;
        identity.tokens = area::strong_tokens(claim.tokens);
        for (const auto& token : identity.tokens) {
            if (!std::ranges::binary_search(word.severed, token)) continue;
            ++named;
            is_news = is_news || !counts(step, severed_tokens.get(step.tx, token.value));
            severed_tokens.put(step.tx, token.value, {step.now.wall, identity});
        }
    }
    if (named == 0) return step.record(LogEvent::frame_refused, ErrorCode::fact_unproved);
    // However often it comes: the lists were stated without it.
    if (!is_news) return;
    step.record(LogEvent::claim_refused);
    state_anew(step,
               [&](const auto& key, const ClaimRow& held,
                   const Subject& subject) -> std::optional<Subject> {
                   const auto ours = wire::decode_body<wire::InvolvementClaim>(held.body);
                   if (!ours || std::ranges::none_of(severing, [&](const auto& claim) {
                           return is_of(claim, ours->tokens);
                       }))
                       return std::nullopt;
                   severed_entries.put(step.tx, key, {step.now.wall});
                   return of_today(subject);
               });
}

void leave_out_severed(Step& step, std::vector<wire::Token>& tokens) {
    const auto all = tokens;
    std::erase_if(tokens, [&](const wire::Token& token) {
        const auto row = severed_tokens.get(step.tx, token.value);
        return counts(step, row) && is_of(row->severing, all);
    });
}

bool touches_severed(Step& step, const Seat& seat, const std::string& relation,
                     const Digest& entry) {
    return counts(step, severed_entries.get(step.tx, {seat, relation, entry}));
}

Subject of_today(Subject subject) {
    subject.former_nhs_numbers.clear();
    subject.former_upns.clear();
    subject.aliases.clear();
    return subject;
}

void forget_severed_tokens(Step& step) {
    forget_old(step, severed_tokens);
    forget_old(step, severed_entries);
}

}  // namespace mash::runtime
