// Who is signed in. The cookie is out of reach for scripts; what is here lives as long as the page.
import { call, set_bearer, set_csrf, when_signed_out, type Answer } from './api'
import type { Session } from './session_document'
import { create_store } from './store'

/** `by`: how one signs in. An agent that keeps no accounts takes a person's own token. */
export type By = 'account' | 'token'
export type SessionState = { is: 'unknown' } | { is: 'out'; why: string; by: By } | { is: 'in'; session: Session; by: By }
const token_idle_ms = 15 * 60_000
const token_ends_ms = 10 * 3_600_000
export const session = create_store<SessionState>({ is: 'unknown' })

function enter(got: Session): void {
    set_csrf(got.csrf)
    session.set({ is: 'in', session: got, by: 'account' })
}
function by_now(): By {
    const now = session.get()
    return now.is === 'unknown' ? 'account' : now.by
}
export function leave(why: string, by: By = by_now()): void {
    set_csrf('')
    set_bearer('')
    session.set({ is: 'out', why, by })
}
when_signed_out(() => {
    if (session.get().is === 'in') leave('You were signed out because the page was not used for a while, or because you signed in elsewhere.')
})

/** Asks the agent whether the cookie still counts. Also how a person says that they are still there. */
export async function ask_session(): Promise<void> {
    const now = session.get()
    if (now.is === 'in' && now.by === 'token') {
        const idle_until = new Date(Date.now() + token_idle_ms).toISOString()
        return session.set({ ...now, session: { ...now.session, idle_until } })
    }
    const answer = await call('get', '/api/v1/session')
    if (answer.status === 404) return leave('', 'token')
    if (answer.ok) enter(answer.body)
    else if (answer.status === 401) leave(session.get().is === 'in' ? 'You were signed out.' : '')
    else if (session.get().is !== 'in') leave(`${answer.message} ${answer.next}`)
}
export async function sign_in(name: string, passphrase: string, code: string): Promise<Answer<Session>> {
    const answer = await call('post', '/api/v1/session', { body: { name, passphrase, code } })
    if (answer.ok) enter(answer.body)
    return answer
}
/** Until agents keep accounts: the token opens the pages as it opens the interface, and only this page's memory has it. */
export async function sign_in_by_token(token: string): Promise<Answer<unknown>> {
    set_bearer(token)
    const person = /^mash1\.([^.]+)\./.exec(token)?.[1] ?? ''
    const known = await call('get', '/api/v1/me')
    const opens = known.status === 404 ? await call('get', '/api/v1/received', { query: { limit: 1 } }) : known
    if (!opens.ok) {
        set_bearer('')
        return opens
    }
    const me = known.ok ? known.body : { person, name: null, agency: '', agency_name: '', agency_kind: '', roles: [], inboxes: [], data_protection_officer: false }
    const now = Date.now()
    const at = (ms: number): string => new Date(now + ms).toISOString()
    session.set({
        is: 'in', by: 'token',
        session: {
            account: person, person, csrf: '', signed_in_at: at(0), idle_until: at(token_idle_ms), ends_at: at(token_ends_ms),
            confirmed_until: null, area: '', training: false, me,
        },
    })
    return opens
}
export async function sign_out(): Promise<void> {
    if (by_now() === 'account') await call('delete', '/api/v1/session')
    leave('You have signed out.')
}
export async function confirm_again(passphrase: string, code: string): Promise<Answer<Session>> {
    const answer = await call('post', '/api/v1/session/confirm', { body: { passphrase, code } })
    if (answer.ok) enter(answer.body)
    return answer
}
