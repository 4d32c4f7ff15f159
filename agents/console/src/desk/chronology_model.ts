// A child's chronology without the page.
import type { Schemas } from '../shared/api'
import { key_of } from './list_model'

export type Entry = Schemas['ChronologyEntry']
/** One line each: what lies in two inboxes of this person is one event. Oldest first; what has no time comes before what has. */
export function in_order(parts: { entries: Entry[] }[]): Entry[] {
    const one = new Map<string, Entry>()
    for (const { entries } of parts) {
        for (const entry of entries) {
            const known = one.get(key_of(entry))
            if (known === undefined || (!known.opened && entry.opened)) one.set(key_of(entry), entry)
        }
    }
    return [...one.values()].sort((a, b) => (a.occurred_at ?? '').localeCompare(b.occurred_at ?? '') || a.id.localeCompare(b.id))
}
export function passes(entry: Entry, type: string, sender: string): boolean {
    return (type === '' || entry.type === type) && (sender === '' || entry.sender === sender)
}
/** What can be chosen: what is there, once each, in the order of its words. */
export function choices(entries: Entry[], of: (entry: Entry) => { value: string; label: string }): { value: string; label: string }[] {
    const found = new Map(entries.map((entry) => [of(entry).value, of(entry).label]))
    return [...found].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label))
}
const links: Record<Entry['how_linked'], string> = {
    this_item: 'The alert you came from',
    same_thread: 'The same episode or referral',
    same_event: 'The same event, attached to it',
    same_number: 'The same NHS or pupil number',
    name_and_birth_date: 'The same name and date of birth, and no number to compare. Check that it is the same child',
}
export const link_words = (how: Entry['how_linked']): string => links[how]
