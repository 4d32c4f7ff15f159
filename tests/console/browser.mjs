// The distribution's Chromium, and what every page of a journey is looked at for.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const from_console = createRequire(new URL('../../agents/console/package.json', import.meta.url))
const { chromium } = from_console('playwright-core')
const axe = readFileSync(from_console.resolve('axe-core/axe.min.js'), 'utf8')
const files = process.env.MASH_CONSOLE
const pictures = process.env.MASH_CONSOLE_PICTURES
assert.ok(files !== undefined && existsSync(join(files, 'index.html')), 'MASH_CONSOLE names the folder of the built console')
if (pictures !== undefined) mkdirSync(pictures, { recursive: true })

export const launch = () => chromium.launch({ executablePath: process.env.MASH_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
// A page that is left open goes on watching: the journeys of one person share a session, and a session has four streams.
const contexts = []
/** After each journey. */
export async function close_pages() {
    for (const context of contexts.splice(0)) await context.close()
}
/** A page in a browser of its own, that notes what goes wrong in it. */
export async function page_of(browser, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
    contexts.push(context)
    const page = await context.newPage()
    page.troubles = []
    page.on('pageerror', (error) => page.troubles.push(error.message))
    page.on('console', (message) => {
        if (message.type() === 'error' && !/401|403|404|409|410|413|422|ERR_/.test(message.text())) page.troubles.push(message.text())
    })
    return page
}
/** What axe finds on the page as it is, "[]" for nothing. */
export async function axe_finds(page) {
    // By the debugger's own door: the page's policy refuses scripts that are not its own, and stays so.
    const client = await page.context().newCDPSession(page)
    await client.send('Runtime.evaluate', { expression: `typeof axe === 'undefined' && (() => { ${axe} })()` })
    const { result } = await client.send('Runtime.evaluate', {
        expression: 'axe.run(document, { runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"] }).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200))])))',
        awaitPromise: true, returnByValue: true,
    })
    await client.detach()
    return result.value
}
export const scrolls_sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
export async function is_accessible(page, state) {
    // Until the script has drawn, there is an empty page; then one that waits for the agent.
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.waitForFunction(() => !/^(Opening|One moment)/.test(document.querySelector('h1')?.textContent ?? ''))
    assert.equal(await axe_finds(page), '[]', `axe on ${state}`)
    assert.equal(await scrolls_sideways(page), false, `${state} scrolls sideways`)
}
export async function picture(page, name) {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}
