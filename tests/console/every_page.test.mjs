// Every route of the pages' sources in every state that a page can be in: as it is, empty, waiting, refused, failing, without the
// agent and without the broker. axe finds nothing, nothing scrolls sideways at 320 px, and no route is left out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe_finds, scrolls_sideways } from './browser.mjs'
import { open, routes, routes_of, settled, start_world } from './every_page.mjs'

let world
before(async () => {
    world = await start_world()
})
after(() => world?.close())

/** Of whoever is not signed in: they ask the agent for nothing but who is there. */
const door_routes = ['^/set-up$', '^/lost-code$']
const refusal = (code) => ({ error: { code, message: 'The agent says why', next: 'What to do next' } })
const is_stream = (request) => request.url().includes('/api/v1/events')
const is_door = (request) => /\/api\/v1\/(session|health)/.test(request.url())
/** Of a list, nothing; of anything else what it is. */
const emptied = (json) => Object.fromEntries(Object.entries(json).map(([name, value]) => [name, Array.isArray(value) ? [] : name === 'next' ? null : value]))
const down = `event: hello\ndata: {"time":"2027-01-19T12:00:00Z","link":{"up":false,"since":"2027-01-19T11:58:00Z"}}\n\n`
const reading = (route, then) => (route.request().method() === 'GET' && !is_stream(route.request()) && !is_door(route.request()) ? then() : route.fallback())

/** What the agent does meanwhile. The first leaves it alone. */
const states = {
    'as it is': null,
    'empty, and no link to the broker': (route) => {
        if (is_stream(route.request())) return route.fulfill({ contentType: 'text/event-stream', body: down })
        return reading(route, async () => {
            if (/catalogue|\/me$|\/questions/.test(route.request().url())) return route.fallback()
            const answer = await route.fetch()
            if (answer.status() !== 200) return route.fulfill({ response: answer })
            return route.fulfill({ response: answer, json: emptied(await answer.json()) })
        })
    },
    waiting: (route, page) => reading(route, () => { page.held.add(route.request()) }),
    refused: (route) => reading(route, () => route.fulfill({ status: 404, json: refusal('not_found') })),
    failing: (route) => reading(route, () => route.fulfill({ status: 503, json: refusal('busy') })),
    'no agent': (route) => (/\/api\/v1\/session$/.test(route.request().url()) ? route.fallback() : route.abort()),
}
const visited = Object.fromEntries(Object.keys(states).map((state) => [state, new Set()]))
const faults = []
async function look(page, name, file) {
    const found = await axe_finds(page)
    if (found !== '[]') faults.push(`${name}: ${found}`)
    await page.setViewportSize({ width: 320, height: 640 })
    if (await scrolls_sideways(page)) faults.push(`${name} scrolls sideways at 320 px`)
    if (file !== undefined) await world.desk.picture(page, `${file}-phone`)
    await page.setViewportSize({ width: 1100, height: 900 })
    if (file !== undefined) await world.desk.picture(page, file)
}
const named = (path) => (path === '/' ? 'first' : path.split('/').filter((part) => !/[0-9a-f-]{36}/.test(part) && part !== '').join('-'))

async function in_state(person, state) {
    const page = await world.page_of(person)
    const answer = states[state]
    const handle = answer === null ? null : (route) => answer(route, page)
    const look_at = async (path) => {
        const needs_alert = path.startsWith('/send/')
        // What starts from an opened alert is reached by one that is answered as it is; only the stream is of this state from the beginning.
        if (handle !== null) await page.route(needs_alert ? '**/api/v1/events' : '**/api/v1/**', handle)
        await open(page, person.who.url, path)
        if (handle !== null && needs_alert) await page.route('**/api/v1/**', handle)
        if (state === 'no agent') await page.getByText(/^This page has not reached your agency’s agent since/).waitFor()
        if (state.includes('no link')) await page.getByText(/^The link to the broker has been down since/).waitFor()
        await settled(page)
        await look(page, `${path} of the ${person.name}, ${state}`, answer === null ? `every-${person.name.split(' ')[0]}-${named(path)}` : undefined)
        for (const pattern of routes_of(path, routes())) visited[state].add(pattern)
    }
    for (const path of person.pages) {
        // What goes wrong with one page is said with the others'.
        await look_at(path).catch((error) => faults.push(`${path} of the ${person.name}, ${state}: ${error.message.slice(0, 400)}`))
        // A request of this page may still be under way, and nobody looks at its answer any more.
        await page.unrouteAll({ behavior: 'ignoreErrors' })
    }
    assert.deepEqual(page.troubles.filter((trouble) => !/429|503|Failed to load|net::/.test(trouble)), [])
    await page.context().close()
}
/** Two at a time: the machine of the tests has two processors. */
async function for_each(list, work) {
    const left = [...list]
    await Promise.all([0, 1].map(async () => {
        while (left.length > 0) await work(left.shift())
    }))
}

test('every page of everybody in every state: axe finds nothing and nothing scrolls sideways', async () => {
    await for_each(Object.keys(states).flatMap((state) => world.people.map((person) => [person, state])), ([person, state]) => in_state(person, state))
    assert.deepEqual(faults, [])
})

test('the pages of whoever is not signed in', async () => {
    const base = world.people[0].who.url
    const door = {
        'as it is': null,
        waiting: () => {},
        failing: (route) => route.fulfill({ status: 503, json: refusal('busy') }),
        'no agent': (route) => route.abort(),
    }
    for (const [state, answer] of Object.entries(door)) {
        const page = await world.page_of(null)
        if (answer !== null) await page.route('**/api/v1/**', answer)
        for (const path of world.door) {
            await page.goto(base + path)
            await page.locator('h1').first().waitFor()
            if (answer === null) await page.getByRole('button').first().waitFor()
            if (state === 'failing' || state === 'no agent') await page.getByText(path === '/lost-code' ? 'Recovery code' : 'It is trying again').first().waitFor()
            await look(page, `${path} signed out, ${state}`, answer === null ? `every-door-${named(path)}` : undefined)
            for (const pattern of routes_of(path, door_routes)) visited[state].add(pattern)
        }
        await page.unrouteAll({ behavior: 'ignoreErrors' })
        await page.context().close()
    }
    assert.deepEqual(faults, [])
    for (const state of Object.keys(door)) assert.deepEqual(door_routes.filter((pattern) => !visited[state].has(pattern)), [], `not looked at ${state}`)
})

test('no route of the sources was left out in any state', () => {
    for (const [state, of] of Object.entries(visited)) assert.deepEqual(routes().filter((pattern) => !door_routes.includes(pattern) && !of.has(pattern)), [], `not looked at ${state}`)
})
