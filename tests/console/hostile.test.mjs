// Hostile text in every field of every page: what people and other systems wrote and real agents carry, what an agent that was
// broken into would answer, and what somebody types. It is text everywhere: no markup, nothing turned around, nothing hidden.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe_finds, scrolls_sideways } from './browser.mjs'
import { open, settled, start_world } from './every_page.mjs'

const markup = '<img src=x onerror="document.title=\'broken\'"><script>document.title=\'broken\'</script><b onclick=1>'
const turned = '\u202Eelbisiv\u2066\u200bhidden\u0007{{7*7}}'
const hostile = `${markup}${turned}`
/** As it is after what a person typed loses its ends. */
const megabyte = 'W'.repeat(1_000_000)
const faults = []
let world
before(async () => {
    // Control characters other than these are refused by what takes the text in.
    world = await start_world((words) => `${words} ${markup}${turned.replace('\u0007', '')}`)
})
after(() => world?.close())

async function is_only_text(page, name) {
    const found = await page.evaluate(() => {
        const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
        const wrong = []
        if (/broken|img|onerror/.test(document.title)) wrong.push(`title ${document.title}`)
        if (/img|onerror|%3C/i.test(location.href)) wrong.push('address')
        // One of our own: the skip link's, header's and drawings' markup holds none of these.
        if (document.querySelector('img, iframe, object, body script, [onclick], [onerror]') !== null) wrong.push('markup')
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
            if (node.parentElement?.tagName !== 'TEXTAREA' && hidden.test(node.data)) wrong.push(`text of ${node.parentElement?.outerHTML.slice(0, 120)}`)
        }
        for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
            for (const attribute of ['aria-label', 'title', 'placeholder', 'alt']) if (hidden.test(one.getAttribute(attribute) ?? '')) wrong.push(`${attribute} of ${one.tagName}`)
        }
        if (localStorage.length + sessionStorage.length > 0) wrong.push('storage')
        return wrong
    })
    for (const one of found) faults.push(`${name}: ${one}`)
    for (const width of [320, 1100]) {
        await page.setViewportSize({ width, height: 700 })
        if (await scrolls_sideways(page)) faults.push(`${name} scrolls sideways at ${width} px`)
    }
}
const named = (path) => (path === '/' ? 'first' : path.split('/').filter((part) => !/[0-9a-f-]{36}/.test(part) && part !== '').join('-'))

test('what people and systems wrote, through real agents, on every page', async () => {
    let shown = 0
    for (const person of world.people) {
        const page = await world.page_of(person)
        for (const path of person.pages) {
            await open(page, person.who.url, path)
            await settled(page)
            await is_only_text(page, `${path} of the ${person.name}`)
            shown += await page.getByText(markup, { exact: false }).count()
            const found = await axe_finds(page)
            if (found !== '[]') faults.push(`${path} of the ${person.name}: ${found}`)
            await world.desk.picture(page, `hostile-${person.name.split(' ')[0]}-${named(path)}`)
        }
        assert.deepEqual(page.troubles, [])
        await page.context().close()
    }
    assert.deepEqual(faults, [])
    assert.ok(shown > 20, `it is on the pages as text: ${shown} times`)
})

/** A name, an id, a time or a number, by which a page finds its way; everything else is words. */
const is_code = (value) => /^[a-z0-9][a-z0-9._-]{0,63}(\/[0-9a-f-]{36})?$/.test(value) || /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(value) || /^\^|^$/.test(value)
const content = new Set(['views', 'sections', 'subject', 'sender_says', 'holder_says', 'was', 'fields', 'record'])
function made_hostile(value, within, words, name = '') {
    if (typeof value === 'string') return (within || !is_code(value)) && !/csrf/.test(name) ? words() : value
    if (typeof value === 'number') return within ? words() : value
    if (Array.isArray(value)) return value.map((one) => made_hostile(one, within, words))
    if (value === null || typeof value !== 'object') return value
    const made = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, made_hostile(one, within || (content.has(key) && typeof one === 'object'), words, key)]))
    if (within) made[hostile] = words()
    return made
}
async function answered_with(page, words) {
    await page.route('**/api/v1/**', async (route) => {
        const request = route.request()
        if (/\/events|\/health/.test(request.url())) return route.fallback()
        const answer = await route.fetch().catch(() => null)
        if (answer === null) return route.abort()
        const text = await answer.text()
        if (text === '') return route.fulfill({ response: answer, body: text })
        return route.fulfill({ response: answer, json: made_hostile(JSON.parse(text), false, words()) })
    })
}

