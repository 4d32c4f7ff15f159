// The typed way to the agent's local interface. Types come from openapi.yaml by `npm run client`; a failure is a value
// with the agent's own words in it, and never an exception.
import { sentence } from './text'
import type { components, paths as Paths } from './api_document'

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

/** The agent itself answers within 30 s, and reading within far less. */
const patience_ms = { get: 15_000, post: 40_000, delete: 40_000 }
/** What only reads may be asked again: one lost request is no news for anybody. */
const tries_of_get = 2
/** Told to wait, nothing was done of it: so anything may be asked again. A long look through everything goes on at the pace it is let. */
const waits_max = 5
const wait_at_most_s = 10
const too_fast = /"code":"too_fast"/

type Fetched = { response: Response; text: string } | null
async function fetched(path: string, init: RequestInit, patience: number): Promise<Fetched> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), patience)
    try {
        const response = await fetch(path, { ...init, signal: late.signal })
        return { response, text: await response.text() }
    } catch {
        return null
    } finally {
        clearTimeout(timer)
    }
}

/** As `fetched`, and again after the time that the agent names where the page asked too fast. */
async function fetched_in_time(path: string, init: RequestInit, patience: number): Promise<Fetched> {
    for (let waits = 0; ; waits++) {
        const got = await fetched(path, init, patience)
        if (got === null || got.response.status !== 429 || !too_fast.test(got.text) || waits === waits_max) return got
        const seconds = Math.min(Math.max(Number(got.response.headers.get('Retry-After')) || 1, 1), wait_at_most_s)
        await new Promise((then) => setTimeout(then, seconds * 1000))
    }
}

const there_patience_ms = 3000
/** Whether the agent answers at all, whatever it says. Asked twice, and far more quickly given up than what a page needs. */
export async function is_there(): Promise<boolean> {
    const ask = (): Promise<unknown> => fetched('/api/v1/health', { credentials: 'same-origin', cache: 'no-store' }, there_patience_ms)
    return (await ask()) !== null || (await ask()) !== null
}

export async function call<P extends keyof Paths & string, M extends Method>(
    method: M,
    path: P,
    input: Input<Operation<P, M>> = {},
): Promise<Answer<Success<Operation<P, M>>>> {
    type Got = Success<Operation<P, M>>
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (input.body !== undefined) headers['Content-Type'] = 'application/json'
    if (method !== 'get' && csrf !== '') headers['X-CSRF-Token'] = csrf
    const init: RequestInit = { method: method.toUpperCase(), headers, credentials: 'same-origin', cache: 'no-store' }
    if (input.body !== undefined) init.body = JSON.stringify(input.body)
    let got = await fetched_in_time(address(path, input), init, patience_ms[method])
    for (let tries = 1; got === null && method === 'get' && tries < tries_of_get; tries++) got = await fetched_in_time(address(path, input), init, patience_ms[method])
    if (got === null) return out_of_reach
    const { response, text } = got
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
        message: sentence(error?.message ?? 'The agent refused, without saying why'),
        next: sentence(error?.next ?? 'Try again. If it goes on, tell whoever looks after the agent.'),
        faults: refused?.faults,
    }
}
