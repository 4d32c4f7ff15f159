// One tab of the live list, kept up to date: read only as far as it is shown and a page further.
import { useCallback, useEffect, useRef, useState, type MutableRef } from 'preact/hooks'
import type { Failure } from '../shared/api'
import { on_changed } from '../shared/events'
import { alert_people } from '../shared/sound'
import { arrivals, asked_of, counts_of, key_of, merge, type Counts, type MyInbox, type Shown, type Tab } from './list_model'
import { read_list } from './received'

export const rows_at_once = 50
/** Deadlines pass while nothing arrives. */
const again_every_ms = 30_000
/** Rows are drawn again when the time that they are told changes: not at every reading. */
const coarse_now = (): number => Math.floor(Date.now() / 10_000) * 10_000

export type LiveList = {
    tab: Tab
    shown: Shown | null
    counts: Counts | null
    rows: number
    more: boolean
    /** Asked for and not here yet. */
    busy: boolean
    said: string
    fresh: Set<string>
    now: number
    failure: Failure | null
    choose: (tab: Tab) => void
    show_more: () => void
    show_waiting: () => void
}

export function use_live_list(inboxes: MyInbox[], is_held_still: MutableRef<() => boolean>): LiveList {
    const [list, set_list] = useState<Omit<LiveList, 'choose' | 'show_more' | 'show_waiting'>>({
        tab: 'open', shown: null, counts: null, rows: rows_at_once, more: false, busy: false, said: '', fresh: new Set(), now: coarse_now(), failure: null,
    })
    const current = useRef(list)
    const change = useCallback((part: Partial<typeof list>) => {
        current.current = { ...current.current, ...part }
        set_list(current.current)
    }, [])
    const wish = useRef<{ tab: Tab; rows: number }>({ tab: 'open', rows: rows_at_once })
    const reading = useRef(false)
    const again = useRef(false)

    const read = useCallback(async (): Promise<void> => {
        // One reading at a time; what is wished for or comes meanwhile asks for one more.
        again.current = true
        if (reading.current) return
        reading.current = true
        while (again.current) {
            again.current = false
            const { tab, rows } = wish.current
            const answer = await read_list(asked_of(tab, inboxes), rows + rows_at_once)
            if (!answer.ok) {
                change({ failure: answer, busy: false })
                continue
            }
            // Another tab was chosen meanwhile: this is not what anybody wants to see.
            if (wish.current.tab !== tab) continue
            const { lines, more } = answer.body
            const before = current.current
            const counts = counts_of(answer.body.counts, inboxes)
            const part: Partial<typeof before> = { tab, rows, more, counts, busy: false, failure: null, now: coarse_now() }
            const is_same = before.tab === tab && before.shown !== null
            const known = new Set(before.shown === null ? [] : [...before.shown.lines, ...(before.shown.waiting ?? [])].map(key_of))
            if (before.counts !== null) {
                const arrived = arrivals(is_same ? known : new Set(lines.map(key_of)), lines, before.counts, counts)
                if (arrived > 0) {
                    part.said = arrived === 1 ? '1 new alert' : `${arrived} new alerts`
                    part.fresh = new Set(is_same ? lines.map(key_of).filter((key) => !known.has(key)) : [])
                    alert_people(arrived)
                }
            }
            const held = is_same && before.rows === rows && is_held_still.current()
            part.shown = is_same ? merge(before.shown?.lines ?? [], lines, held) : { lines, waiting: null, news: 0 }
            change(part)
        }
        reading.current = false
    }, [inboxes, is_held_still, change])

    useEffect(() => {
        void read()
        const stop = on_changed((changed) => {
            if (changed.what.includes('received')) void read()
        })
        const tick = setInterval(() => void read(), again_every_ms)
        return () => {
            stop()
            clearInterval(tick)
        }
    }, [read])

    return {
        ...list,
        choose: (tab) => {
            wish.current = { tab, rows: rows_at_once }
            change({ busy: true })
            void read()
        },
        show_more: () => {
            wish.current = { ...wish.current, rows: wish.current.rows + rows_at_once }
            // They are here already; what comes after them is read behind.
            change({ rows: wish.current.rows })
            void read()
        },
        show_waiting: () => change({ shown: { lines: current.current.shown?.waiting ?? [], waiting: null, news: 0 } }),
    }
}
