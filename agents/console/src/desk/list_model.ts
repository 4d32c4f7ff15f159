// The live list without the page: what each tab asks the agent for, what the counts add up to, and how news joins what somebody
// is looking at.
import type { Schemas } from '../shared/api'

export type Line = Schemas['ReceivedLine']
export type Tab = 'open' | 'overdue' | 'out_of_hours' | 'unassigned' | 'mine' | 'taken' | 'closed'
export type Asked = { state: 'open' | 'overdue' | 'unassigned' | 'mine' | 'taken' | 'closed'; inbox?: string }
export type MyInbox = { id: string; role: string | null }

const labels: [Tab, string][] = [
    ['open', 'Nobody has taken'],
    ['overdue', 'Overdue'],
    ['out_of_hours', 'Out of hours'],
    ['unassigned', 'On nobody’s desk'],
    ['mine', 'Mine'],
    ['taken', 'Taken'],
    ['closed', 'Closed'],
]
/** The inbox of the Emergency Duty Team: what was sent there because the front door was shut. */
export const night_inbox = (inboxes: MyInbox[]): string | undefined => inboxes.find(({ id, role }) => role === 'edt' || (role === null && id.endsWith('.edt')))?.id
/** "Out of hours" is for a desk that has the day's inbox as well: for others it would be their whole list. */
export function tabs_of(inboxes: MyInbox[]): { tab: Tab; label: string }[] {
    const night = night_inbox(inboxes)
    const both = night !== undefined && inboxes.some(({ id }) => id !== night)
    return labels.filter(([tab]) => tab !== 'out_of_hours' || both).map(([tab, label]) => ({ tab, label }))
}
export function asked_of(tab: Tab, inboxes: MyInbox[]): Asked {
    if (tab !== 'out_of_hours') return { state: tab }
    const inbox = night_inbox(inboxes)
    return inbox === undefined ? { state: 'open' } : { state: 'open', inbox }
}
export const key_of = (line: { sender: string; id: string }): string => `${line.sender}/${line.id}`
export const is_late = (line: Line, now: number): boolean =>
    line.progress.taken_at === null && line.progress.recalled_at === null && (line.overdue || (line.take_by !== null && Date.parse(line.take_by) < now))

/** In words, because the agent counts no further than it must: "500+". */
export type Counts = { tabs: Partial<Record<Tab, string>>; open: number; newest_at: string }
export function counts_of(counts: Schemas['ListCounts'], inboxes: MyInbox[]): Counts {
    const most = counts.counted_to
    const sum = (of: (one: Schemas['InboxCounts']) => number): number => counts.inboxes.reduce((all, one) => all + of(one), 0)
    const words = (of: (one: Schemas['InboxCounts']) => number): string => (counts.inboxes.some((one) => of(one) >= most) ? `${sum(of)}+` : String(sum(of)))
    const night = night_inbox(inboxes)
    return {
        tabs: {
            open: words(({ open }) => open), overdue: words(({ overdue }) => overdue), unassigned: words(({ unassigned }) => unassigned),
            mine: words(({ mine }) => mine), out_of_hours: words(({ inbox, open }) => (inbox === night ? open : 0)),
        },
        open: sum(({ open }) => open),
        newest_at: counts.inboxes.reduce((newest, { newest_at }) => (newest_at !== null && newest_at > newest ? newest_at : newest), ''),
    }
}
/**
 * How many alerts have come, whatever tab somebody looks at: those that can be seen, or at least one where the counts say that
 * something stands further down or elsewhere.
 */
export function arrivals(known: Set<string>, fresh: Line[], before: Counts, now: Counts): number {
    const seen = fresh.filter((line) => !known.has(key_of(line)) && line.progress.taken_at === null && (line.accepted_at ?? '') > before.newest_at).length
    const any = seen > 0 || now.newest_at > before.newest_at || now.open > before.open
    return any ? Math.max(1, seen, now.open - before.open) : 0
}

export type Shown = { lines: Line[]; waiting: Line[] | null; news: number }
/**
 * `fresh` is the agent's order. While somebody points at the list or has the keyboard in it, rows keep their places: what is
 * known already is brought up to date where it stands, what comes after the last of them is put there, and what is new
 * between them waits until it is asked for.
 */
export function merge(shown: Line[], fresh: Line[], busy: boolean): Shown {
    const before = new Set(shown.map(key_of))
    const is_new = (line: Line): boolean => !before.has(key_of(line))
    if (!busy) return { lines: fresh, waiting: null, news: fresh.filter(is_new).length }
    const now = new Map(fresh.map((line) => [key_of(line), line]))
    const kept = shown.flatMap((line) => now.get(key_of(line)) ?? [])
    const end = fresh.reduce((last, line, at) => (is_new(line) ? last : at), -1) + 1
    const lines = [...kept, ...fresh.slice(end)]
    const news = fresh.slice(0, end).filter(is_new).length
    const is_in_order = lines.length === fresh.length && lines.every((line, at) => line === fresh[at])
    return { lines, waiting: is_in_order ? null : fresh, news }
}
