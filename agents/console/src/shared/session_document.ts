// Operations of the sessions, written by hand after what is agreed for the agent. They go from here as soon as openapi.yaml
// describes them: the generated types then have them.
import type { Schemas } from './api'

export type Session = {
    account: string
    person: string
    csrf: string
    signed_in_at: string
    idle_until: string
    ends_at: string
    confirmed_until: string | null
    area: string
    training: boolean
    me: Schemas['Me']
}
export type SecondFactor = 'totp' | 'codes'
export type Account = {
    name: string
    person: string
    totp: { secret: string; uri: string } | null
    codes: string[] | null
    recovery_codes: string[]
}
type Says<Status extends number, T> = { responses: { [S in Status]: { content: { 'application/json': T } } } }
type Takes<T> = { requestBody: { content: { 'application/json': T } } }
type Nothing = { responses: { 204: { content?: never } } }
export type SessionPaths = {
    '/api/v1/me': { get: Says<200, Session['me']> }
    '/api/v1/accounts': { post: Takes<{ token: string; name: string; passphrase: string; second_factor: SecondFactor }> & Says<201, Account> }
    '/api/v1/session': {
        get: Says<200, Session>
        post: Takes<{ name: string; passphrase: string; code: string }> & Says<200, Session>
        delete: Nothing
    }
    '/api/v1/session/confirm': { post: Takes<{ passphrase: string; code: string }> & Says<200, Session> }
    '/api/v1/account/second-factor': {
        post: Takes<{ name: string; passphrase: string; recovery_code: string; second_factor: SecondFactor }> & Says<201, Account>
    }
}