for (const [what, words] of [
    ['hostile words', () => () => hostile],
    ['a megabyte in the first words of each answer', () => {
        let given = 0
        return () => (given++ === 0 ? megabyte : hostile)
    }],
]) {
    test(`an agent that was broken into answers ${what} in every field`, async () => {
        let shown = 0
        for (const person of world.people) {
            const page = await world.page_of(person)
            await answered_with(page, words)
            for (const path of person.pages) {
                if (path.startsWith('/send/')) continue
                await open(page, person.who.url, path)
                await settled(page)
                await is_only_text(page, `${path} of the ${person.name}, ${what}`)
                shown += await page.getByText(markup, { exact: false }).count()
            }
            assert.deepEqual(page.troubles, [], `${person.name}, ${what}`)
            await page.context().close()
        }
        assert.deepEqual(faults, [])
        assert.ok(shown > 100, `it is on the pages as text: ${shown} times`)
    })
}

/** Types it wherever something can be typed, chooses the first of everything, and presses what sends the form. `first`: in the first field. */
async function typed(page, words, first) {
    await page.evaluate(() => { for (const one of document.querySelectorAll('main details')) one.open = true })
    for (const group of await page.locator('main fieldset:has(input[type=radio])').all()) await group.locator('input[type=radio]').first().check({ force: true })
    for (const box of await page.locator('main input[type=checkbox]').all()) await box.check({ force: true })
    for (const list of await page.locator('main select').all()) if (await list.isVisible()) await list.selectOption({ index: (await list.locator('option').count()) - 1 })
    let typed_already = false
    for (const field of await page.locator('main input:not([type=radio]):not([type=checkbox]), main textarea').all()) {
        if (!(await field.isVisible())) continue
        await field.fill(typed_already ? words : first)
        typed_already = true
    }
    const send = page.locator('main form button[type=submit]').first()
    if (await send.count() > 0) await send.click()
    else if (await page.getByRole('button', { name: 'Continue' }).count() > 0) await page.getByRole('button', { name: 'Continue' }).first().click()
    await settled(page)
}
for (const [what, first] of [['hostile words into every field', hostile], ['a megabyte into the first field and hostile words into every other', megabyte]]) {
    test(`somebody types ${what} of every form, and sends it`, async () => {
        let fields = 0
        for (const person of world.people) {
            const page = await world.page_of(person)
            for (const path of person.pages) {
                await open(page, person.who.url, path)
                await settled(page)
                if (await page.locator('main input, main textarea').count() === 0) continue
                fields += await page.locator('main input:not([type=radio]):not([type=checkbox]), main textarea').count()
                await typed(page, hostile, first)
                await is_only_text(page, `${path} of the ${person.name} with ${what} typed`)
                await world.desk.picture(page, `typed-${first.length}-${person.name.split(' ')[0]}-${named(path)}`)
            }
            // Whoever fills form after form as fast as this one is told to wait, and the page waits (export.test.mjs).
            assert.deepEqual(page.troubles.filter((one) => !one.includes('status of 429')), [], `${person.name} typed ${what}`)
            await page.context().close()
        }
        assert.ok(fields > 50, `${fields} fields`)
        assert.deepEqual(faults, [])
    })
}
