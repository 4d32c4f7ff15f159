#include "agents/runtime/identity/compare.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "agents/runtime/identity/similarity.hpp"

namespace mash::identity {

namespace {

enum class WordAgreement { unknown, different, initial, similar, same };

bool share_a_part(const FoldedName& a, const FoldedName& b) {
    return std::ranges::any_of(a.parts, [&](const std::string& part) {
        return part.size() >= 3 && std::ranges::find(b.parts, part) != b.parts.end();
    });
}

bool sound_and_look_alike(std::string_view a, std::string_view b) {
    const double likeness = jaro_winkler(a, b);
    return likeness >= 0.9 || (likeness >= 0.8 && soundex(a) == soundex(b) && !soundex(a).empty());
}

WordAgreement compare_forenames(const PersonName& a, const PersonName& b) {
    const std::string& x = a.forename.first;
    const std::string& y = b.forename.first;
    if (x.empty() || y.empty()) return WordAgreement::unknown;
    if (x.size() == 1 || y.size() == 1)
        return x[0] == y[0] ? WordAgreement::initial : WordAgreement::different;
    if (!a.has_full_forename || !b.has_full_forename) return WordAgreement::unknown;
    if (x == y) return WordAgreement::same;
    const std::size_t shorter = std::min(x.size(), y.size());
    const bool one_is_the_others_start = shorter >= 3 && (x.starts_with(y) || y.starts_with(x));
    if (one_is_the_others_start || (shorter >= 4 && is_one_slip(x, y)) ||
        a.forename.whole == b.forename.whole || share_a_part(a.forename, b.forename) ||
        sound_and_look_alike(x, y))
        return WordAgreement::similar;
    return WordAgreement::different;
}

WordAgreement compare_surnames(const PersonName& a, const PersonName& b) {
    const std::string& x = a.surname.whole;
    const std::string& y = b.surname.whole;
    if (!a.has_full_surname || !b.has_full_surname) return WordAgreement::unknown;
    if (x == y) return WordAgreement::same;
    const std::size_t shorter = std::min(x.size(), y.size());
    if ((shorter >= 4 && is_one_slip(x, y)) || share_a_part(a.surname, b.surname) ||
        sound_and_look_alike(x, y))
        return WordAgreement::similar;
    return WordAgreement::different;
}

// Forename in the surname's field and the other way round, in one of the two records.
int crossed(const PersonName& a, const PersonName& b) {
    const auto equal = [](const PersonName& one, const PersonName& other) {
        return one.has_full_forename && other.has_full_surname &&
               one.forename.whole == other.surname.whole;
    };
    return equal(a, b) + equal(b, a);
}

struct NameAgreement {
    WordAgreement forename = WordAgreement::unknown;
    WordAgreement surname = WordAgreement::unknown;
    bool same_full_name = false;  ///< of one candidate name each, fit for a strong kind
    double bits = 0;
    std::vector<Evidence> evidence;
};

Evidence forename_evidence(WordAgreement agreement) {
    switch (agreement) {
        case WordAgreement::same: return {"forename_same", 7};
        case WordAgreement::similar: return {"forename_similar", 4.5};
        case WordAgreement::initial: return {"forename_initial", 2};
        case WordAgreement::different: return {"forename_differs", -3.5};
        case WordAgreement::unknown: break;
    }
    return {};
}

Evidence surname_evidence(WordAgreement agreement) {
    switch (agreement) {
        case WordAgreement::same: return {"surname_same", 9};
        case WordAgreement::similar: return {"surname_similar", 6.5};
        case WordAgreement::initial:
        case WordAgreement::different: return {"surname_differs", -3.5};
        case WordAgreement::unknown: break;
    }
    return {};
}

double sum_of(const std::vector<Evidence>& evidence) {
    double sum = 0;
    for (const auto& one : evidence) sum += one.bits;
    return sum;
}

NameAgreement compare_names(const PersonName& a, const PersonName& b) {
    NameAgreement out{compare_forenames(a, b), compare_surnames(a, b), false, 0, {}};
    const bool full = a.has_full_forename && b.has_full_forename;
    out.same_full_name =
        full && out.forename == WordAgreement::same && out.surname == WordAgreement::same;
    for (const auto& one : {forename_evidence(out.forename), surname_evidence(out.surname)}) {
        if (!one.what.empty()) out.evidence.push_back(one);
    }
    const int swapped = crossed(a, b);
    const Evidence crossing{swapped == 2 ? "names_swapped" : "name_in_the_other_field",
                            swapped == 2 ? 13.0 : 5.0};
    if (swapped > 0 && crossing.bits > sum_of(out.evidence)) out.evidence = {crossing};
    out.bits = sum_of(out.evidence);
    return out;
}

/// Of all names of the one and all names of the other, what speaks most for the same person.
NameAgreement best_name(const Identity& a, const Identity& b) {
    NameAgreement best;
    bool any = false;
    bool same_full_name = false;
    auto forename = WordAgreement::unknown;
    auto surname = WordAgreement::unknown;
    for (const auto& one : a.names) {
        for (const auto& other : b.names) {
            auto agreement = compare_names(one, other);
            same_full_name = same_full_name || agreement.same_full_name;
            forename = std::max(forename, agreement.forename);
            surname = std::max(surname, agreement.surname);
            if (any && agreement.bits <= best.bits) continue;
            best = std::move(agreement);
            any = true;
        }
    }
    best.same_full_name = same_full_name;
    best.forename = forename;
    best.surname = surname;
    return best;
}

std::optional<Evidence> date_evidence(DateAgreement agreement) {
    switch (agreement) {
        case DateAgreement::same: return Evidence{"birth_date_same", 12};
        case DateAgreement::month_agrees: return Evidence{"birth_month_agrees", 7.5};
        case DateAgreement::day_month_swapped: return Evidence{"birth_day_and_month_swapped", 6};
        case DateAgreement::year_agrees: return Evidence{"birth_year_agrees", 4};
        case DateAgreement::one_slip: return Evidence{"birth_date_one_slip", 3};
        case DateAgreement::two_parts_agree: return Evidence{"birth_date_two_parts", 1.5};
        case DateAgreement::different: return Evidence{"birth_date_differs", -4.5};
        case DateAgreement::unknown: break;
    }
    return std::nullopt;
}

double overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::string> both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    return 2.0 * static_cast<double>(both.size()) / static_cast<double>(a.size() + b.size());
}

struct Home {
    bool same = false;  ///< postcode, or an address with a house number
    std::optional<Evidence> evidence;
};

// Postcode, address and contact belong to one household: the best of them counts once, because
// brothers and sisters share all three.
Home compare_homes(const Identity& a, const Identity& b) {
    Home out;
    bool differs = false;
    const auto consider = [&](Evidence evidence) {
        if (!out.evidence || evidence.bits > out.evidence->bits) out.evidence = evidence;
    };
    if (!a.postcode.empty() && !b.postcode.empty()) {
        if (a.postcode == b.postcode) {
            consider({"postcode_same", 10});
            out.same = true;
        } else if (is_one_slip(a.postcode, b.postcode)) {
            consider({"postcode_one_slip", 3.5});
        } else {
            differs = true;
        }
    }
    if (!a.address.empty() && !b.address.empty()) {
        const bool both_with_number = a.has_house_number && b.has_house_number;
        const double common = overlap(a.address, b.address);
        if (a.address == b.address) {
            consider(both_with_number ? Evidence{"address_same", 10} : Evidence{"place_same", 2});
            out.same = out.same || both_with_number;
        } else if (common >= 0.6 && (a.has_house_number || b.has_house_number)) {
            consider({"address_similar", 6});
        } else {
            differs = true;
        }
    }
    if (!a.contact.empty() && !b.contact.empty()) {
        if (a.contact == b.contact)
            consider({"contact_same", 9});
        else if (jaro_winkler(a.contact, b.contact) >= 0.92)
            consider({"contact_similar", 7});
        else
            differs = true;
    }
    if (!out.evidence && differs) out.evidence = Evidence{"home_differs", -1};
    return out;
}

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::any_of(
        a, [&](const std::string& one) { return std::ranges::binary_search(b, one); });
}

