// Of the alert that was opened last: who the child is, and the other children and people whom it names, for the pages beside it.
// In memory, and gone with the session or when the alert is taken back.
import type { Schemas } from '../shared/api'
import { on_changed } from '../shared/events'
import { session } from '../shared/session'
import { create_store } from '../shared/store'
import { section_of } from '../shared/words'
import { key_of } from './list_model'
import { read_lines } from './received'

/** `item` null: it was taken back, or may not be shown any more. */
export type OpenedLast = { key: string; item: Schemas['ReceivedItem'] | null }
export const opened_last = create_store<OpenedLast | null>(null)
session.watch(() => {
    if (session.get().is !== 'in' && opened_last.get() !== null) opened_last.set(null)
})
export function note_opened(key: string, item: Schemas['ReceivedItem'] | null): void {
    if (item !== null || opened_last.get()?.key === key) opened_last.set({ key, item })
}
// Whatever page is open meanwhile.
on_changed((changed) => {
    const { key, item } = opened_last.get() ?? { key: '', item: null }
    if (item === null || !changed.what.includes('received')) return
    void read_lines([item]).then((answer) => {
        if (!answer.ok) return
        const line = answer.body.get(key_of(item))
        if (line === undefined || line.progress.recalled_at !== null) return note_opened(key, null)
        const { replaced_by, agreement_withdrawn } = line
        if (replaced_by !== item.replaced_by || agreement_withdrawn?.at !== item.agreement_withdrawn?.at) note_opened(key, { ...item, replaced_by, agreement_withdrawn })
    })
})

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
