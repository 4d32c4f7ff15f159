// Chronology and search look through everything that this person may open, a part at a time: shown as it comes, stopped by the
// person or when the page is left.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Answer, Failure } from '../shared/api'
import { on_changed } from '../shared/events'
import { key_of, type Line } from './list_model'
import { read_lines } from './received'

/** Of one answer; the agent's own bound. */
export const looked_through_at_once = 200
type Part = { unreadable: number; next: string | null }
export type ReadingThrough<T> = {
    parts: T[]
    is: 'idle' | 'reading' | 'stopped' | 'done'
    failure: Failure | null
    start: (ask: (cursor: string | undefined) => Promise<Answer<T>>) => void
    stop: () => void
    clear: () => void
}
export function use_reading_through<T extends Part>(): ReadingThrough<T> {
    const [state, set_state] = useState<{ parts: T[]; is: ReadingThrough<T>['is']; failure: Failure | null }>({ parts: [], is: 'idle', failure: null })
    // Whoever reads holds the number under which they began; a stop or a new start gives out the next.
    const round = useRef(0)
    const start = useCallback((ask: (cursor: string | undefined) => Promise<Answer<T>>): void => {
        const mine = ++round.current
        set_state({ parts: [], is: 'reading', failure: null })
        const read = async (): Promise<void> => {
            let cursor: string | undefined
            do {
                const answer = await ask(cursor)
                if (round.current !== mine) return
                if (!answer.ok) return set_state((now) => ({ ...now, is: 'stopped', failure: answer }))
                cursor = answer.body.next ?? undefined
                const is = cursor === undefined ? 'done' : 'reading'
                set_state((now) => ({ ...now, parts: [...now.parts, answer.body], is }))
            } while (cursor !== undefined)
        }
        void read()
    }, [])
    const stop = useCallback(() => {
        round.current++
        set_state((now) => (now.is === 'reading' ? { ...now, is: 'stopped' } : now))
    }, [])
    const clear = useCallback(() => {
        round.current++
        set_state({ parts: [], is: 'idle', failure: null })
    }, [])
    useEffect(() => () => {
        round.current++
    }, [])
    return { ...state, start, stop, clear }
}

/** null: it has none any more. What was not asked for yet is not in it. */
export type Lines = Map<string, Line | null>
/**
 * The lines of what a page shows, as they are now, each time the agent says that something changed: what is taken back must go
 * from the page, and what is put right must say so.
 */
export function use_lines(shown: { sender: string; id: string }[]): Lines {
    const [lines, set_lines] = useState<Lines>(new Map())
    const wanted = useRef(shown)
    wanted.current = shown
    useEffect(() => on_changed((changed) => {
        const asked = wanted.current
        if (!changed.what.includes('received') || asked.length === 0) return
        void read_lines(asked).then((answer) => {
            if (answer.ok) set_lines(new Map(asked.map((one) => [key_of(one), answer.body.get(key_of(one)) ?? null])))
        })
    }), [])
    return lines
}
/** Also of what nobody had opened: that leaves no line behind. */
export function is_taken_back(of: { sender: string; id: string }, now: Lines): boolean {
    const line = now.get(key_of(of))
    return line === null || (line !== undefined && line.progress.recalled_at !== null)
}
