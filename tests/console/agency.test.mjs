// Journeys of an agency's own pages: the look-up of unscheduled care, and what intake did not take. In a real area.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { missing, start_area } from './area.mjs'
import { close_pages, is_accessible, launch, page_of as page_in, picture } from './browser.mjs'
import { sign_in, until, with_account } from './people.mjs'

let area
let browser
let doctor
let officer

before(async () => {
    area = start_area()
    browser = await launch()
    doctor = await with_account(area, 'health', 'dray', area.people('health')['emergency-doctor'].token)
    officer = await with_account(area, 'police', 'vale', area.people('police')['missing-desk'].token)
})
afterEach(close_pages)
after(async () => {
    await browser?.close()
    area?.stop()
})

const page_of = (options) => page_in(browser, options)
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()
async function date(page, group, [day, month, year]) {
    const boxes = page.getByRole('group', { name: group })
    await boxes.getByLabel('Day').fill(day)
    await boxes.getByLabel('Month').fill(month)
    await boxes.getByLabel('Year').fill(year)
}
async function keeps_nothing(page, ...words) {
    const kept = await page.evaluate(() => JSON.stringify([document.title, location.href, Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]))
    for (const word of words) assert.ok(!kept.includes(word), `${word} is kept`)
}

test('a child before unscheduled care: what is missing, nothing known, a plan that is active, whom to ring by day and by night', async () => {
    const child = { number: '9990000026', shown: '999 000 0026' }
    const page = await page_of()
    await sign_in(page, doctor)
    await page.getByRole('link', { name: 'Care status' }).click()
    await heading(page, 'Does this child have a plan or care status?')
    await page.getByRole('button', { name: 'Look up' }).click()
    for (const words of ['Enter the NHS number: 10 digits', 'Enter the date of birth, or the surname below', 'Enter the number of this visit']) await page.getByRole('link', { name: words }).waitFor()
    await is_accessible(page, 'look-up, with errors')
    await picture(page, 'agency-01-look-up-errors')
    const look_up = async (number, visit) => {
        await page.getByLabel('NHS number').fill(number)
        await date(page, 'Date of birth', ['1', '3', '2016'])
        await page.getByLabel('Number of the visit').fill(visit)
        await page.getByRole('button', { name: 'Look up' }).click()
    }
    // Ten digits that are no NHS number: a slip of a finger is never "nothing known".
    await look_up('9990000027', 'V-1')
    await page.getByRole('alert').getByRole('link').first().waitFor()
    await is_accessible(page, 'look-up of a number that is none')
    await look_up(child.shown, 'V-1')
    await heading(page, 'Nothing is known here')
    await page.getByText('That is no all-clear.').waitFor()
    await is_accessible(page, 'nothing known')
    await picture(page, 'agency-02-nothing-known')
    assert.deepEqual((await area.api('health', 'GET', '/api/v1/sent', undefined, doctor.token)).body.sent, [], 'nobody is told')

    const now = new Date(Date.now() - 600_000).toISOString()
    const told = await area.api('social-care', 'POST', '/api/v1/notifications', {
        source_ref: 'plan:1', thread_ref: 'plan:1', agency: 'social-care', role: 'sw', type: 'care_status_changed', kind: 'cp_plan_started', occurred_at: now, markers: [],
        subject: { forename: 'Mia', surname: 'Testcase', date_of_birth: '2016-03-01', nhs_number: child.number },
        sections: { idn: { forenames: 'Mia', surname: 'Testcase', date_of_birth: '2016-03-01', nhs_number: child.number }, leg: { has_plan_or_care_status: 'yes', plan: 'Child protection plan' }, voi: { reason_for_none: 'not_seen' }, sfc: { note: 'Ring first' } },
    }, area.people('social-care')['social-worker'].token)
    assert.equal(told.status, 202, JSON.stringify(told.body))
    await until(() => area.api('health', 'POST', '/api/v1/care-status', { reference: 'V-0', subject: { nhs_number: child.number, surname: 'Testcase' } }, doctor.token), ({ body }) => body.active === true)
    await page.getByRole('button', { name: 'Look up another child' }).click()
    assert.equal(await page.getByLabel('NHS number').inputValue(), '', 'the child before is gone from the form')
    await look_up(child.number, 'V-2')
    await heading(page, 'A plan or care status is active')
    await page.getByText('A child protection plan').waitFor()
    await page.getByText(/^Ring the front door, at night and at weekends the Emergency Duty Team: 01632 960204\.$/).waitFor()
    await is_accessible(page, 'a plan is active')
    await picture(page, 'agency-03-active')
    await page.setViewportSize({ width: 320, height: 640 })
    await is_accessible(page, 'a plan is active, on a phone')
    await picture(page, 'agency-04-active-phone')
    await keeps_nothing(page, child.number, 'Testcase')
    const lines = await until(() => area.api('health', 'GET', '/api/v1/access-log', undefined, doctor.token), ({ body }) => body.access.some(({ action }) => action === 'care_status_found'))
    assert.ok(lines.body.access.some(({ action }) => action === 'care_status_none'), 'each look is recorded')
    assert.ok(!JSON.stringify(lines.body).includes(child.number))
    await page.setViewportSize({ width: 1100, height: 900 })
    await page.getByRole('link', { name: 'See what it was told' }).click()
    await heading(page, 'A child with a protection plan or in care came to unscheduled care')
    await is_accessible(page, 'an attendance that was told')
    assert.deepEqual(page.troubles, [])
})