// Due dates move by some weeks when a scan corrects them; further apart it is another pregnancy.
constexpr std::int64_t due_days_apart_max = 42;
constexpr std::int64_t pregnancy_days = 280;

enum class Pregnancy { same, not_known, another };

Pregnancy compare_due_dates(const Identity& a, const Identity& b) {
    if (!a.due_date || !b.due_date || !a.due_date->is_whole() || !b.due_date->is_whole())
        return Pregnancy::not_known;
    const auto apart = std::abs(day_number(*a.due_date) - day_number(*b.due_date));
    if (apart <= due_days_apart_max) return Pregnancy::same;
    return apart <= pregnancy_days ? Pregnancy::not_known : Pregnancy::another;
}

class Comparison {
public:
    Comparison(const Identity& a, const Identity& b) : a_(a), b_(b) {}

    Match run() {
        if (a_.is_unborn != b_.is_unborn) {
            // The one describes the child, the other the mother of a child.
            out_.contradictions.push_back(Contradiction::born_and_unborn);
            return std::move(out_);
        }
        weigh();
        find_strong_kinds();
        find_contradictions();
        if (a_.is_unborn && compare_due_dates(a_, b_) == Pregnancy::another) return std::move(out_);
        find_what_is_always_asked();
        decide();
        return std::move(out_);
    }

private:
    bool same_nhs() const { return share_one(a_.nhs_numbers, b_.nhs_numbers); }
    bool other_nhs() const {
        return !a_.nhs_numbers.empty() && !b_.nhs_numbers.empty() && !same_nhs();
    }
    bool same_upn() const { return share_one(a_.upns, b_.upns); }
    bool other_upn() const { return !a_.upns.empty() && !b_.upns.empty() && !same_upn(); }
    bool other_sex() const {
        return a_.sex != Sex::unknown && b_.sex != Sex::unknown && a_.sex != b_.sex;
    }

