// Of the alert that was opened last: who the child is, and the other children and people whom it names, for the pages beside it.
// In memory, and gone with the session or when the alert is taken back.
import type { Schemas } from '../shared/api'
import { session } from '../shared/session'
import { create_store } from '../shared/store'
import { section_of } from '../shared/words'

export type Named = { key: string; item: Schemas['ReceivedItem'] }
export const opened_last = create_store<Named | null>(null)
session.watch(() => {
    if (session.get().is !== 'in' && opened_last.get() !== null) opened_last.set(null)
})
/** `item` null: it is not to be shown any more. */
export function note_opened(key: string, item: Schemas['ReceivedItem'] | null): void {
    if (item !== null) opened_last.set({ key, item })
    else if (opened_last.get()?.key === key) opened_last.set(null)
}

type Fields = Record<string, unknown>
/** The largest view of a section that came. */
export function section_fields(item: Schemas['ReceivedItem'], section: string): Fields | undefined {
    const views = Object.entries(item.views as Record<string, Fields>).filter(([view]) => section_of(view) === section)
    return views.length === 0 ? undefined : Object.assign({}, ...views.map(([, fields]) => fields)) as Fields
}
export function child_words(item: Schemas['ReceivedItem']): string {
    const child = section_fields(item, 'idn') ?? {}
    return ['forenames', 'surname'].map((part) => child[part]).filter((part) => typeof part === 'string' && part !== '').join(' ')
}
