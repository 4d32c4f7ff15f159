// What every journey needs: a running area, two people at the front door's desk, a browser, and what a page is held against.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { free_port, start_area } from './area.mjs'
import { stand_in } from './stand_in.mjs'

const from_console = createRequire(new URL('../../agents/console/package.json', import.meta.url))
const { chromium } = from_console('playwright-core')
const axe = readFileSync(from_console.resolve('axe-core/axe.min.js'), 'utf8')
const files = process.env.MASH_CONSOLE
const pictures = process.env.MASH_CONSOLE_PICTURES

export const passphrase = 'four invented words here'
export const code = '123456'

export async function start_desk() {
    assert.ok(files !== undefined && existsSync(join(files, 'index.html')), 'MASH_CONSOLE names the folder of the built console')
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
    const area = start_area()
    const browser = await chromium.launch({ executablePath: process.env.MASH_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
    // Two people, each in both inboxes of the front door: whether it is day or night in the area, both have the same desk.
    const { 'front-door': by_day, 'emergency-duty': by_night } = area.people('hub')
    for (const [person, other] of [[by_day, by_night], [by_night, by_day]]) {
        const added = await area.api('hub', 'POST', '/api/v1/people', { person: person.person, inboxes: other.inboxes, roles: other.roles }, other.token)
        assert.ok(added.status < 300, JSON.stringify(added.body))
    }
    const roles = [...new Set([...by_day.roles, ...by_night.roles])]
    const inboxes = [...by_day.inboxes, ...by_night.inboxes]
    const people = { marlow: { ...by_day, inboxes, roles }, nightingale: { ...by_night, inboxes, roles } }
    const stand = stand_in({ files, agent: area.host('hub').url, people, passphrase, code })
    const url = await stand.listen(await free_port())

    async function page_of(options = {}) {
        const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
        const page = await context.newPage()
        page.troubles = []
        page.on('pageerror', (error) => page.troubles.push(error.message))
        page.on('console', (message) => {
            if (message.type() === 'error' && !/401|404|409|410|422/.test(message.text())) page.troubles.push(message.text())
        })
        return page
    }
    return {
        area, people, url, page_of,
        async sign_in(page, name) {
            await page.goto(url)
            await page.getByLabel('Name').fill(name)
            await page.getByLabel('Passphrase').fill(passphrase)
            await page.getByLabel('Code').fill(code)
            await page.getByRole('button', { name: 'Sign in' }).click()
            await page.getByRole('heading', { name: 'Live list' }).waitFor()
            await page.getByRole('button', { name: /Nobody has taken/ }).waitFor()
        },
        async is_accessible(page, state) {
            // Until the script has drawn, there is an empty page.
            await page.getByRole('heading', { level: 1 }).first().waitFor()
            // By the debugger's own door: the page's policy refuses scripts that are not its own, and stays so.
            const client = await page.context().newCDPSession(page)
            await client.send('Runtime.evaluate', { expression: axe })
            const { result } = await client.send('Runtime.evaluate', {
                expression: 'axe.run(document, { runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"] }).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200))])))',
                awaitPromise: true, returnByValue: true,
            })
            assert.equal(result.value, '[]', `axe on ${state}`)
            await client.detach()
        },
        async picture(page, name) {
            if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
        },
        /** Nothing has to be scrolled sideways. */
        fits: (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
        async give(host, notification, token) {
            const answer = await area.api(host, 'POST', '/api/v1/notifications', notification, token)
            assert.equal(answer.status, 202, JSON.stringify(answer.body))
            return answer.body.id
        },
        /** Who looked at what, newest first, until `enough` says so of the lines so far. */
        async looks(host, token, enough) {
            const lines = []
            let cursor
            do {
                const answer = await area.api(host, 'GET', `/api/v1/access-log${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`, undefined, token)
                assert.equal(answer.status, 200, JSON.stringify(answer.body))
                lines.push(...answer.body.access)
                cursor = answer.body.next ?? undefined
            } while (!enough(lines) && cursor !== undefined)
            assert.ok(enough(lines), `not in the access record: ${JSON.stringify([...new Set(lines.map(({ action }) => action))])}`)
            return lines
        },
        /** `area.up()` starts it again. */
        stop_agent(host) {
            const pid = readFileSync(join(area.dir, 'run', `${host}.pid`), 'utf8').trim()
            process.kill(Number(pid), 'SIGTERM')
            execFileSync('tail', ['--pid', pid, '-f', '/dev/null'])
        },
        async close() {
            await browser.close()
            await stand.close()
            area.stop()
        },
    }
}
export const rows = (page) => page.locator('.desk-row')
export const row_of = (page, id) => page.locator(`.desk-row:has(a[href$="${id}"])`)
