// The tables of sentences. One row per code; a test asks that every code the rules can give has its
// row.
#include <algorithm>
#include <array>
#include <span>

#include "common/area/explain.hpp"

namespace mash::area {
namespace {

struct Sentence {
    std::string_view code;
    std::string_view text;
};

constexpr Sentence rule_sentences[] = {
    {"D3-1",
     "This address is kept from everybody. Two different people release it: first the sender's "
     "safeguarding lead."},
    {"D3-2",
     "This address is kept from everybody. Two different people release it: the first has agreed, "
     "and a manager who is somebody else confirms."},
    {"E-01",
     "The sender has stated a conflict of interest, so this inbox is left out and its alternate is "
     "told."},
    {"E-02", "Your role may not publish this type of notification."},
    {"E-03", "The row of the catalogue gives this recipient no part in this type of notification."},
    {"E-04", "Life or serious injury is at stake now, so it is shared at once."},
    {"E-05", "Something needed for the decision is missing."},
    {"E-06",
     "Harmful practices go to police and the front door only, and the family is never asked."},
    {"E-06a", "Harm is suspected, so this is not a request for early help."},
    {"E-07",
     "You have said that telling this recipient could be worse for the child than silence, so a "
     "manager decides."},
    {"E-08", "This type of notification is a duty or a function of law. Agreement is not needed."},
    {"E-09",
     "Harm is likely or has happened. It is shared whatever the family has said about agreement."},
    {"E-10",
     "Harm is suspected. Those who decide about protection are told whatever the family has said "
     "about agreement."},
    {"E-11",
     "Whoever answered may not answer for the child, so it counts as if nobody had been asked."},
    {"E-12",
     "Whoever answered is suspected of harming the child, so it counts as if nobody had been "
     "asked."},
    {"E-13",
     "Those who may agree do not agree with each other, so the sender's safeguarding lead "
     "decides."},
    {"E-14",
     "The child is in need and no harm is suspected. It goes with the family's agreement, or when "
     "the sender's safeguarding lead has taken the front door's advice and decides so."},
    {"E-15", "The family agreed that this agency may be told, and for this purpose."},
    {"E-16", "The family agreed, but not to this agency or not for this purpose."},
    {"E-17", "Help is to be arranged and the family has refused it."},
    {"E-18", "Help was to be arranged and the family has withdrawn its agreement."},
    {"E-19", "Help is to be arranged and the family has not been asked."},
    {"E-20",
     "Both agencies are under the duty to share what promotes a child's welfare. A person decides, "
     "and less is shared."},
    {"E-21", "Below significant harm this area shares by agreement."},
    {"E-22", "Universal services meet this level of need, so nothing is shared."},
    {"E-23", "The facts do not settle it, so a named person decides. It is never dropped."},
};

constexpr Sentence refusal_sentences[] = {
    {"publisher_not_entitled", "Your role may not publish this type of notification."},
    {"no_function", "This recipient has no function in this type of notification."},
    {"incomplete", "A fact that the decision needs is missing. Add it and send again."},
    {"wrong_type", "Harm is suspected, so send a safeguarding referral, not an offer of help."},
    {"detrimental",
     "A manager decided that telling this recipient would be worse for the child than silence."},
    {"agreement_scope",
     "The family has not agreed to this agency or this purpose. Ask them, and name it to them."},
    {"agreement_refused", "The family has refused, and no harm is suspected. It is recorded."},
    {"agreement_not_sought",
     "Nobody who may agree has been asked, and no reason for not asking is given."},
    {"withdrawn",
     "The family has withdrawn its agreement. If you now see harm, say so and send again."},
    {"not_released",
     "Somebody who had to release this address said no. It stays where it is; ask them."},
    {"below_threshold", "This level of need is met by universal services."},
    {"decider_refused",
     "The person who decides has refused. Their reason is with them; ask if you disagree."},
    {"nobody_to_decide",
     "A person has to decide this, and everybody who could is in the conflict of interest that you "
     "state, or has no inbox. Ring somebody at the front door, the emergency duty team or the "
     "designated officer who has no part in it."},
    {"documents_not_fresh",
     "Nobody has vouched for the area's policy and registry for a week. Only what is most urgent "
     "still travels; this waits. Ring the front door."},
    {"policy_expired",
     "The area's policy has expired. Only what is most urgent still travels. Ring the front door."},
    {"policy_not_in_force",
     "The area's policy is not in force yet. Only what is most urgent travels. Ring the front "
     "door."},
    {"type_not_in_force", "The law behind this type of notification is not in force in this area."},
    {"unknown_type", "This area does not have this type of notification."},
    {"unknown_kind", "This type of notification does not have this kind."},
    {"no_recipient",
     "Nobody may be told by this notification. If you are worried about a child, ring the front "
     "door."},
    {"identity_severed",
     "This identity is no longer in use. Nobody but the team that keeps it is told: ring that "
     "team, "
     "whose number stands with it, if the child may be in danger now."},
    {"too_many_recipients",
     "More agencies claim to work with the child than one notification can reach."},
    {"all_refused", "Every recipient was refused, for different reasons. They are listed above."},
};

constexpr Sentence warning_sentences[] = {
    {"agreement_overridden",
     "The family did not agree and it is shared all the same. Tell them so, or record why that is "
     "unsafe."},
    {"calendar_ends",
     "A deadline lies beyond the bank holidays that this area has loaded. Tell the area's "
     "administrator."},
    {"family_must_not_be_asked",
     "Do not ask, tell or write to the family about this, and stop what goes to them by itself, "
     "such as messages about attendance."},
    {"front_door_passes_on",
     "Others may work with this child. You are not shown who; the front door passes it on to "
     "them."},
    {"giver_cannot_agree",
     "Whoever answered about agreement may not answer for the child. Ask somebody with parental "
     "responsibility, or the young person."},
    {"giver_is_suspect",
     "Whoever answered about agreement is suspected of harming the child, so the answer does not "
     "count."},
    {"held_but_not_connected",
     "Somebody who would be told only with a person's leave has no inbox. Ask the front door."},
    {"manager_review_one_working_day", "Your manager must review this within one working day."},
    {"missing_harm", "Say whether the child has been harmed, may be harmed, or not."},
    {"missing_level", "Say which level of need you see."},
    {"missing_purpose", "Say whether you inform somebody or ask for a service."},
    {"missing_status",
     "Say what the family has been asked and has answered, or why they were not asked."},
    {"no_alternate",
     "Somebody with a conflict of interest has no alternate. The front door will find another "
     "way."},
    {"only_statutory_exceptions",
     "A statute orders this notification. Only that statute's own exceptions count."},
    {"documents_not_fresh",
     "Nobody has vouched for the area's policy and registry for a week: this went to the front "
     "door "
     "or emergency duty only. Ring whoever else must know."},
    {"policy_expired",
     "The area's policy has expired: this went to the front door or emergency duty only."},
    {"policy_in_grace",
     "The area's policy has expired and runs on for a short time. Tell the area's administrator."},
    {"policy_not_in_force",
     "The area's policy is not in force yet: this went to the front door or emergency duty only."},
    {"sender_is_recipient",
     "You are yourself one of those who would be told, so nothing is sent to your own inbox."},
    {"too_many_recipients",
     "More agencies claim to work with the child than one notification can reach. Ring the front "
     "door."},
    {"unknown_marker", "A marker is not one of this area's, so it changed nothing."},
    {"unknown_risk_grade",
     "The risk grade is not one of this area's, so it is treated as if none had been given."},
    {"unmatched",
     "The child could not be identified with certainty. Nobody was found through their records."},
};

constexpr Sentence offer_sentences[] = {
    {"send_as_safeguarding_referral",
     "Send the same content to the front door as a safeguarding referral: any role may."},
    {"ask_for_agreement",
     "Ask somebody who may agree, name to them each agency and what for, and send again."},
    {"universal_services", "Tell the family about the universal services that can help."},
    {"unnamed_advice", "Ask the front door for advice without naming the child."},
};

constexpr Sentence basis_words[] = {
    {"c", "legal duty (UK GDPR Article 6(1)(c))"},
    {"d", "vital interests (Article 6(1)(d))"},
    {"e", "public task (Article 6(1)(e))"},
    {"ea", "recognised legitimate interest (Article 6(1)(ea))"},
    {"9c", "vital interests where consent cannot be given (Article 9(2)(c))"},
    {"9g", "substantial public interest (Article 9(2)(g))"},
    {"9g-p18",
     "substantial public interest: safeguarding of children (Article 9(2)(g), Data Protection Act "
     "2018 Schedule 1 paragraph 18)"},
    {"9g-p18a",
     "substantial public interest: safeguarding of children, and consent cannot be given (Article "
     "9(2)(g), Data Protection Act 2018 Schedule 1 paragraph 18)"},
    {"9g-p18b",
     "substantial public interest: safeguarding of children, and consent cannot reasonably be "
     "expected to be obtained (Article 9(2)(g), Data Protection Act 2018 Schedule 1 paragraph "
     "18)"},
    {"9g-p18c",
     "substantial public interest: safeguarding of children, and asking for consent would "
     "prejudice their protection (Article 9(2)(g), Data Protection Act 2018 Schedule 1 paragraph "
     "18)"},
    {"9h", "health or social care (Article 9(2)(h))"},
    {"10", "data about offences and allegations of them (Article 10)"},
};

constexpr Sentence view_words[] = {
    {"match", "names in use, date of birth and sex only"},
    {"headline", "what and when only"},
    {"incident", "reference, date, time and place"},
    {"word", "grade only"},
    {"flag", "that there is one, and whom to ring"},
    {"critical", "what is needed to save life only"},
    {"short", "short account"},
    {"day", "what this school must do"},
    {"own", "own tasks only"},
    {"contact", "contact only"},
    {"full", ""},
};

std::string_view find(std::span<const Sentence> table, std::string_view code,
                      std::string_view otherwise) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Sentence& s) { return s.code == code; });
    return found == table.end() ? otherwise : found->text;
}

}  // namespace