test('the look-up is no page of anybody else', async () => {
    const nurse = await with_account(area, 'health', 'penhale', area.people('health')['school-nurse'].token)
    const page = await page_of()
    await sign_in(page, nurse)
    assert.equal(await page.getByRole('link', { name: 'Care status' }).count(), 0)
    await page.goto(`${nurse.url}/care-status`)
    await heading(page, 'Page not found')
    assert.deepEqual(page.troubles, [])
})

const columns = ['', 'reportid', 'misperid', 'initial_risk_level', 'current_final_risk_level', 'forenames', 'surname', 'dob', 'pob', 'age', 'sex', 'nhs_number', 'residence_type', 'missing_since', 'date_reported_missing', 'missing_from', 'circumstances']
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toLocaleString('sv-SE', { timeZone: 'Europe/London' })
/** One of the records has no report number, without which nothing is used of it. */
function reports(run) {
    const record = (at, report, forename) => [at, report, `7${run}${at}`, 'Medium', 'Medium', forename, 'Testcase', '2014-01-01', '', '12', 'M', '', 'Home Address', ago(30), ago(20), 'Park', 'Did not come home.'].join(',')
    return [columns.join(','), record(0, `R-${run}-1`, 'Kit'), record(1, '', 'Wren')].join('\n') + '\n'
}
const rejected = async (state = 'open') => (await area.api('police', 'GET', `/api/v1/rejected?state=${state}`, undefined, officer.token)).body.rejected
async function give(file, content) {
    area.drop('police', file, content)
    return until(async () => (await rejected()).find((line) => line.file === file), (line) => line !== undefined)
}

