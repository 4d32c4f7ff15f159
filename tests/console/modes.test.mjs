// Every page of two people's navigation, and what they open from it, as people with other eyes, screens and hands have it: on a phone,
// zoomed to 400 %, in high contrast, printed, by keyboard.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { missing } from './area.mjs'
import { start_desk } from './desk.mjs'
import { sign_in, until, with_account } from './people.mjs'

let desk
let quill
let alert
let sent
before(async () => {
    desk = await start_desk()
    quill = await with_account(desk.area, 'schools', 'quill', desk.area.people('schools')['teme-meadow-lead'].token)
    const id = await desk.give('police', missing('MP-MODES'))
    const { token } = desk.area.people('hub')['front-door']
    await until(() => desk.area.api('hub', 'GET', `/api/v1/received/${id}`, undefined, token), ({ status }) => status === 200)
    alert = `police/${id}`
    sent = await desk.give('schools', {
        source_ref: 'concern/80', agency: 'teme-meadow', role: 'sch', type: 'safeguarding_referral', occurred_at: new Date(Date.now() - 600_000).toISOString(), level: '4', harm: 'likely_or_actual',
        purpose: 'inform_function', agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child' }, markers: [], subject: { forename: 'Fern', surname: 'Testcase', date_of_birth: '2017-10-19' },
        sections: { idn: { forenames: 'Fern', surname: 'Testcase', date_of_birth: '2017-10-19' }, evt: { what: 'A mark on her back' }, voi: { words: 'He hit me.', heard_by: 'Class teacher' }, pro: { whom_to_ring: 'School office, 01632 960211' } },
    })
})
after(() => desk?.close())

const settled = async (page, path) => {
    await page.goto(new URL(path, page.url()).href)
    const heading = page.getByRole('heading', { level: 1 }).first()
    await heading.waitFor()
    // "Opening…" is followed by what was opened.
    await page.waitForFunction(() => !/^(Opening|One moment)/.test(document.querySelector('h1')?.textContent ?? ''))
}
const navigated = (page) => page.locator('nav[aria-label="Main"] a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))
/** What could be scrolled over everything else on a small screen, in parts of its height. */
const covered = (page) => page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => ['fixed', 'sticky'].includes(getComputedStyle(one).position) && one.getClientRects().length > 0).reduce((sum, one) => sum + one.getBoundingClientRect().height, 0) / window.innerHeight)

async function in_every_mode(page, path, file) {
    await page.setViewportSize({ width: 1100, height: 900 })
    await settled(page, path)
    await desk.is_accessible(page, path)
    await page.setViewportSize({ width: 320, height: 640 })
    await desk.is_accessible(page, `${path} at 320 px`)
    await desk.picture(page, `mode-${file}-phone`)
    // A window of 1280 by 1024 at 400 %.
    await page.setViewportSize({ width: 320, height: 256 })
    assert.ok(await desk.fits(page), `${path} zoomed`)
    assert.ok(await covered(page) < 0.5, `${path} zoomed: something covers half of it`)
    await page.setViewportSize({ width: 1100, height: 900 })
    await page.emulateMedia({ forcedColors: 'active' })
    await desk.is_accessible(page, `${path} in high contrast`)
    await desk.picture(page, `mode-${file}-contrast`)
    await page.emulateMedia({ forcedColors: 'none', media: 'print' })
    // The paper form is printed under a heading of its own.
    assert.ok(await page.locator('main').getByRole('heading').filter({ visible: true }).count() > 0, `${path} printed without a heading`)
    for (const name of ['Sign out', /^Sound for new alerts/]) assert.equal(await page.getByRole('button', { name }).isVisible(), false, `${path} prints ${name}`)
    assert.equal(await page.locator('nav[aria-label="Main"]').isVisible(), false, `${path} prints its navigation`)
    await desk.picture(page, `mode-${file}-print`)
    await page.emulateMedia({ media: 'screen' })
}
/** Everything that can be pressed is reached by Tab, in the order of the page, and shows where one is. */
async function by_keyboard(page, path) {
    await settled(page, path)
    // The list has its heading before it has its lines.
    if (path === '/') await page.locator('main a[href^="/alert/"]').first().waitFor()
    const wanted = await page.evaluate(() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((one) => one.getClientRects().length > 0 && !one.disabled && one.tabIndex >= 0).filter((one) => one.type !== 'radio' && (one.tagName === 'SUMMARY' || one.closest('details:not([open])') === null)).length)
    await page.evaluate(() => document.activeElement?.blur())
    const reached = new Set()
    for (let pressed = 0; pressed < wanted + 40; pressed++) {
        await page.keyboard.press('Tab')
        const at = await page.evaluate(() => {
            const one = document.activeElement
            if (one === null || one === document.body) return null
            window.reached ??= new Map()
            if (!window.reached.has(one)) window.reached.set(one, window.reached.size)
            const style = getComputedStyle(one)
            const label = one.parentElement?.querySelector('label')
            const marks = [style, ...(label == null ? [] : [getComputedStyle(label, '::before')])]
            return { place: window.reached.get(one), radio: one.type === 'radio', shown: marks.some((of) => of.outlineStyle !== 'none' || of.boxShadow !== 'none'), html: one.outerHTML.slice(0, 120) }
        })
        // Behind the last one the browser's own window has it; then the page begins at its top: a page is opened with its heading.
        if (at === null) continue
        assert.ok(at.shown, `${path}: nobody sees that this has the keyboard: ${at.html}`)
        if (!at.radio) reached.add(at.place)
    }
    assert.equal(reached.size, wanted, `${path} by keyboard`)
}
const named = (path) => (path === '/' ? 'first' : path.split('/').filter((part) => !/[0-9a-f-]{36}/.test(part) && part !== '').join('-'))

test('the pages of a MASH desk on a phone, zoomed, in high contrast and printed', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    const paths = [...await navigated(page), `/alert/${alert}`, `/chronology/${alert}`, `/send/${alert}`, `/send/${alert}/new/strategy_discussion_invite`, '/conflicts/new', '/agreements/new', '/account', '/account/record', '/concern/paper']
    assert.ok(paths.length > 15, paths.join(' '))
    for (const path of paths) await in_every_mode(page, path, `mash-${named(path)}`)
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('the pages of a school on a phone, zoomed, in high contrast and printed', async () => {
    const page = await desk.page_of()
    await sign_in(page, quill)
    const paths = [...await navigated(page), '/list', '/search', '/unconfirmed', '/imports', '/imports/closed', '/agreements', `/sent/${sent}`, `/sent/${sent}/take-back`, '/concern/paper']
    for (const path of paths) await in_every_mode(page, path, `school-${named(path)}`)
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('everything that can be pressed is reached by keyboard, and shows that it has it', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    for (const path of ['/', '/search', '/tasks', `/alert/${alert}`, `/send/${alert}/new/strategy_discussion_invite`, '/conflicts/new', '/agreements/new', '/account']) await by_keyboard(page, path)
    await page.context().close()
})
