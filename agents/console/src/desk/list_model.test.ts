import { expect, test } from 'vitest'
import { arrivals, asked_of, counts_of, is_late, merge, tabs_of, type Line } from './list_model'

const now = Date.parse('2026-11-27T10:00:00Z')
function line(id: string, of: Partial<Line> = {}, progress: Partial<Line['progress']> = {}): Line {
    return {
        id, sender: 'police', inbox: 'hub.ffd', type: 'missing_episode_started', title: 'A child is missing', act: true, urgency: 'U1',
        take_by: '2026-11-27T11:00:00Z', take_by_in_words: null, take_by_estimated: false, overdue: false, accepted_at: '2026-11-27T09:00:00Z',
        why: '', marks: [], clocks: [], replaced_by: null, agreement_withdrawn: null, assigned_to: null, case_number: null,
        progress: {
            stored_at: null, opened_at: null, handed_over_at: null, taken_at: null, taken_by: null, decided_at: null, outcome: null,
            recalled_at: null, undecryptable: false, ...progress,
        },
        ...of,
    }
}
const ids = (lines: Line[]): string[] => lines.map(({ id }) => id)

const both = [{ id: 'hub.ffd', role: 'ffd' }, { id: 'hub.edt', role: 'edt' }]
const counted = (of: Partial<{ open: number; overdue: number; mine: number; unassigned: number; newest_at: string | null }>, inbox = 'hub.ffd') => ({
    inbox, open: 0, overdue: 0, mine: 0, unassigned: 0, newest_at: null, ...of,
})

test('out of hours is the inbox of the night, for a desk that has the day as well', () => {
    expect(tabs_of(both).map(({ tab }) => tab)).toContain('out_of_hours')
    expect(asked_of('out_of_hours', both)).toEqual({ state: 'open', inbox: 'hub.edt' })
    expect(tabs_of([{ id: 'hub.edt', role: 'edt' }]).map(({ tab }) => tab)).not.toContain('out_of_hours')
    expect(tabs_of([{ id: 'teme-meadow.sch', role: 'sch' }]).map(({ tab }) => tab)).not.toContain('out_of_hours')
    expect(asked_of('mine', both)).toEqual({ state: 'mine' })
})
test('overdue begins after the deadline, also while the page stands open, and never for what was taken or taken back', () => {
    expect(is_late(line('a', { take_by: '2026-11-27T10:00:00Z' }), now)).toBe(false)
    expect(is_late(line('a', { take_by: '2026-11-27T09:59:59Z' }), now)).toBe(true)
    expect(is_late(line('a', { overdue: true }, { taken_at: '2026-11-27T09:30:00Z' }), now)).toBe(false)
    expect(is_late(line('a', { overdue: true }, { recalled_at: '2026-11-27T09:30:00Z' }), now)).toBe(false)
})
test('counts are of all inboxes together, and a number that the agent did not count to its end says so', () => {
    const got = counts_of({ counted_to: 500, inboxes: [counted({ open: 500, mine: 2, newest_at: '2026-11-27T09:00:00Z' }), counted({ open: 3, newest_at: '2026-11-27T09:30:00Z' }, 'hub.edt')] }, both)
    expect(got.tabs).toEqual({ open: '503+', overdue: '0', unassigned: '0', mine: '2', out_of_hours: '3' })
    expect(got.newest_at).toBe('2026-11-27T09:30:00Z')
})
test('what arrives further down than the page reads is news as well, and what only moves is none', () => {
    const before = { tabs: {}, open: 2, newest_at: '2026-11-27T09:00:00Z' }
    const known = new Set(['police/a'])
    expect(arrivals(known, [line('a')], before, { ...before, open: 3, newest_at: '2026-11-27T09:05:00Z' })).toBe(1)
    expect(arrivals(known, [line('b', { accepted_at: '2026-11-27T09:05:00Z' }), line('a')], before, { ...before, open: 3, newest_at: '2026-11-27T09:05:00Z' })).toBe(1)
    // Taken by a colleague in the same moment as another came.
    expect(arrivals(known, [line('a')], before, { ...before, newest_at: '2026-11-27T09:05:00Z' })).toBe(1)
    // The next line of the list came up because one above it was taken.
    expect(arrivals(known, [line('c')], before, { ...before, open: 1 })).toBe(0)
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
test('what comes after the last row moves none, and is put there: the next line of a longer list is no news', () => {
    const got = merge([line('a'), line('b'), line('c')], [line('b'), line('c'), line('d')], true)
    expect(ids(got.lines)).toEqual(['b', 'c', 'd'])
    expect(got).toMatchObject({ news: 0, waiting: null })
})
test('another order without anything new waits as well', () => {
    const got = merge([line('a'), line('b')], [line('b'), line('a')], true)
    expect(ids(got.lines)).toEqual(['a', 'b'])
    expect(got.news).toBe(0)
    expect(ids(got.waiting ?? [])).toEqual(['b', 'a'])
})
test('what is gone goes at once, also under the pointer: it may have been taken back', () => {
    expect(ids(merge([line('a'), line('b')], [line('b')], true).lines)).toEqual(['b'])
})
test('the same id of two senders is two alerts', () => {
    expect(merge([line('a')], [line('a'), line('a', { sender: 'health' })], false).news).toBe(1)
})