test('a record that was not taken: what is wrong at its field, mended here, sent back and used; what was used before is not used twice', async () => {
    const page = await page_of()
    await sign_in(page, officer)
    await page.getByRole('link', { name: 'Imports' }).click()
    await page.getByText('Every file was taken.').waitFor()
    await page.getByText('No list waits.').waitFor()
    await is_accessible(page, 'imports, nothing to mend')
    const line = await give('reports.csv', reports('A'))
    await page.reload()
    await page.getByText(/1 record of 2 was not used\./).waitFor()
    await is_accessible(page, 'imports with a file to mend')
    await picture(page, 'agency-10-imports')
    await page.locator(`a[href="/imports/rejected/${line.id}"]`).click()
    await heading(page, line.title)
    const field = page.getByLabel('reportid')
    await field.waitFor()
    await page.getByText('The rest of record 2').click()
    assert.equal(await page.getByLabel('forenames').inputValue(), 'Wren')
    await page.getByRole('button', { name: 'Send it back' }).click()
    await page.getByText('Nothing is changed yet. Sent as it came, it would be refused again').waitFor()
    await is_accessible(page, 'a file to mend')
    await picture(page, 'agency-11-mend')
    await page.setViewportSize({ width: 320, height: 640 })
    await is_accessible(page, 'a file to mend on a phone')
    await picture(page, 'agency-12-mend-phone')
    await keeps_nothing(page, 'Wren')
    // Somebody else had it open too.
    const other = await page_of()
    await sign_in(other, officer)
    await other.goto(page.url())
    await other.getByLabel('reportid').fill('R-A-9')
    await page.getByLabel('reportid').fill('R-A-2')
    await page.getByRole('button', { name: 'Send it back' }).click()
    await page.getByText('Mended: all of it is used').waitFor()
    await is_accessible(page, 'a file that was mended')
    await page.setViewportSize({ width: 1100, height: 900 })
    await picture(page, 'agency-13-mended')
    const sent = await until(async () => (await area.api('police', 'GET', '/api/v1/sent', undefined, officer.token)).body.sent, (all) => all.length >= 2)
    assert.equal(sent.length, 2, 'one for each child, and the first not twice')
    await other.getByRole('button', { name: 'Send it back' }).click()
    await other.getByRole('button', { name: /^Read it again/ }).waitFor()
    await is_accessible(other, 'a file that somebody else mended')
    await picture(other, 'agency-14-stale')
    await other.getByRole('button', { name: /^Read it again/ }).click()
    await other.getByText('Mended: all of it is used').waitFor()
    const looks = (await area.api('police', 'GET', '/api/v1/access-log', undefined, officer.token)).body.access.map(({ action }) => action)
    for (const action of ['rejected_read', 'rejected_mended']) assert.ok(looks.includes(action), `${action} is recorded`)
    assert.deepEqual([...page.troubles, ...other.troubles], [])
})

test('a file that cannot be read at all is mended as text, and one that does not count is set aside with the reason', async () => {
    const page = await page_of()
    await sign_in(page, officer)
    const whole = JSON.stringify(missing('MP-MENDED'), null, 1)
    const broken = await give('broken.json', whole.slice(0, -2))
    await page.goto(`${officer.url}/imports/rejected/${broken.id}`)
    await page.getByLabel('The file as it came').waitFor()
    await is_accessible(page, 'a file to mend as text')
    await picture(page, 'agency-15-text')
    await page.getByLabel('The file as it came').fill(whole)
    await page.getByRole('button', { name: 'Send it back' }).click()
    await page.getByText('Mended: all of it is used').waitFor()

    const test_file = await give('vendor-test.csv', reports('B'))
    await page.goto(`${officer.url}/imports/rejected/${test_file.id}`)
    await page.getByRole('button', { name: 'Set it aside' }).click()
    await page.getByRole('link', { name: 'Say why it does not have to be mended' }).waitFor()
    await page.getByLabel('Leave it out').check()
    await page.getByRole('button', { name: 'Send it back' }).click()
    await page.getByText(/^Nothing is left to be sent\./).waitFor()
    await is_accessible(page, 'nothing left to send')
    await page.getByLabel('Why?').fill('Test record of the vendor; not a child')
    await page.getByRole('button', { name: 'Set it aside' }).click()
    await page.getByText('Test record of the vendor; not a child').waitFor()
    await is_accessible(page, 'a file that was set aside')
    await page.getByRole('link', { name: 'Imports' }).first().click()
    await page.getByText('Every file was taken.').waitFor()
    await page.getByRole('link', { name: 'Mended or set aside' }).click()
    await heading(page, 'Mended or set aside')
    await page.getByText('Set aside', { exact: true }).waitFor()
    await is_accessible(page, 'mended or set aside')
    await picture(page, 'agency-16-closed')
    assert.deepEqual(page.troubles, [])
})
