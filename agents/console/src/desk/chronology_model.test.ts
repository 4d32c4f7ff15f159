import { expect, test } from 'vitest'
import { choices, in_order, passes, type Entry } from './chronology_model'

const entry = (id: string, of: Partial<Entry> = {}): Entry => ({
    id, sender: 'police', inbox: 'hub.ffd', type: 'missing_episode_started', occurred_at: '2026-11-27T09:00:00Z', accepted_at: null, opened: false,
    headline: null, replaced_by: null, how_linked: 'same_thread', ...of,
})
const ids = (entries: Entry[]): string[] => entries.map(({ id }) => id)

test('parts come newest first, and what happened is told oldest first, whatever part it came in', () => {
    const got = in_order([
        { entries: [entry('c', { occurred_at: '2026-11-20T09:00:00Z' }), entry('d')] },
        { entries: [entry('a', { occurred_at: '2026-10-01T09:00:00Z' }), entry('e', { occurred_at: '2026-11-28T09:00:00Z' })] },
    ])
    expect(ids(got)).toEqual(['a', 'c', 'd', 'e'])
})
test('one event in two inboxes is one line, and the one that was opened says what it is', () => {
    const got = in_order([{ entries: [entry('a'), entry('a', { inbox: 'hub.edt', opened: true, headline: 'Reported missing' })] }])
    expect(got).toHaveLength(1)
    expect(got[0]?.headline).toBe('Reported missing')
    expect(in_order([{ entries: [entry('a'), entry('a', { sender: 'health' })] }])).toHaveLength(2)
})
test('kind and agency filter together, and only what is there can be chosen', () => {
    const entries = [entry('a'), entry('b', { sender: 'health', type: 'unscheduled_health_attendance' }), entry('c', { sender: 'health' })]
    expect(ids(entries.filter((one) => passes(one, 'missing_episode_started', 'health')))).toEqual(['c'])
    expect(ids(entries.filter((one) => passes(one, '', '')))).toEqual(['a', 'b', 'c'])
    expect(choices(entries, ({ sender }) => ({ value: sender, label: sender }))).toEqual([{ value: 'health', label: 'health' }, { value: 'police', label: 'police' }])
})