    void add(std::string_view what, double bits) { out_.evidence.push_back({what, bits}); }

    void weigh() {
        name_ = best_name(a_, b_);
        out_.evidence = name_.evidence;
        date_ = compare_dates(a_.date_of_birth, b_.date_of_birth);
        if (const auto date = date_evidence(date_)) out_.evidence.push_back(*date);
        home_ = compare_homes(a_, b_);
        if (home_.evidence) out_.evidence.push_back(*home_.evidence);
        if (other_sex())
            add("sex_differs", -5);
        else if (a_.sex != Sex::unknown && a_.sex == b_.sex)
            add("sex_same", 1);
        if (same_nhs())
            add("nhs_number_same", 20);
        else if (other_nhs())
            add("nhs_number_differs", -12);
        if (same_upn())
            add("upn_same", 18);
        else if (other_upn())
            add("upn_differs", -6);
        else if (share_one(a_.weak_upns, b_.weak_upns))
            add("unverified_upn_same", 4);
        if (!a_.uln.empty() && a_.uln == b_.uln) add("uln_same", 8);
        if (!a_.school_urn.empty() && a_.school_urn == b_.school_urn) add("school_same", 4);
        out_.bits = sum_of(out_.evidence);
    }

    void find_strong_kinds() {
        const bool same_date = date_ == DateAgreement::same;
        const bool full_name_and_date = name_.same_full_name && same_date;
        const auto add_if = [&](bool agrees, StrongKind kind) {
            if (agrees) out_.strong.push_back(kind);
        };
        add_if(same_nhs() && same_date, StrongKind::nhs_number_and_birth_date);
        add_if(same_nhs() && name_.surname == WordAgreement::same,
               StrongKind::nhs_number_and_surname);
        add_if(same_upn() && same_date, StrongKind::upn_and_birth_date);
        add_if(full_name_and_date && !a_.postcode.empty() && a_.postcode == b_.postcode,
               StrongKind::name_birth_date_and_postcode);
        add_if(full_name_and_date && !a_.school_urn.empty() && a_.school_urn == b_.school_urn &&
                   (a_.is_of_that_schools_roll || b_.is_of_that_schools_roll),
               StrongKind::name_birth_date_and_school);
    }

    void find_contradictions() {
        const auto add_if = [&](bool contradicts, Contradiction what) {
            if (contradicts) out_.contradictions.push_back(what);
        };
        add_if(other_nhs(), Contradiction::other_nhs_number);
        add_if(other_upn(), Contradiction::other_upn);
        add_if(other_sex(), Contradiction::other_sex);
        add_if(date_ == DateAgreement::day_month_swapped || date_ == DateAgreement::one_slip ||
                   date_ == DateAgreement::two_parts_agree || date_ == DateAgreement::different,
               Contradiction::other_birth_date);
        // A twin's number written by mistake looks like this.
        add_if(name_.forename == WordAgreement::different, Contradiction::other_forename);
        add_if(a_.is_unborn && compare_due_dates(a_, b_) != Pregnancy::same,
               Contradiction::other_pregnancy);
    }

