// Which outcomes stand first when something is decided, by its type and by who decides. All codes are the catalogue's; this is
// only their order, a proposal [P]: what does not fit is one step further, never out of reach.
type Choice = { value: string; label: string }

const of_front_door: Record<string, string[]> = {
    safeguarding_referral: ['assessment_started', 'strategy_discussion', 'added_to_open_case', 'early_help_offered', 'advice_given', 'no_further_action'],
    early_help_offer: ['early_help_offered', 'advice_given', 'passed_to_other_authority', 'no_further_action'],
    step_change: ['early_help_offered', 'assessment_started', 'added_to_open_case', 'no_further_action'],
    unscheduled_health_attendance: ['added_to_open_case', 'assessment_started', 'strategy_discussion', 'no_further_action'],
    return_interview_outcome: ['added_to_open_case', 'assessment_started', 'strategy_discussion', 'no_further_action'],
    placement_notice: ['added_to_open_case', 'advice_given', 'no_further_action'],
    care_status_changed: ['added_to_open_case', 'no_further_action'],
    education_status_changed: ['added_to_open_case', 'assessment_started', 'advice_given', 'no_further_action'],
}
const of_everybody = ['strategy_discussion', 'assessment_started', 'added_to_open_case', 'passed_to_other_authority', 'no_further_action']
const of_a_school = ['child_supported', 'advice_given', 'no_further_action']
const of_health = ['child_supported', 'added_to_open_case', 'advice_given', 'no_further_action']
const by_kind: Record<string, string[]> = { school: of_a_school, early_years: of_a_school, health: of_health, voluntary: of_a_school }

export function outcomes_for(type: string, agency_kind: string, all: Choice[]): { usual: Choice[]; rest: Choice[] } {
    const codes = by_kind[agency_kind] ?? of_front_door[type] ?? of_everybody
    const usual = codes.flatMap((code) => all.filter(({ value }) => value === code))
    // An area whose catalogue has other words than these gets them as they stand.
    return usual.length < 2 ? { usual: all, rest: [] } : { usual, rest: all.filter((one) => !usual.includes(one)) }
}
