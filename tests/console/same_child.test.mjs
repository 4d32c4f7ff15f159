// A weak match from the police's report to the school's desk and back: every agent is the real one.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { missing, start_area } from './area.mjs'
import { close_pages, is_accessible, launch, page_of as page_in, picture } from './browser.mjs'
import { by_day_and_night, sign_in, until, with_account } from './people.mjs'

let area, browser, marlow, lead
before(async () => {
    area = start_area()
    browser = await launch()
    marlow = await with_account(area, 'hub', 'marlow', (await by_day_and_night(area)).by_day.token)
    lead = area.people('schools')['teme-meadow-lead']
    for (const folder of [area.dir, join(area.dir, 'agents', 'schools', 'intake')]) mkdirSync(join(folder, '999101'), { recursive: true })
    area.drop('schools', join('999101', 'roll.csv'), readFileSync(fileURLToPath(new URL('../../deploy/demo/involvement/999101.csv', import.meta.url)), 'utf8'))
    await until(() => existsSync(join(area.dir, 'agents', 'schools', 'accepted', '999101', 'roll.csv')), (is) => is)
    await until(() => area.api('schools', 'GET', '/api/v1/status'), ({ body }) => body.errands_owed === 0)
})
afterEach(close_pages)
after(async () => {
    await browser?.close()
    area?.stop()
})

const at_school = (id) => area.api('schools', 'GET', `/api/v1/received/${id}`, undefined, lead.token)

test('a school is told once the front door says that it is the same child, and its copy is asked back with the answer', async () => {
    const born = '2018-02-11'
    const said = missing('WEAK-1', { subject: { forename: 'Ava', surname: 'Lark', date_of_birth: born }, idn: { forenames: 'Ava', surname: 'Lark', date_of_birth: born } })
    const sent = await area.api('police', 'POST', '/api/v1/notifications', said)
    assert.equal(sent.status, 202)
    const { questions } = await until(async () => (await area.api('hub', 'GET', '/api/v1/questions', undefined, marlow.token)).body, (body) => body.questions?.length > 0)
    assert.equal(questions.length, 1)
    assert.equal(questions[0].notification, sent.body.id)
    assert.equal((await at_school(sent.body.id)).status, 404, 'nobody there is told before the answer')

    const page = await page_in(browser)
    await sign_in(page, marlow)
    await page.getByRole('link', { name: 'Same child?' }).click()
    await page.getByRole('link', { name: /^Compare the two and answer/ }).first().click()
    await page.getByLabel('Why do you look?').fill('To know whether this school has to be told.')
    await page.getByRole('button', { name: 'See both sides' }).click()
    await page.getByRole('table').waitFor()
    assert.match(await page.getByRole('table').innerText(), /Teme Meadow Primary School/, 'what the school holds')
    await is_accessible(page, 'both sides')
    await picture(page, 'same-child-01-both-sides')
    await page.getByLabel('Yes, it is the same child').check()
    await page.getByLabel('Why?').fill('Rang both.')
    await page.getByRole('button', { name: 'Record the answer' }).click()
    await page.getByText('Recorded: it is the same child.').waitFor()
    const got = await until(() => at_school(sent.body.id), ({ status }) => status === 200)
    assert.equal(got.body.recalled ?? false, false)

    await page.getByLabel('Why do you take it back?').fill('A cousin.')
    await page.getByRole('button', { name: 'Take the answer back' }).click()
    await page.getByText('somebody had opened it', { exact: false }).waitFor()
    await is_accessible(page, 'taken back')
    await picture(page, 'same-child-02-whom-it-had-reached')
    await until(() => at_school(sent.body.id), ({ status, body }) => status !== 200 || body.state === 'recalled' || body.recalled != null)
    assert.deepEqual(page.troubles, [])
})
