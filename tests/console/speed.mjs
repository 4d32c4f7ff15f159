// A desk with years behind it, measured from the agent's answer to what is drawn. Prints the command, the machine,
// what it did and the spread; fails when something was not there, never because it was slow.
//   MASH_BIN=build/test/bin MASH_CONSOLE=build/test/console node tests/console/speed.mjs [--sizes OPEN/CLOSED,...] [--times N] [--real N]
// The newest N really came; all others list like what came, and do not open.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { missing } from './area.mjs'
import { start_desk } from './desk.mjs'

const option = (name, otherwise) => {
    const at = process.argv.indexOf(name)
    return at < 0 ? otherwise : process.argv[at + 1]
}
const sizes = option('--sizes', '100/1000,10000/200000').split(',').map((size) => size.split('/').map(Number))
const times = Number(option('--times', '30'))
const real = Number(option('--real', '200'))

function spread(of) {
    const sorted = [...of].sort((a, b) => a - b)
    const at = (part) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)].toFixed(1)
    return `min ${sorted[0].toFixed(1)}  median ${at(0.5)}  p95 ${at(0.95)}  max ${sorted.at(-1).toFixed(1)} ms  (n = ${sorted.length})`
}
async function timed(what, work) {
    const took = []
    for (let i = 0; i < times; i++) {
        const began = performance.now()
        await work(i)
        took.push(performance.now() - began)
    }
    console.log(`  ${what.padEnd(58)} ${spread(took)}`)
}

console.log(`command: node tests/console/speed.mjs ${process.argv.slice(2).join(' ')}`)
console.log(`machine: ${cpus().length} cores, ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadavg().map((one) => one.toFixed(1)).join(' ')}; ${new Date().toISOString()}`)
async function until(ask, is_enough) {
    for (;;) {
        const got = await ask()
        if (is_enough(got)) return got
        await new Promise((then) => setTimeout(then, 50))
    }
}
const desk = await start_desk()
const { area } = desk
try {
    const token = desk.people.marlow.token
    const get = async (path) => {
        const answer = await area.api('hub', 'GET', path, undefined, token)
        assert.equal(answer.status, 200, JSON.stringify(answer.body))
        return answer.body
    }
    const id = await desk.give('police', missing('SPEED-0'))
    const [{ inbox }] = await until(async () => (await get('/api/v1/received')).received, ({ length }) => length > 0)
    const state = join(area.dir, 'agents', 'hub')
    const store = readdirSync(state, { recursive: true }).map((file) => join(state, file)).find((file) => file.endsWith('agent.sqlite'))
    assert.ok(store !== undefined && existsSync(store))
    let before = [0, 0]
    // An agency may ask 600 plans a minute; what is over that waits.
    for (let i = 1; i < real; i++) await desk.give('police', missing(`SPEED-${i}`))
    await until(async () => (await get('/api/v1/received?counts=true')).counts.inboxes.reduce((sum, { open }) => sum + open, 0), (open) => open >= Math.min(real, 500))
    for (const [open, closed] of sizes) {
        desk.stop_agent('hub')
        process.stdout.write(execFileSync(join(process.env.MASH_BIN, 'desk_fill'), [store, inbox, '--open', String(open - before[0]), '--closed', String(closed - before[1]), '--from', String(before[0] + before[1])]))
        before = [open, closed]
        area.up()
        // The connections of before are closed; the first question finds that out.
        await area.api('hub', 'GET', '/api/v1/health').catch(() => {})
        console.log(`the agent, by HTTP; ${open} open, ${closed} closed:`)
        for (const list of ['open', 'overdue', 'unassigned', 'mine', 'taken', 'closed']) {
            await timed(`first 100 lines of '${list}', with all counts`, () => get(`/api/v1/received?state=${list}&limit=100&counts=true`))
        }
        const page = await get('/api/v1/received?state=closed&limit=500')
        let cursor = page.next
        for (let i = 0; i < 20 && cursor !== null; i++) cursor = (await get(`/api/v1/received?state=closed&limit=500&cursor=${cursor}`)).next
        if (cursor !== null) await timed("100 lines of 'closed' after the first 10,000", () => get(`/api/v1/received?state=closed&limit=100&cursor=${cursor}`))
        await timed('500 lines, in the order of everything', () => get('/api/v1/received?limit=500'))
        await timed('the line of one item that a page shows', () => get(`/api/v1/received?received=police/${id}`))
        await timed('one item opened', () => get(`/api/v1/received/police%2F${id}`))
        let found = 0
        await timed('one part of a search: the newest 200 items', async () => {
            const answer = await area.api('hub', 'POST', '/api/v1/search', { words: 'testcase', reason: 'my_case' }, token)
            assert.equal(answer.status, 200)
            found = answer.body.found.length
        })
        console.log(`    of which ${found} opened and were found`)

        const view = await desk.page_of()
        await desk.sign_in(view, 'marlow')
        console.log(`the page, in Chromium; ${open} open, ${closed} closed:`)
        const drawn = (tab) => view.evaluate(async (label) => {
            const frame = () => new Promise((then) => requestAnimationFrame(then))
            const found = () => [...document.querySelectorAll('.desk-tab')].find((one) => one.textContent.startsWith(label))
            const began = performance.now()
            found().click()
            let longest = 0
            let last = began
            do {
                await frame()
                longest = Math.max(longest, performance.now() - last)
                last = performance.now()
            } while (found().getAttribute('aria-pressed') !== 'true' || document.querySelector('.desk-list[aria-busy]') !== null)
            await frame()
            return { whole: performance.now() - began, longest: Math.max(longest, performance.now() - last) }
        }, tab)
        for (const tab of ['Overdue', 'On nobody', 'Mine', 'Taken', 'Closed', 'Nobody has taken']) {
            const whole = []
            const longest = []
            for (let i = 0; i < times; i++) {
                await drawn(tab === 'Closed' ? 'Taken' : 'Closed')
                const took = await drawn(tab)
                whole.push(took.whole)
                longest.push(took.longest)
            }
            console.log(`  ${`'${tab}': from the click to the list as drawn`.padEnd(58)} ${spread(whole)}`)
            console.log(`  ${'   longest pause between two frames'.padEnd(58)} ${spread(longest)}`)
        }
        assert.ok((await view.locator('.desk-row').count()) <= 50)
        const load = []
        for (let i = 0; i < Math.min(times, 10); i++) {
            const began = performance.now()
            await view.reload()
            await view.locator('.desk-row').first().waitFor()
            load.push(performance.now() - began)
        }
        console.log(`  ${'the page loaded anew, signed in, to the first row drawn'.padEnd(58)} ${spread(load)}`)
        const more = await view.evaluate(async () => {
            const frame = () => new Promise((then) => requestAnimationFrame(then))
            const took = []
            for (let i = 0; i < 10; i++) {
                const button = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Show more')
                if (button === undefined) break
                const rows = document.querySelectorAll('.desk-row').length
                const began = performance.now()
                button.click()
                while (document.querySelectorAll('.desk-row').length <= rows) await frame()
                await frame()
                took.push(performance.now() - began)
                // Until the page after them is here.
                for (let waited = 0; waited < 30; waited++) await frame()
            }
            return took
        })
        if (more.length > 0) console.log(`  ${'50 more rows'.padEnd(58)} ${spread(more)}`)
        assert.deepEqual(view.troubles, [])
        await view.context().close()
    }
    console.log(`load at the end: ${loadavg().map((one) => one.toFixed(1)).join(' ')}`)
} finally {
    await desk.close()
}
