// Linked people and reports of one event at the desk: brothers and sisters, a mother, and two agencies that tell of one evening.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { missing } from './area.mjs'
import { rows, row_of, start_desk } from './desk.mjs'

let desk
before(async () => {
    desk = await start_desk()
})
after(async () => desk?.close())

const surname = 'Testcaselinked'
const juno = { forename: 'Juno', surname, nhs_number: '9990000018', date_of_birth: '2013-04-05' }
const perrin = { forename: 'Perrin', surname, nhs_number: '9990000026', date_of_birth: '2016-02-03' }
const tamsin = { forename: 'Tamsin', surname, nhs_number: '9990000034', date_of_birth: '2017-06-07' }
const mother = { forename: 'Verity', surname, nhs_number: '9990000042', date_of_birth: '1990-01-02' }
const about = (reference, { forename: forenames, ...child }, of = {}) => {
    const identity = { ...child, forenames }
    return { ...missing(reference, { subject: { forename: forenames, ...child }, idn: identity }), ...of }
}
const opened = async (page, id) => {
    await row_of(page, id).first().getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Before you contact anybody' }).waitFor()
}
const back = (page) => page.getByRole('link', { name: 'Live list' }).first().click()
const shown_links = (page, id) => page.locator(`.desk-linked:has(a[href$="${id}"]) strong`).allInnerTexts()

test('siblings of one event, a brother who is named and a mother whom two alerts name stand in the chronology, each with how it is linked', async () => {
    const brothers = await desk.give('police', about('LINK-1', perrin, { event_ref: 'evening' }))
    const start = await desk.give('police', about('LINK-2', juno, {
        event_ref: 'evening',
        linked: [{ relation: 'sibling', ...perrin }, { relation: 'mother', ...mother }, { relation: 'household_adult', forename: 'Invented', surname: 'Lodger' }],
    }))
    const cousins = await desk.give('police', about('LINK-3', tamsin, { linked: [{ relation: 'carer', ...mother }] }))
    const said = await desk.area.api('police', 'GET', `/api/v1/sent/${start}`, undefined, Object.values(desk.area.people('police'))[0].token)
    assert.deepEqual(said.body.linked.map(({ relation, used }) => [relation, used]), [['sibling', true], ['mother', true], ['household_adult', false]], 'the sender is told of whom nothing could be used')

    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await row_of(page, cousins).waitFor()
    await opened(page, start)
    await page.getByRole('heading', { name: 'Linked people' }).waitFor()
    await page.getByText('The sender names, so that you can find them again: brother or sister, mother.').waitFor()
    await desk.is_accessible(page, 'alert that names people')
    await desk.picture(page, 'linked-01-alert')
    await page.getByRole('link', { name: 'See what this desk holds about them' }).click()
    await page.getByRole('heading', { name: 'About linked people' }).waitFor()
    assert.deepEqual(await shown_links(page, brothers), ['The same event: the sender told of each child by itself', 'About somebody who is named as this child’s brother or sister'])
    assert.deepEqual(await shown_links(page, cousins), ['Names the same person: mother here, carer there'])
    await desk.is_accessible(page, 'chronology with linked people')
    await desk.picture(page, 'linked-02-chronology')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await page.setViewportSize({ width: 1280, height: 800 })
    assert.ok(!(await page.title()).includes(surname) && !page.url().includes(surname))

    // What is taken back goes while it is read, and its links with it.
    const [officer] = Object.values(desk.area.people('police'))
    const recalled = await desk.area.api('police', 'POST', `/api/v1/sent/${cousins}/recall`, { reason: 'wrong_child' }, officer.token)
    assert.equal(recalled.status, 202)
    await page.locator(`.desk-linked a[href$="${cousins}"]`).waitFor({ state: 'detached' })
    await desk.looks('hub', desk.people.marlow.token, (lines) => [brothers, cousins].every((id) => lines.some(({ action, item }) => action === 'shown' && item === id)))
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('two reports of one event are one line and count once, each is opened by itself, and they can be taken apart', async () => {
    const first = await desk.give('police', about('ONE-1', tamsin))
    const second = await desk.give('police', about('ONE-2', tamsin))
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await row_of(page, second).waitFor()
    const before_it = await rows(page).count()
    await opened(page, first)
    await back(page)
    await opened(page, second)
    await page.getByRole('button', { name: 'Look for another report of this event' }).click()
    await page.getByRole('button', { name: 'They are one event' }).click()
    await page.getByRole('link', { name: 'Choose the other report' }).waitFor()
    await desk.is_accessible(page, 'joining without a report')
    await page.getByLabel('Which one tells of the same event?').selectOption(`police/${first}`)
    await page.getByRole('button', { name: 'They are one event' }).click()
    await page.getByText('They are one line of the list now.').waitFor()
    await page.getByText('2 reports are one line of the list.', { exact: false }).waitFor()
    await desk.is_accessible(page, 'alert of two reports')
    await desk.picture(page, 'linked-03-reports')
    await back(page)
    await page.getByText('2 reports', { exact: true }).waitFor()
    assert.equal(await rows(page).count(), before_it - 1)
    await page.getByRole('button', { name: `Nobody has taken (${before_it - 1})` }).waitFor()
    assert.match(await page.title(), new RegExp(`^\\(${before_it - 1}\\) `))
    await desk.is_accessible(page, 'list with two reports of one event')
    await desk.picture(page, 'linked-04-list')
    // The other is a tap away from the line.
    assert.equal(await page.locator(`.desk-row:has-text("2 reports") a[href$="${first}"]`).count() + await page.locator(`.desk-row:has-text("2 reports") a[href$="${second}"]`).count(), 2)

    await opened(page, first)
    await page.getByRole('button', { name: 'This is another event: take it out' }).click()
    await page.getByText('This is a line of its own again.').waitFor()
    await back(page)
    await page.getByRole('button', { name: `Nobody has taken (${before_it})` }).waitFor()
    assert.equal(await rows(page).count(), before_it)
    assert.deepEqual(page.troubles, [])
})