    /// Two NHS numbers and two forenames are two children: twins, as a rule. A second UPN is more
    /// common than a second NHS number, so there the forenames must have nothing in common.
    bool numbers_tell_them_apart() const {
        const auto forename = name_.forename;
        return (other_nhs() && forename != WordAgreement::same &&
                forename != WordAgreement::unknown) ||
               (other_upn() && forename == WordAgreement::different);
    }

    void find_what_is_always_asked() {
        const auto ask = [&](bool when, AlwaysAsked rule) {
            if (when) out_.asked.push_back(rule);
        };
        if (!out_.strong.empty()) {
            ask(!out_.contradictions.empty(), AlwaysAsked::strong_but_contradicted);
            return;
        }
        ask(same_nhs() || same_upn(), AlwaysAsked::shared_number);
        if (other_nhs() || other_upn()) return;  // the scale decides
        const bool same_date = date_ == DateAgreement::same;
        const bool surname_agrees =
            name_.surname == WordAgreement::same || name_.surname == WordAgreement::similar;
        ask(surname_agrees && same_date && home_.same && !name_.same_full_name &&
                name_.forename != WordAgreement::unknown,
            AlwaysAsked::possible_twins);
        ask(name_.same_full_name && home_.same && !same_date && date_ != DateAgreement::unknown,
            AlwaysAsked::same_name_and_home);
        ask(name_.same_full_name && same_date, AlwaysAsked::same_name_and_birth_date);
    }

    void decide() {
        if (!out_.strong.empty() && out_.contradictions.empty())
            out_.match = MatchClass::link;
        else if (!out_.asked.empty() || (out_.bits >= question_bits && !numbers_tell_them_apart()))
            out_.match = MatchClass::question;
    }

    const Identity& a_;
    const Identity& b_;
    Match out_;
    NameAgreement name_;
    DateAgreement date_ = DateAgreement::unknown;
    Home home_;
};

}  // namespace

std::string_view to_text(MatchClass match) {
    switch (match) {
        case MatchClass::none: return "none";
        case MatchClass::question: return "question";
        case MatchClass::link: return "link";
    }
    return {};
}

std::string_view to_text(StrongKind kind) {
    switch (kind) {
        case StrongKind::nhs_number_and_birth_date: return "nhs_number_and_birth_date";
        case StrongKind::nhs_number_and_surname: return "nhs_number_and_surname";
        case StrongKind::upn_and_birth_date: return "upn_and_birth_date";
        case StrongKind::name_birth_date_and_postcode: return "name_birth_date_and_postcode";
        case StrongKind::name_birth_date_and_school: return "name_birth_date_and_school";
    }
    return {};
}

std::string_view to_text(Contradiction contradiction) {
    switch (contradiction) {
        case Contradiction::other_nhs_number: return "other_nhs_number";
        case Contradiction::other_upn: return "other_upn";
        case Contradiction::other_sex: return "other_sex";
        case Contradiction::other_birth_date: return "other_birth_date";
        case Contradiction::other_forename: return "other_forename";
        case Contradiction::other_pregnancy: return "other_pregnancy";
        case Contradiction::born_and_unborn: return "born_and_unborn";
    }
    return {};
}

std::string_view to_text(AlwaysAsked rule) {
    switch (rule) {
        case AlwaysAsked::possible_twins: return "possible_twins";
        case AlwaysAsked::same_name_and_home: return "same_name_and_home";
        case AlwaysAsked::same_name_and_birth_date: return "same_name_and_birth_date";
        case AlwaysAsked::shared_number: return "shared_number";
        case AlwaysAsked::strong_but_contradicted: return "strong_but_contradicted";
    }
    return {};
}

Match compare(const Identity& a, const Identity& b) { return Comparison(a, b).run(); }

std::string reasons_of(const Match& match) {
    std::string out;
    const auto add = [&](std::string_view word) {
        if (!out.empty()) out += ';';
        out += word;
    };
    for (const auto kind : match.strong) add(to_text(kind));
    for (const auto contradiction : match.contradictions) add(to_text(contradiction));
    for (const auto rule : match.asked) add(to_text(rule));
    for (const auto& one : match.evidence) {
        std::array<char, 16> bits{};
        const int size = std::snprintf(bits.data(), bits.size(), "(%+g)", one.bits);
        add(std::string(one.what) + std::string(bits.data(), static_cast<std::size_t>(size)));
    }
    return out;
}

}  // namespace mash::identity
