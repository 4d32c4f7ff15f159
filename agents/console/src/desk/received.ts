// All that waits for this person, and of what was taken the newest page: the agent puts what waits first.
import { call, type Answer } from '../shared/api'
import type { Line } from './list_model'

export async function read_received(): Promise<Answer<Line[]>> {
    const lines: Line[] = []
    let cursor: string | undefined
    for (;;) {
        const answer = await call('get', '/api/v1/received', { query: { cursor, limit: 500 } })
        if (!answer.ok) return answer
        lines.push(...answer.body.received)
        const last = answer.body.received.at(-1)
        if (answer.body.next === null || last === undefined || last.progress.taken_at !== null) return { ok: true, status: 200, body: lines }
        cursor = answer.body.next
    }
}
