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
const rolls = new URL('../../deploy/demo/involvement/', import.meta.url)
async function give_roll(urn, name, content) {
    for (const folder of [area.dir, join(area.dir, 'agents', 'schools', 'intake')]) mkdirSync(join(folder, urn), { recursive: true })
    area.drop('schools', join(urn, name), content)
    await until(() => existsSync(join(area.dir, 'agents', 'schools', 'accepted', urn, name)), (is) => is)
    await until(() => area.api('schools', 'GET', '/api/v1/status'), ({ body }) => body.errands_owed === 0)
}
before(async () => {
    area = start_area()
    browser = await launch()
    marlow = await with_account(area, 'hub', 'marlow', (await by_day_and_night(area)).by_day.token)
    lead = area.people('schools')['teme-meadow-lead']
    await give_roll('999101', 'roll.csv', readFileSync(fileURLToPath(new URL('999101.csv', rolls)), 'utf8'))
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

test('two schools say that they have the child: the first is told, the second once the front door says that its claim counts too', async () => {
    // In areas that want it so, a child is on one school's roll at a time.
    const title = 'title = "The child is on this school\'s roll"\n'
    area.change_policy((text) => {
        assert.ok(text.includes(title) && text.includes('\nversion = 1\n'))
        return text.replace(title, `${title}single = true\n`).replace('\nversion = 1\n', '\nversion = 2\n')
    })
    for (const host of ['police', 'schools', 'hub']) await until(() => area.api(host, 'GET', '/api/v1/catalogue', undefined, Object.values(area.people(host))[0].token), ({ body }) => body.policy_version === 2)
    const second = await with_account(area, 'schools', 'marchbank', area.people('schools')['orchard-gate-lead'].token)
    const [header, ...pupils] = readFileSync(fileURLToPath(new URL('999102.csv', rolls)), 'utf8').trim().split('\n')
    await give_roll('999102', 'roll.csv', `${[header, ...pupils, 'sch,school,OG-299,9997001052,A885999121014,Ava,Lark,2018-02-11,WR10 1XZ,,'].join('\n')}\n`)
    const born = '2018-02-11'
    const child = { forename: 'Ava', surname: 'Lark', date_of_birth: born, nhs_number: '9997001052' }
    const said = missing('CLAIMED-1', { subject: child, idn: { forenames: 'Ava', surname: 'Lark', date_of_birth: born, nhs_number: '9997001052' } })
    const sent = await area.api('police', 'POST', '/api/v1/notifications', said)
    assert.equal(sent.status, 202, JSON.stringify(sent.body))
    const at_second = () => area.api('schools', 'GET', `/api/v1/received/${sent.body.id}`, undefined, second.token)
    await until(() => at_school(sent.body.id), ({ status }) => status === 200)
    const about = ({ questions }) => questions?.filter(({ notification, why }) => notification === sent.body.id && why === 'claimed_twice') ?? []
    const [question] = about(await until(async () => (await area.api('hub', 'GET', '/api/v1/questions', undefined, marlow.token)).body, (body) => about(body).length > 0))
    assert.deepEqual([question.holder, question.conflicts_with], [{ agency: 'orchard-gate', role: 'sch' }, { agency: 'teme-meadow', role: 'sch' }])
    assert.equal((await at_second()).status, 404, 'the second is not told before the answer')

    const page = await page_in(browser)
    await sign_in(page, marlow)
    await page.getByRole('link', { name: 'Same child?' }).click()
    await page.getByText(/Orchard Gate High School says that it has the child, and so did .+Teme Meadow Primary School before/).waitFor()
    await is_accessible(page, 'two claims in the list')
    await picture(page, 'same-child-03-claims')
    await page.locator(`a[href="/questions/${question.id}"]`).click()
    await page.getByRole('heading', { level: 1, name: 'Does the second claim count too?' }).waitFor()
    await page.getByLabel('Why do you look?').fill('To know whether the second school has to be told.')
    await page.getByRole('button', { name: /^See both sides|^See/ }).click()
    await page.getByRole('table').waitFor()
    assert.match(await page.getByRole('table').innerText(), /Orchard Gate High School/)
    await is_accessible(page, 'two claims, both sides')
    await picture(page, 'same-child-04-claims-both-sides')
    await page.getByLabel('Yes, both have the child').check()
    await page.getByLabel('Why?').fill('She moves on Monday; both schools have her until then.')
    await page.getByRole('button', { name: 'Record the answer' }).click()
    await page.getByText('Recorded: its claim counts too.').waitFor()
    await is_accessible(page, 'two claims answered')
    await picture(page, 'same-child-05-claims-answered')
    await until(at_second, ({ status }) => status === 200)
    assert.equal((await at_school(sent.body.id)).status, 200, 'the first has it still')
    // The second school's lead reads it on a page, as any notice.
    const theirs = await page_in(browser)
    await sign_in(theirs, second)
    await theirs.goto(`${second.url}/alert/police/${sent.body.id}`)
    await theirs.getByRole('heading', { name: 'Before you contact anybody' }).waitFor()
    await is_accessible(theirs, 'the notice at the second school')
    assert.deepEqual([...page.troubles, ...theirs.troubles], [])
})
