// Reading the list: only as far as it is shown, with the counts of all lists; and the lines of what a page shows already.
import { call, type Answer, type Schemas } from '../shared/api'
import { key_of, type Asked, type Line } from './list_model'

const page_max = 500
const lines_max = 100

export type Read = { lines: Line[]; more: boolean; counts: Schemas['ListCounts'] }
/** At least `wanted` lines, where there are so many. */
export async function read_list(asked: Asked, wanted: number): Promise<Answer<Read>> {
    const lines: Line[] = []
    let counts: Schemas['ListCounts'] | undefined
    let cursor: string | undefined
    do {
        const answer: Answer<Schemas['ReceivedList']> = await call('get', '/api/v1/received', {
            query: { ...asked, cursor, limit: Math.min(page_max, wanted - lines.length), counts: cursor === undefined ? 'true' : undefined },
        })
        if (!answer.ok) return answer
        lines.push(...answer.body.received)
        counts ??= answer.body.counts
        cursor = answer.body.next ?? undefined
    } while (cursor !== undefined && lines.length < wanted)
    return { ok: true, status: 200, body: { lines, more: cursor !== undefined, counts: counts ?? { counted_to: page_max, inboxes: [] } } }
}

/** By sender and id. Reading a line is no look at what it says, and costs the same however long the list is. */
export async function read_lines(of: { sender: string; id: string }[]): Promise<Answer<Map<string, Line>>> {
    const found = new Map<string, Line>()
    for (let at = 0; at < of.length; at += lines_max) {
        const answer = await call('get', '/api/v1/received', { query: { received: of.slice(at, at + lines_max).map(key_of).join(',') } })
        if (!answer.ok) return answer
        for (const line of answer.body.received) found.set(key_of(line), line)
    }
    return { ok: true, status: 200, body: found }
}
/** Whatever makes a page that shows an item read it again. */
export const state_of = (line: Line | undefined): string =>
    line === undefined ? 'gone' : JSON.stringify([line.progress.taken_by, line.progress.decided_at, line.progress.recalled_at, line.replaced_by, line.agreement_withdrawn, line.episode, line.assigned_to, line.case_number, line.reports])
