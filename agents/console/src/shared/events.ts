// What the agent says of its own accord: that something changed (never what), and how the link to the broker is.
import { call, is_there } from './api'
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

const everything: Changed = { what: ['received', 'tasks', 'held', 'sent', 'rolls', 'rejected', 'link'], inboxes: [] }
function tell(changed: Changed): void {
    for (const then of [...listeners]) then(changed)
}
function lost(): void {
    if (stream.get().up) stream.set({ up: false, since: new Date().toISOString() })
}

const again_after_ms = 1000
const again_at_most_ms = 5000
/** A cable that was pulled ends no connection: after so long a silence the agent is asked whether it is there. */
const silence_ms = 5000

/** Opens the stream and keeps it open; after a gap every page reads again, and while there is no stream they read every few seconds. */
export function open_events(): () => void {
    let source: EventSource | null = null
    let next: ReturnType<typeof setTimeout> | undefined
    let closed = false
    let failed = 0
    let heard_at = Date.now()
    const open = (): void => {
        const opened = new EventSource('/api/v1/events')
        source = opened
        const on = (name: string, then: (data: string) => void): void =>
            opened.addEventListener(name, (event) => {
                heard_at = Date.now()
                then((event as MessageEvent<string>).data)
            })
        on('hello', (data) => {
            failed = 0
            link.set((JSON.parse(data) as { link: { up: boolean; since: string } }).link)
            stream.set({ up: true, since: null })
            // What changed between the pages' reading and now was told to nobody.
            tell(everything)
        })
        on('link', (data) => link.set(JSON.parse(data) as { up: boolean; since: string }))
        on('changed', (data) => tell(JSON.parse(data) as Changed))
        opened.addEventListener('error', () => void begin_again())
    }
    const begin_again = async (): Promise<void> => {
        source?.close()
        source = null
        failed += 1
        const pause = Math.min(failed * again_after_ms, again_at_most_ms)
        // What hangs is given up quickly: a page asks long before it says that nobody is there.
        const there = await is_there()
        if (closed) return
        if (!there) {
            lost()
            next = setTimeout(() => void begin_again(), pause)
            return
        }
        // Is it the agent or only the stream? Where nobody is signed in any more, `call` says so.
        const answer = await call('get', '/api/v1/me')
        if (closed) return
        heard_at = Date.now()
        if (answer.ok) {
            stream.set({ up: true, since: null })
            if (failed > 1) tell(everything)
        } else lost()
        next = setTimeout(open, pause)
    }
    let asks = false
    const watch = setInterval(async () => {
        if (source === null || asks || Date.now() - heard_at < silence_ms) return
        asks = true
        const watched = source
        const there = await is_there()
        asks = false
        heard_at = Date.now()
        if (closed || there || source !== watched) return
        // Said at once: what asks again has more patience.
        lost()
        void begin_again()
    }, silence_ms / 5)
    open()
    return () => {
        closed = true
        clearTimeout(next)
        clearInterval(watch)
        source?.close()
    }
}
