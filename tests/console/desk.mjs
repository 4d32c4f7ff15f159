// What every journey of the MASH desk needs: a running area, and two people at the front door's desk.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { start_area } from './area.mjs'
import { is_accessible, launch, page_of, picture } from './browser.mjs'
import { by_day_and_night, sign_in, with_account } from './people.mjs'

export async function start_desk() {
    const area = start_area()
    const browser = await launch()
    const { by_day, by_night } = await by_day_and_night(area)
    const people = { marlow: await with_account(area, 'hub', 'marlow', by_day.token), nightingale: await with_account(area, 'hub', 'nightingale', by_night.token) }
    return {
        area, people, is_accessible, picture,
        page_of: (options) => page_of(browser, options),
        async sign_in(page, name) {
            await sign_in(page, people[name])
            await page.getByRole('heading', { name: 'Live list' }).waitFor()
            await page.getByRole('button', { name: /Nobody has taken/ }).waitFor()
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
            area.stop()
        },
    }
}
export const rows = (page) => page.locator('.desk-row')
export const row_of = (page, id) => page.locator(`.desk-row:has(a[href$="${id}"])`)
