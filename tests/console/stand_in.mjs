// Stands in for the carrying side of an agent that it does not have yet in this tree: static files with the strict headers,
// a cookie session in place of a bearer token, and the stream of "something changed". Everything under /api/v1 that is not
// one of these is answered by the real agent, with the person's own token. It goes when the agents serve the console.
import { randomBytes } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { extname, join, normalize } from 'node:path'

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
export const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const watch_every_ms = 100

/** people: by account name {token, person, name, agency, agency_name, inboxes}; files: the built console. Without `accounts` the browser's own
 * token goes on to the agent, and sessions are not there: what agents do today. */
export function stand_in({ files, agent, people, passphrase, code, accounts = true, idle_ms = 900_000 }) {
    const sessions = new Map()
    const streams = new Set()
    const json = (response, status, body, headers = {}) => {
        response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers })
        response.end(body === undefined ? undefined : JSON.stringify(body))
    }
    const refuse = (response, status, code_word, message, next) => json(response, status, { error: { code: code_word, message, next } })
    const read_body = (incoming) => new Promise((done) => {
        const parts = []
        incoming.on('data', (part) => parts.push(part))
        incoming.on('end', () => done(Buffer.concat(parts)))
    })
    const session_of = (incoming) => {
        const id = /(?:^|; )mash-session=([0-9a-f]+)/.exec(incoming.headers.cookie ?? '')?.[1]
        const found = id === undefined ? undefined : sessions.get(id)
        return found === undefined || found.idle_until < Date.now() ? undefined : { id, ...found }
    }
    const answer_of = (held) => ({
        account: held.account, person: held.who.person, csrf: held.csrf, signed_in_at: new Date(held.at).toISOString(),
        idle_until: new Date(held.idle_until).toISOString(), ends_at: new Date(held.at + 36_000_000).toISOString(), confirmed_until: null,
        area: 'worcestershire', training: true,
        me: {
            person: held.who.person, name: held.who.name, agency: held.who.agency, agency_name: held.who.agency,
            roles: held.who.roles.map((role) => ({ agency: held.who.agency, role, title: role })),
            inboxes: held.who.inboxes.map((id) => ({ id, agency: held.who.agency, role: null, title: id, alternate: false, automatic: false })),
            data_protection_officer: false,
        },
    })
    const ask_agent = (path, token) => new Promise((done) => {
        request(agent + path, { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } }, (answer) => {
            const parts = []
            answer.on('data', (part) => parts.push(part))
            answer.on('end', () => done(Buffer.concat(parts).toString()))
        }).on('error', () => done('')).end()
    })
    const stream = async (incoming, response, who) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
        const say = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        let open = true
        streams.add(response)
        incoming.on('close', () => {
            open = false
            streams.delete(response)
        })
        let since = new Date().toISOString()
        let up
        const before = new Map()
        while (open) {
            const status = await ask_agent('/api/v1/status', undefined)
            const now_up = status === '' ? up : JSON.parse(status).link === 'open'
            if (up === undefined) say('hello', { time: since, link: { up: now_up, since } })
            else if (now_up !== up) {
                since = new Date().toISOString()
                say('link', { up: now_up, since })
            }
            up = now_up
            for (const what of ['received', 'tasks', 'held', 'unconfirmed']) {
                const now = await ask_agent(`/api/v1/${what}`, who.token)
                if (before.has(what) && before.get(what) !== now) say('changed', { what: [what === 'unconfirmed' ? 'sent' : what], inboxes: who.inboxes })
                before.set(what, now)
            }
            await new Promise((then) => setTimeout(then, watch_every_ms))
        }
    }
    const onward_to_agent = async (incoming, response, authorization) => {
        const body = await read_body(incoming)
        const onward = request(agent + incoming.url, {
            method: incoming.method,
            headers: { ...(authorization === undefined ? {} : { Authorization: authorization }), ...(body.length > 0 ? { 'Content-Type': 'application/json', 'Content-Length': body.length } : {}) },
        }, (answer) => {
            const parts = []
            answer.on('data', (part) => parts.push(part))
            answer.on('end', () => {
                response.writeHead(answer.statusCode, { 'Content-Type': answer.headers['content-type'] ?? 'application/json', 'Cache-Control': 'no-store' })
                response.end(Buffer.concat(parts))
            })
        })
        onward.on('error', () => refuse(response, 503, 'unavailable', 'The agent does not answer.', 'Wait.'))
        onward.end(body)
    }
    const server = createServer(async (incoming, response) => {
        const path = new URL(incoming.url, 'http://x').pathname
        if (!path.startsWith('/api/')) {
            let file = join(files, normalize(path))
            if (!existsSync(file) || !statSync(file).isFile()) file = join(files, 'index.html')
            response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' })
            return createReadStream(file).pipe(response)
        }
        if (!accounts) return onward_to_agent(incoming, response, incoming.headers.authorization)
        if (path === '/api/v1/session' && incoming.method === 'POST') {
            const given = JSON.parse(await read_body(incoming))
            const who = people[given.name]
            if (who === undefined || given.passphrase !== passphrase || given.code !== code) return refuse(response, 401, 'wrong_sign_in', 'That is not right.', 'Try again.')
            const id = randomBytes(16).toString('hex')
            sessions.set(id, { account: given.name, who, csrf: randomBytes(16).toString('hex'), at: Date.now(), idle_until: Date.now() + idle_ms })
            return json(response, 200, answer_of(sessions.get(id)), { 'Set-Cookie': `mash-session=${id}; HttpOnly; SameSite=Strict; Path=/` })
        }
        if (path === '/api/v1/accounts' && incoming.method === 'POST') {
            await read_body(incoming)
            return json(response, 201, { name: 'new', person: 'p-0', totp: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/desk:new?secret=JBSWY3DPEHPK3PXP&issuer=desk' }, codes: null, recovery_codes: ['aaaa-0001', 'aaaa-0002'] })
        }
        const held = session_of(incoming)
        if (held === undefined) return refuse(response, 401, 'wrong_token', 'You are not signed in.', 'Sign in.')
        if (incoming.method !== 'GET' && incoming.headers['x-csrf-token'] !== held.csrf) return refuse(response, 403, 'not_entitled', 'No proof that a page of ours asks.', 'Reload the page.')
        if (path === '/api/v1/session') {
            if (incoming.method === 'DELETE') {
                sessions.delete(held.id)
                return json(response, 204)
            }
            sessions.get(held.id).idle_until = Date.now() + idle_ms
            return json(response, 200, answer_of(sessions.get(held.id)))
        }
        if (path === '/api/v1/events') return stream(incoming, response, held.who)
        return onward_to_agent(incoming, response, `Bearer ${held.who.token}`)
    })
    return {
        listen: (port) => new Promise((then) => server.listen(port, '127.0.0.1', () => then(`http://127.0.0.1:${port}`))),
        close: () => new Promise((then) => {
            for (const one of streams) one.destroy()
            server.closeAllConnections?.()
            server.close(then)
        }),
    }
}
