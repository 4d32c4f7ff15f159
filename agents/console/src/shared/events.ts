// What the agent says of its own accord: that something changed (never what), and how the link to the broker is.
import { call } from './api'
import { create_store } from './store'

export type Link = { up: boolean; since: string } | null
export type Changed = { what: string[]; inboxes: string[] }
/** `stream`: false while the agent itself does not answer, since when. */
export const link = create_store<Link>(null)
export const stream = create_store<{ up: boolean; since: string | null }>({ up: true, since: null })

const listeners = new Set<(changed: Changed) => void>()
export function on_changed(then: (changed: Changed) => void): () => void {
    listeners.add(then)
    return () => listeners.delete(then)
}

const everything: Changed = { what: ['received', 'tasks', 'held', 'sent', 'rolls', 'link'], inboxes: [] }
function tell(changed: Changed): void {
    for (const then of [...listeners]) then(changed)
}
function lost(): void {
    if (stream.get().up) stream.set({ up: false, since: new Date().toISOString() })
}

/** Opens the stream and keeps it open; after a gap every page reads again. */
export function open_events(): () => void {
    let source: EventSource | null = null
    let retry: ReturnType<typeof setTimeout> | undefined
    let closed = false
    let was_open = false
    const open = (): void => {
        source = new EventSource('/api/v1/events')
        source.addEventListener('hello', (event) => {
            const hello = JSON.parse((event as MessageEvent<string>).data) as { link: { up: boolean; since: string } }
            link.set(hello.link)
            stream.set({ up: true, since: null })
            if (was_open) tell(everything)
            was_open = true
        })
        source.addEventListener('link', (event) => link.set(JSON.parse((event as MessageEvent<string>).data) as { up: boolean; since: string }))
        source.addEventListener('changed', (event) => tell(JSON.parse((event as MessageEvent<string>).data) as Changed))
        source.addEventListener('error', () => {
            lost()
            // The browser gives up on an answer that is no stream; then it is ours to ask again.
            if (source?.readyState === EventSource.CLOSED && !closed) {
                retry = setTimeout(() => {
                    tell(everything)
                    open()
                }, 5000)
            }
        })
    }
    open()
    return () => {
        closed = true
        clearTimeout(retry)
        source?.close()
    }
}

const ask_every_ms = 1000
/** Where the agent has no stream: asks how it is, and lets the pages read again. One question at a time. */
export function ask_for_events(): () => void {
    let next: ReturnType<typeof setTimeout> | undefined
    let closed = false
    const ask = async (): Promise<void> => {
        const answer = await call('get', '/api/v1/status')
        if (closed) return
        if (answer.ok) {
            stream.set({ up: true, since: null })
            const up = answer.body.link === 'open'
            if (link.get()?.up !== up) link.set({ up, since: new Date().toISOString() })
            tell(everything)
        } else lost()
        next = setTimeout(() => void ask(), ask_every_ms)
    }
    void ask()
    return () => {
        closed = true
        clearTimeout(next)
    }
}
