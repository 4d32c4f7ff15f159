// The typed way to the agent's local interface. Types come from openapi.yaml by `npm run client`; a failure is a value
// with the agent's own words in it, and never an exception.
import type { components, paths as documented } from './api_document'
import type { SessionPaths } from './session_document'

type Paths = documented & SessionPaths
export type Schemas = components['schemas']
/** `faults`: of what was to be sent, each with its place. */
export type Failure = { ok: false; status: number; code: string; message: string; next: string; faults?: Schemas['Fault'][] }
export type Answer<T> = { ok: true; status: number; body: T } | Failure

type Method = 'get' | 'post' | 'delete'
type Operation<P extends keyof Paths, M extends Method> = M extends keyof Paths[P] ? NonNullable<Paths[P][M]> : never
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined
type Success<O> = O extends { responses: infer R }
    ? { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R]
    : never
type Body<O> = O extends { requestBody?: infer B } ? Json<NonNullable<B>> : undefined
type Input<O> = {
    path?: Record<string, string>
    query?: Record<string, string | number | undefined>
    body?: Body<O>
}

let csrf = ''
/** Every request but GET that comes by cookie shows that it was made by a page of ours. */
export function set_csrf(value: string): void {
    csrf = value
}

let bearer = ''
/** The person's own token, where the agent keeps no sessions. In memory: it is gone when the page closes. */
export function set_bearer(token: string): void {
    bearer = token
}

let on_signed_out: () => void = () => {}
export function when_signed_out(then: () => void): void {
    on_signed_out = then
}

export function address(path: string, input: { path?: Record<string, string>; query?: Record<string, string | number | undefined> }): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.path?.[name] ?? ''))
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(input.query ?? {})) if (value !== undefined) query.set(name, String(value))
    const text = query.toString()
    return text === '' ? filled : `${filled}?${text}`
}

const out_of_reach: Failure = {
    ok: false,
    status: 0,
    code: 'out_of_reach',
    message: 'This page cannot reach your agency’s agent.',
    next: 'Check your network connection. The page tries again by itself; what you have typed stays here.',
}

export async function call<P extends keyof Paths & string, M extends Method>(
    method: M,
    path: P,
    input: Input<Operation<P, M>> = {},
): Promise<Answer<Success<Operation<P, M>>>> {
    type Got = Success<Operation<P, M>>
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (input.body !== undefined) headers['Content-Type'] = 'application/json'
    if (bearer !== '') headers.Authorization = `Bearer ${bearer}`
    if (method !== 'get' && csrf !== '') headers['X-CSRF-Token'] = csrf
    let response: Response
    let text: string
    try {
        response = await fetch(address(path, input), {
            method: method.toUpperCase(),
            headers,
            body: input.body === undefined ? undefined : JSON.stringify(input.body),
            credentials: 'same-origin',
            cache: 'no-store',
        })
        text = await response.text()
    } catch {
        return out_of_reach
    }
    let body: unknown
    try {
        body = text === '' ? undefined : JSON.parse(text)
    } catch {
        return { ...out_of_reach, status: response.status, code: 'not_json', message: 'The agent gave an answer that this page cannot read.' }
    }
    if (response.ok) return { ok: true, status: response.status, body: body as Got }
    const refused = body as { error?: { code: string; message: string; next: string }; faults?: Schemas['Fault'][] } | undefined
    const error = refused?.error
    if (response.status === 401 && !path.startsWith('/api/v1/session') && !path.startsWith('/api/v1/account')) on_signed_out()
    return {
        ok: false,
        status: response.status,
        code: error?.code ?? 'unknown',
        message: error?.message ?? 'The agent refused, without saying why.',
        next: error?.next ?? 'Try again. If it goes on, tell whoever looks after the agent.',
        faults: refused?.faults,
    }
}
