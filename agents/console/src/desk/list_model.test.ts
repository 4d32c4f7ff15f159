import { expect, test } from 'vitest'
import { belongs, count_all, merge, type Line } from './list_model'

const now = Date.parse('2026-11-27T10:00:00Z')
function line(id: string, of: Partial<Line> = {}, progress: Partial<Line['progress']> = {}): Line {
    return {
        id, sender: 'police', inbox: 'hub.ffd', type: 'missing_episode_started', title: 'A child is missing', act: true, urgency: 'U1',
        take_by: '2026-11-27T11:00:00Z', take_by_in_words: null, take_by_estimated: false, overdue: false, accepted_at: '2026-11-27T09:00:00Z',
        why: '', replaced_by: null, agreement_withdrawn: null, assigned_to: null, case_number: null,
        progress: {
            stored_at: null, opened_at: null, handed_over_at: null, taken_at: null, taken_by: null, decided_at: null, outcome: null,
            recalled_at: null, undecryptable: false, ...progress,
        },
        ...of,
    }
}
const ids = (lines: Line[]): string[] => lines.map(({ id }) => id)

test('what nobody has taken is unassigned, and no longer once somebody has', () => {
    expect(belongs(line('a'), 'unassigned', 'me', now)).toBe(true)
    expect(belongs(line('a', {}, { taken_at: '2026-11-27T09:30:00Z', taken_by: 'me' }), 'unassigned', 'me', now)).toBe(false)
})
test('mine is what I took and have not decided; not what a colleague took', () => {
    const taken = { taken_at: '2026-11-27T09:30:00Z', taken_by: 'me' }
    expect(belongs(line('a', {}, taken), 'mine', 'me', now)).toBe(true)
    expect(belongs(line('a', {}, { ...taken, taken_by: 'you' }), 'mine', 'me', now)).toBe(false)
    expect(belongs(line('a', {}, { ...taken, decided_at: '2026-11-27T09:40:00Z' }), 'mine', 'me', now)).toBe(false)
})
test('overdue begins after the deadline, also while the page stands open, and never for what was taken or taken back', () => {
    expect(belongs(line('a', { take_by: '2026-11-27T10:00:00Z' }), 'overdue', 'me', now)).toBe(false)
    expect(belongs(line('a', { take_by: '2026-11-27T09:59:59Z' }), 'overdue', 'me', now)).toBe(true)
    expect(belongs(line('a', { overdue: true }, { taken_at: '2026-11-27T09:30:00Z' }), 'overdue', 'me', now)).toBe(false)
    expect(belongs(line('a', { overdue: true }, { recalled_at: '2026-11-27T09:30:00Z' }), 'overdue', 'me', now)).toBe(false)
})
test('counts agree with what each tab shows', () => {
    const lines = [line('a'), line('b', { inbox: 'hub.edt' }, { opened_at: '2026-11-27T09:30:00Z' })]
    expect(count_all(lines, 'me', now)).toEqual({ new: 1, mine: 0, unassigned: 2, overdue: 0, out_of_hours: 1, taken: 0 })
})
test('with nobody at the list, what is new stands in its place at once', () => {
    expect(ids(merge([line('a')], [line('b'), line('a')], false).lines)).toEqual(['b', 'a'])
})
test('with somebody at the list no row moves: news waits, what is known is brought up to date', () => {
    const got = merge([line('a'), line('c')], [line('b'), line('c'), line('a', {}, { taken_by: 'you' })], true)
    expect(ids(got.lines)).toEqual(['a', 'c'])
    expect(got.lines[0]?.progress.taken_by).toBe('you')
    expect(got.news).toBe(1)
    expect(ids(got.waiting ?? [])).toEqual(['b', 'c', 'a'])
})
test('what is gone goes at once, also under the pointer: it may have been taken back', () => {
    expect(ids(merge([line('a'), line('b')], [line('b')], true).lines)).toEqual(['b'])
})
test('the same id of two senders is two alerts', () => {
    expect(merge([line('a')], [line('a'), line('a', { sender: 'health' })], false).news).toBe(1)
})
