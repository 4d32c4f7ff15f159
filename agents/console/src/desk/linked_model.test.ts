import { expect, test } from 'vitest'
import { link_words, linked_in_order, named, type LinkedEntry } from './linked_model'

const entry = (id: string, of: Partial<LinkedEntry> = {}): LinkedEntry => ({
    id, sender: 'police', inbox: 'hub.ffd', type: 'domestic_abuse_incident', occurred_at: '2026-11-27T09:00:00Z', accepted_at: null, opened: false,
    headline: null, replaced_by: null, links: [{ how: 'same_event', here: null, there: null }], ...of,
})

test('each link says who is meant on which side', () => {
    expect(link_words({ how: 'child_is_named_here', here: 'sibling', there: null })).toBe('About somebody who is named as this child’s brother or sister')
    expect(link_words({ how: 'names_this_child', here: null, there: 'other_child' })).toBe('Names this child as another child')
    expect(link_words({ how: 'names_the_same_person', here: 'mother', there: 'mother' })).toBe('Names the same person: mother of both')
    expect(link_words({ how: 'names_the_same_person', here: 'father', there: 'person_of_concern' })).toBe('Names the same person: father here, person of concern there')
})
test('one item in two inboxes is one line, oldest first', () => {
    const got = linked_in_order([
        { linked: [entry('b', { occurred_at: '2026-11-28T09:00:00Z' }), entry('a')] },
        { linked: [entry('a', { inbox: 'hub.edt', opened: true })] },
    ])
    expect(got.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(got[0]?.opened).toBe(true)
})
test('whom an alert names is told in words and numbers', () => {
    expect(named([])).toBe('')
    expect(named([{ relation: 'sibling' }, { relation: 'mother' }, { relation: 'sibling' }])).toBe('brother or sister (2), mother')
})
