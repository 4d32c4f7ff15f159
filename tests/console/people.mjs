// People with accounts of the real agents: made by the interface with their tokens, signed in by the page.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'

export const passphrase = 'four invented words here'

/** In place of the account that deploy/area made, to which nobody has signed in yet: one with a printed sheet, whose codes need no clock. */
export async function with_account(area, host, name, token) {
    const made = await area.api(host, 'POST', '/api/v1/accounts', { token, name, passphrase, second_factor: 'codes' })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return { name, token, url: area.host(host).url, codes: made.body.codes, recovery: made.body.recovery_codes, person: made.body.person, cookies: [] }
}
/** Two people of the front door, each in both its inboxes: whether it is day or night in the area, both have the same desk. */
export async function by_day_and_night(area) {
    const { 'front-door': by_day, 'emergency-duty': by_night } = area.people('hub')
    for (const [person, other] of [[by_day, by_night], [by_night, by_day]]) {
        const added = await area.api('hub', 'POST', '/api/v1/people', { person: person.person, inboxes: other.inboxes, roles: other.roles }, other.token)
        assert.ok(added.status < 300, JSON.stringify(added.body))
    }
    return { by_day, by_night }
}
/** Asks again until it is so. */
export async function until(what, is) {
    for (let asked = 0; asked < 600; asked++) {
        const answer = await what()
        if (is(answer)) return answer
        await new Promise((then) => setTimeout(then, 100))
    }
    throw new Error(`never came: ${what}`)
}
export async function fill_sign_in(page, name, phrase, code) {
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Passphrase').fill(phrase)
    await page.getByLabel('Code').fill(code)
    await page.getByRole('button', { name: 'Sign in' }).click()
}
/** By the form the first time, and whenever the session is over; else the browser has its cookie still, so that a sheet of 20 codes lasts. */
export async function sign_in(page, who) {
    await page.context().addCookies(who.cookies)
    await page.goto(who.url)
    const form = page.getByRole('button', { name: 'Sign in' })
    const inside = page.getByRole('button', { name: 'Sign out' })
    await form.or(inside).first().waitFor().catch(async (error) => {
        throw new Error(`${error.message}\nThe page says: ${await page.locator('body').innerText()}`)
    })
    if (await inside.isVisible()) return
    await fill_sign_in(page, who.name, passphrase, who.codes.shift())
    await inside.waitFor()
    who.cookies = await page.context().cookies()
}
/** What a telephone with this secret (base32) shows at that time. */
export function totp(secret, at = Date.now()) {
    const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
    const step = Buffer.alloc(8)
    step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
    const hash = createHmac('sha1', key).update(step).digest()
    return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
