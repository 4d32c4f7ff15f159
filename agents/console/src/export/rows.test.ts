import { expect, test } from 'vitest'
import type { Schemas } from '../shared/api'
import { chronology_rows, sent_rows } from './rows'

type Entry = Schemas['ChronologyEntry']
type Item = Schemas['SentItem']
const entry: Entry = {
    id: '0192f0c1-0000-7000-8000-000000000001', sender: 'police', inbox: 'hub.ffd', type: 'missing_episode_started', title: 'A child is missing', occurred_at: '2027-01-19T12:00:00Z', accepted_at: null,
    opened: false, headline: null, replaced_by: null, how_linked: 'same_number',
}
const item = {
    id: '0192f0c1-0000-7000-8000-000000000002', role: 'sch', type: 'safeguarding_referral', state: 'accepted', created_at: '2027-01-19T12:00:00Z', refusal: null, alarms: [], not_connected: [{ role: 'gst', telephone: '01632 960101', tell_by: null }],
    recipients: [
        { recipient: { agency: 'hub', role: 'ffd' }, name: 'County Family Front Door', take_by: null, rungs: [{ rung: 'taken', at: '2027-01-19T13:00:00Z' }, { rung: 'decided', at: '2027-01-19T14:00:00Z', code: 'assessment_started' }] },
        { recipient: { agency: 'police', role: 'pol' }, name: '', take_by: null, rungs: [] },
    ],
} as unknown as Item

test('a chronology: each entry a row as wide as the first, and what nobody opened shows no word', () => {
    const rows = chronology_rows([entry], null)
    expect(rows.map((row) => row.length)).toEqual([rows[0]?.length, rows[0]?.length])
    expect(rows[1]).toContain('A child is missing')
    expect(rows[1]).toContain('The same NHS or pupil number')
    expect(rows[1]).toContain('police/0192f0c1-0000-7000-8000-000000000001')
    expect(rows[1]?.[3]).toBe('')
})
test('what was sent: a row for each who was told, with the outcome, and one for what told nobody', () => {
    const rows = sent_rows([item, { ...item, recipients: [], refusal: { code: 'refused', message: 'No rule', instead: [] } } as unknown as Item], null)
    expect(rows.length).toBe(4)
    expect(new Set(rows.map((row) => row.length)).size).toBe(1)
    expect(rows[1]).toContain('Assessment started')
    expect(rows[1]?.join()).toContain('01632 960101')
    expect(rows[2]).toContain('police')
    expect(rows[3]?.join()).toContain('No rule')
})
