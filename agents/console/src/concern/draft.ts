// The draft that is open on this page, and its way to the agent, which keeps it sealed to its author. Nothing of it is in the
// browser's storage. What could not be saved is tried again until it is; of two windows the second is told.
import { call, type Failure } from '../shared/api'
import { session } from '../shared/session'
import { create_store } from '../shared/store'
import { empty_draft, text_at, type DraftContent } from './answers'

export type Open = {
    id: string
    owner: string
    revision: number
    content: DraftContent
    /** `changed`: more was typed than is saved. `elsewhere`: another window saved, or it is gone. */
    state: 'reading' | 'saved' | 'changed' | 'saving' | 'failed' | 'elsewhere'
    saved_at: string | null
    failure: Failure | null
}
export const open_draft = create_store<Open | null>(null)
/** Nothing is wrong with what was to be saved: the same again may do. */
export const passes = (failure: Failure | null): boolean => failure !== null && (failure.status === 0 || failure.status >= 500)
const save_after_ms = 1500
const again_after_ms = 5000
let timer: ReturnType<typeof setTimeout> | undefined

const unsaved = (): boolean => ['changed', 'saving', 'failed'].includes(open_draft.get()?.state ?? '')
// Whoever signs in next at this page finds nothing of the last person's. What its author could not save before the session
// ended waits in the page's memory until they are back.
session.watch(() => {
    const who = session.get()
    const draft = open_draft.get()
    if (draft === null || who.is === 'unknown') return
    if (who.is === 'out') return unsaved() ? clearTimeout(timer) : open_draft.set(null)
    if (who.session.person !== draft.owner) open_draft.set(null)
    else if (draft.state === 'failed') void save_draft()
})
window.addEventListener('beforeunload', (event) => {
    if (unsaved()) event.preventDefault()
})

const owner_now = (): string => {
    const who = session.get()
    return who.is === 'in' ? who.session.person : ''
}
function label_of(content: DraftContent): string {
    return [text_at(content.answers, 'idn.forenames'), text_at(content.answers, 'idn.surname')].filter((part) => part !== '').join(' ').slice(0, 60)
}

export function begin_draft(content: DraftContent = empty_draft): string {
    const id = crypto.randomUUID()
    open_draft.set({ id, owner: owner_now(), revision: 0, content, state: 'saved', saved_at: null, failure: null })
    return id
}
export async function read_draft(id: string): Promise<void> {
    if (open_draft.get()?.id === id) return
    open_draft.set({ id, owner: owner_now(), revision: 0, content: empty_draft, state: 'reading', saved_at: null, failure: null })
    const answer = await call('get', '/api/v1/drafts/{id}', { path: { id } })
    if (open_draft.get()?.id !== id) return
    if (answer.ok) open_draft.set({ id, owner: owner_now(), revision: answer.body.revision, content: { ...empty_draft, ...(answer.body.content as Partial<DraftContent>) }, state: 'saved', saved_at: answer.body.saved_at, failure: null })
    else open_draft.set({ id, owner: owner_now(), revision: 0, content: empty_draft, state: 'elsewhere', saved_at: null, failure: answer })
}
export function forget_open(): void {
    open_draft.set(null)
}

export function change_draft(change: (content: DraftContent) => DraftContent): void {
    const now = open_draft.get()
    if (now === null || now.state === 'reading' || now.state === 'elsewhere') return
    open_draft.set({ ...now, content: change(now.content), state: now.state === 'saving' ? 'saving' : 'changed' })
    clearTimeout(timer)
    timer = setTimeout(() => void save_draft(), save_after_ms)
}

let under_way: Promise<boolean> | null = null
/** True once what stands on the page is saved. */
export async function save_draft(): Promise<boolean> {
    clearTimeout(timer)
    if (under_way !== null) await under_way
    const now = open_draft.get()
    if (now === null || now.state === 'elsewhere' || now.state === 'reading') return false
    if (now.state === 'saved' && now.revision > 0) return true
    under_way = save(now)
    const saved = await under_way
    under_way = null
    return saved
}
async function save(now: Open): Promise<boolean> {
    open_draft.set({ ...now, state: 'saving' })
    const answer = await call('post', '/api/v1/drafts', {
        body: { id: now.id, revision: now.revision, label: label_of(now.content), content: now.content as unknown as Record<string, unknown> },
    })
    const after = open_draft.get()
    if (after === null || after.id !== now.id) return answer.ok
    const more = after.content !== now.content
    if (answer.ok) {
        open_draft.set({ ...after, revision: answer.body.revision, saved_at: answer.body.saved_at, state: more ? 'changed' : 'saved', failure: null })
        if (more) timer = setTimeout(() => void save_draft(), save_after_ms)
        return !more
    }
    open_draft.set({ ...after, state: answer.status === 409 ? 'elsewhere' : 'failed', failure: answer })
    if (session.get().is !== 'in') return false
    // What can be mended here is said; everything else passes, and is tried again.
    if (passes(answer)) timer = setTimeout(() => void save_draft(), again_after_ms)
    return false
}
/** After it was sent, or because its author says so. */
export async function delete_draft(id: string): Promise<void> {
    clearTimeout(timer)
    if (open_draft.get()?.id === id) open_draft.set(null)
    await call('delete', '/api/v1/drafts/{id}', { path: { id } })
}
