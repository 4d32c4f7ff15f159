// The live list without the page: what belongs under which tab, and how news joins what somebody is looking at.
import type { Schemas } from '../shared/api'

export type Line = Schemas['ReceivedLine']
export type Tab = 'new' | 'mine' | 'unassigned' | 'overdue' | 'out_of_hours' | 'taken'
export const tabs: { tab: Tab; label: string }[] = [
    { tab: 'unassigned', label: 'Nobody has taken' },
    { tab: 'new', label: 'Nobody has opened' },
    { tab: 'overdue', label: 'Overdue' },
    { tab: 'out_of_hours', label: 'Out of hours' },
    { tab: 'mine', label: 'Mine' },
    { tab: 'taken', label: 'Taken by anybody' },
]
export const key_of = (line: { sender: string; id: string }): string => `${line.sender}/${line.id}`
const waits = (line: Line): boolean => line.progress.taken_at === null && line.progress.recalled_at === null
const overdue = (line: Line, now: number): boolean => waits(line) && (line.overdue || (line.take_by !== null && Date.parse(line.take_by) < now))

export function belongs(line: Line, tab: Tab, me: string, now: number): boolean {
    switch (tab) {
        case 'new': return waits(line) && line.progress.opened_at === null
        case 'mine': return line.progress.taken_by === me && line.progress.decided_at === null
        case 'unassigned': return waits(line)
        case 'overdue': return overdue(line, now)
        // Sent to the Emergency Duty Team because the front door was shut.
        case 'out_of_hours': return waits(line) && line.inbox.endsWith('.edt')
        case 'taken': return line.progress.taken_at !== null
    }
}
export function count_all(lines: Line[], me: string, now: number): Record<Tab, number> {
    const counts: Record<Tab, number> = { new: 0, mine: 0, unassigned: 0, overdue: 0, out_of_hours: 0, taken: 0 }
    for (const line of lines) for (const { tab } of tabs) if (belongs(line, tab, me, now)) counts[tab]++
    return counts
}

export type Shown = { lines: Line[]; waiting: Line[] | null; news: number }
/**
 * `fresh` is the agent's order. While somebody points at the list or has the keyboard in it, rows keep their places: what is
 * known already is brought up to date where it stands, and what is new waits until it is asked for.
 */
export function merge(shown: Line[], fresh: Line[], busy: boolean): Shown {
    const before = new Set(shown.map(key_of))
    const news = fresh.filter((line) => !before.has(key_of(line))).length
    if (!busy) return { lines: fresh, waiting: null, news }
    const now = new Map(fresh.map((line) => [key_of(line), line]))
    const kept = shown.flatMap((line) => now.get(key_of(line)) ?? [])
    const same_order = news === 0 && kept.length === fresh.length
    return { lines: kept, waiting: same_order ? null : fresh, news }
}
