// Linked people without the page: how another child's item is linked, in words, once each.
import type { Schemas } from '../shared/api'
import { key_of } from './list_model'

export type LinkedEntry = Schemas['LinkedEntry']
type Link = Schemas['PersonLink']
type Relation = Schemas['LinkedRelation']

const people: Record<Relation, string> = {
    sibling: 'brother or sister', other_child: 'another child', mother: 'mother', father: 'father', carer: 'carer',
    household_adult: 'adult of the household', person_of_concern: 'person of concern',
}
export const relation_words = (relation: Relation): string => people[relation]

export function link_words(link: Link): string {
    const here = link.here === null ? 'somebody' : people[link.here]
    const there = link.there === null ? 'somebody' : people[link.there]
    switch (link.how) {
        case 'same_event': return 'The same event: the sender told of each child by itself'
        case 'child_is_named_here': return link.here === 'other_child' ? 'About another child, who is named with this one' : `About somebody who is named as this child’s ${here}`
        case 'names_this_child': return link.there === 'other_child' ? 'Names this child as another child' : `Names this child as ${there}`
        case 'names_the_same_person':
            return here === there ? `Names the same person: ${here} of both` : `Names the same person: ${here} here, ${there} there`
    }
}
/** Oldest first; what lies in two inboxes of this person is one item. A later part may know of more links. */
export function linked_in_order(parts: { linked: LinkedEntry[] }[]): LinkedEntry[] {
    const one = new Map<string, LinkedEntry>()
    for (const { linked } of parts) {
        for (const entry of linked) {
            const known = one.get(key_of(entry))
            if (known === undefined || (!known.opened && entry.opened)) one.set(key_of(entry), entry)
        }
    }
    return [...one.values()].sort((a, b) => (a.occurred_at ?? '').localeCompare(b.occurred_at ?? '') || a.id.localeCompare(b.id))
}
/** "brother or sister, mother (2)": whom an alert names, without a name. */
export function named(people_named: { relation: Relation }[]): string {
    const count = new Map<string, number>()
    for (const { relation } of people_named) count.set(people[relation], (count.get(people[relation]) ?? 0) + 1)
    return [...count].map(([words, times]) => (times === 1 ? words : `${words} (${times})`)).join(', ')
}
