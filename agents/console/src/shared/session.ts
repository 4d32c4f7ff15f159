// Who is signed in. The cookie is out of reach for scripts; what is here lives as long as the page.
import { call, set_csrf, when_signed_out, type Answer, type Schemas } from './api'
import { create_store } from './store'

export type Session = Schemas['Session']
/** `unknown`: the agent has not said yet; `trouble`: it has been asked, and did not answer. */
export type SessionState = { is: 'unknown'; trouble: string } | { is: 'out'; why: string } | { is: 'in'; session: Session }
export const session = create_store<SessionState>({ is: 'unknown', trouble: '' })

function enter(got: Session): void {
    set_csrf(got.csrf)
    session.set({ is: 'in', session: got })
}
export function leave(why: string): void {
    set_csrf('')
    session.set({ is: 'out', why })
}
when_signed_out(() => {
    if (session.get().is === 'in') leave('You were signed out because the page was not used for a while, or because you signed in elsewhere.')
})

/** Keyboards write the same letter in several ways; what is kept was derived from one of them. */
export const spelled = (passphrase: string): string => passphrase.normalize('NFC')

const again_after_ms = 1000
/** Asks the agent whether the cookie still counts. Also how a person says that they are still there: no other reading does. */
export async function ask_session(): Promise<void> {
    const answer = await call('get', '/api/v1/session')
    if (answer.ok) return enter(answer.body)
    if (answer.status === 401) return leave(session.get().is === 'in' ? 'You were signed out.' : '')
    // Neither signed in nor out: a form now would ask for a passphrase that nobody takes. Whoever is in stays in.
    if (session.get().is !== 'unknown') return
    session.set({ is: 'unknown', trouble: answer.status === 0 ? 'This page cannot reach your agency’s agent.' : answer.message })
    setTimeout(() => void ask_session(), again_after_ms)
}
/** `area`: empty where the agent serves one. */
export async function sign_in(name: string, passphrase: string, code: string, area: Record<string, string>): Promise<Answer<Session>> {
    const answer = await call('post', '/api/v1/session', { query: area, body: { name, passphrase: spelled(passphrase), code } })
    if (answer.ok) enter(answer.body)
    return answer
}
export async function sign_out(): Promise<void> {
    await call('delete', '/api/v1/session')
    leave('You have signed out.')
}
export async function confirm_again(passphrase: string, code: string): Promise<Answer<Session>> {
    const answer = await call('post', '/api/v1/session/confirm', { body: { passphrase: spelled(passphrase), code } })
    if (answer.ok) enter(answer.body)
    return answer
}
