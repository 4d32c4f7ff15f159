import { expect, test } from 'vitest'
import { outcomes_for } from './outcomes'

const all = ['assessment_started', 'strategy_discussion', 'added_to_open_case', 'early_help_offered', 'advice_given', 'passed_to_other_authority', 'child_supported', 'no_further_action'].map((value) => ({ value, label: value }))
const usual = (type: string, kind: string): string[] => outcomes_for(type, kind, all).usual.map(({ value }) => value)

test('what usually comes of it stands first, and nothing is out of reach', () => {
    for (const [type, kind] of [['safeguarding_referral', 'front_door'], ['missing_episode_started', 'police'], ['domestic_abuse_incident', 'school'], ['nobody_knows', 'other']] as const) {
        const { usual: first, rest } = outcomes_for(type, kind, all)
        expect([...first, ...rest].map(({ value }) => value).sort()).toEqual(all.map(({ value }) => value).sort())
        expect(first.at(-1)?.value).toBe('no_further_action')
    }
})
test('a school supports the child; it starts no assessment', () => {
    expect(usual('domestic_abuse_incident', 'school')[0]).toBe('child_supported')
    expect(usual('domestic_abuse_incident', 'school')).not.toContain('assessment_started')
})
test('an area with words of its own gets all of them', () => {
    const own = [{ value: 'visited', label: 'Visited' }, { value: 'no_further_action', label: 'None' }]
    expect(outcomes_for('safeguarding_referral', 'front_door', own)).toEqual({ usual: own, rest: [] })
})