std::string_view explain_rule(std::string_view rule) {
    return find(rule_sentences, rule,
                "A rule of the area's policy that this version does not describe.");
}
std::string_view explain_refusal(std::string_view code) {
    return find(refusal_sentences, code,
                "Refused, for a reason that this version does not describe. Ring the front door.");
}
std::string_view explain_warning(std::string_view code) {
    return find(warning_sentences, code,
                "Something about this decision needs care. Ring the front door.");
}
std::string_view explain_offer(std::string_view code) {
    return find(offer_sentences, code, "Ring the front door and ask what to do instead.");
}

std::string explain_basis(std::string_view basis) {
    std::string out;
    while (!basis.empty()) {
        const auto end = std::min(basis.find(';'), basis.size());
        const std::string_view part = basis.substr(0, end);
        if (!out.empty()) out += "; ";
        out += find(basis_words, part, part);
        basis.remove_prefix(std::min(end + 1, basis.size()));
    }
    return out;
}

std::string explain_view(const Policy& policy, const ViewId& view) {
    const ViewDefinition* definition = policy.find_view(view);
    if (definition == nullptr) return view.value();
    const SectionDefinition* section = policy.find_section(definition->section);
    std::string out = section == nullptr ? definition->section : section->title;
    if (const auto dot = view.value().find('.'); dot != std::string::npos) {
        const std::string_view suffix = std::string_view(view.value()).substr(dot + 1);
        const std::string_view words = find(view_words, suffix, suffix);
        if (!words.empty()) out += " (" + std::string(words) + ")";
    }
    return out;
}

}  // namespace mash::area
