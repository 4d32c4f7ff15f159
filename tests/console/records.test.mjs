// What a desk keeps beside alerts: conflicts of interest, and what families agreed to. Real agents, from the form to what follows.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { close_pages } from './browser.mjs'
import { row_of, start_desk } from './desk.mjs'
import { passphrase, sign_in, until, with_account } from './people.mjs'

let desk
let quill
before(async () => {
    desk = await start_desk()
    quill = await with_account(desk.area, 'schools', 'quill', desk.area.people('schools')['teme-meadow-lead'].token)
})
afterEach(close_pages)
after(() => desk?.close())

const child = { nhs_number: '9990000018', date_of_birth: '2013-04-05' }
async function open_conflicts(page) {
    await page.getByRole('link', { name: 'Conflicts', exact: true }).click()
    await page.getByRole('heading', { name: 'Conflicts of interest', level: 1 }).waitFor()
}

test('a conflict of interest: what is missing, whom it keeps out as the agent understood it, and its end after showing who one is', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await open_conflicts(page)
    await page.getByText('No conflict stands.').waitFor()
    await desk.is_accessible(page, 'no conflicts')
    await page.getByRole('link', { name: 'Record a conflict' }).click()
    await page.getByRole('heading', { name: 'Record a conflict of interest' }).waitFor()
    await page.getByRole('button', { name: 'Record the conflict' }).click()
    for (const words of ['Say which child it is', 'Say whom it keeps out', 'Say why']) await page.getByRole('link', { name: words }).waitFor()
    await desk.is_accessible(page, 'conflict without anything')
    await desk.picture(page, '70-conflict-faults')
    await page.getByLabel('Last name').fill('Testcase')
    await page.getByLabel('A place at an agency').selectOption({ label: 'Teme Meadow Primary School: Designated safeguarding lead of the school' })
    await page.getByRole('button', { name: 'Add this place' }).click()
    await page.getByRole('button', { name: 'Remove Teme Meadow Primary School' }).waitFor()
    await page.getByLabel('Why?').fill('The father is a governor.')
    await page.getByRole('button', { name: 'Record the conflict' }).click()
    await page.getByRole('alert').getByText(/does not identify the child/).waitFor()
    await page.getByLabel('NHS number').fill('999 000 0018')
    await page.getByLabel('Day').fill('5')
    await page.getByLabel('Month').fill('4')
    await page.getByLabel('Year').fill('2013')
    await desk.picture(page, '71-conflict-form')
    await page.getByRole('button', { name: 'Record the conflict' }).click()
    await page.getByRole('heading', { name: 'The conflict is recorded' }).waitFor()
    await page.getByText('Teme Meadow Primary School').first().waitFor()
    await desk.is_accessible(page, 'conflict recorded')
    await desk.picture(page, '72-conflict-recorded')
    assert.ok(!/Testcase|999/.test(page.url() + await page.title()))
    await open_conflicts(page)
    await page.getByRole('heading', { name: 'Testcase, born 5 April 2013' }).waitFor()
    await page.getByText('The father is a governor.').waitFor()
    await desk.is_accessible(page, 'a conflict that stands')
    await desk.picture(page, '73-conflicts')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await page.getByRole('button', { name: 'It has ended' }).click()
    await page.getByRole('button', { name: 'End this conflict' }).click()
    await page.getByRole('link', { name: 'Enter your passphrase' }).waitFor()
    await desk.is_accessible(page, 'end of a conflict without passphrase')
    await page.getByLabel('Your passphrase again').fill(passphrase)
    await page.getByLabel('A new code').fill(desk.people.marlow.codes.shift())
    await page.getByRole('button', { name: 'End this conflict' }).click()
    await page.getByText('The conflict has ended.').waitFor()
    await page.getByText('No conflict stands.').waitFor()
    await desk.looks('hub', desk.people.marlow.token, (lines) => ['conflict_added', 'conflicts_read', 'conflict_ended'].every((wanted) => lines.some(({ action }) => action === wanted)))
    assert.deepEqual(page.troubles, [])
})

test('whom a conflict keeps out is not shown that there is one, and no other agency has the page', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await open_conflicts(page)
    await page.getByRole('link', { name: 'Record a conflict' }).click()
    await page.getByLabel('NHS number').fill(child.nhs_number)
    await page.getByLabel('Day').fill('5')
    await page.getByLabel('Month').fill('4')
    await page.getByLabel('Year').fill('2013')
    const colleague = page.getByRole('group', { name: 'Somebody of your own agency' })
    await colleague.getByRole('checkbox').first().waitFor()
    assert.equal(await colleague.getByRole('checkbox').count(), 1, 'oneself is not in the list')
    await colleague.getByRole('checkbox').check()
    await page.getByLabel('Why?').fill('An uncle.')
    await page.getByRole('button', { name: 'Record the conflict' }).click()
    await page.getByText(/every inbox that .+ opens/).waitFor()
    await open_conflicts(page)
    await page.getByRole('heading', { name: 'NHS number 999 000 0018, born 5 April 2013' }).waitFor()
    const other = await desk.page_of()
    await desk.sign_in(other, 'nightingale')
    await open_conflicts(other)
    await other.getByText('No conflict stands.').waitFor()
    assert.equal(await other.getByText('An uncle.').count(), 0)
    const school = await desk.page_of()
    await sign_in(school, quill)
    await school.getByRole('link', { name: 'Share a concern' }).first().waitFor()
    assert.equal(await school.getByRole('link', { name: 'Conflicts', exact: true }).count(), 0)
    await school.goto(`${quill.url}/conflicts`)
    await school.getByText(/Only the front door or the designated officer/).waitFor()
    assert.equal(await school.getByText('An uncle.').count(), 0)
    await desk.is_accessible(school, 'conflicts refused')
})

test('what a family says: what is missing, the record with who relied on it, and what follows when they take it back', async () => {
    const asked = new Date(Date.now() - 3_600_000)
    const occurred = asked.toISOString()
    const id = await desk.give('schools', {
        source_ref: 'concern/70', thread_ref: 'concern/70', agency: 'teme-meadow', role: 'sch', type: 'safeguarding_referral', occurred_at: occurred, level: '3', harm: 'none',
        purpose: 'request_service', agreement: { status: 'given', giver: 'parent_pr', named_agencies: ['hub'], purpose: 'request_service' }, markers: [],
        subject: { forename: 'Fern', surname: 'Testcase', date_of_birth: '2017-10-19' },
        sections: {
            idn: { forenames: 'Fern', surname: 'Testcase', date_of_birth: '2017-10-19' }, evt: { what: 'The family asks for help', date: occurred.slice(0, 10) },
            voi: { words: 'We are tired.', heard_by: 'Class teacher' }, pro: { whom_to_ring: 'School office, 01632 960211' },
        },
    })
    const page = await desk.page_of()
    await sign_in(page, quill)
    await page.goto(`${quill.url}/sent/${id}`)
    await page.getByRole('link', { name: 'Record what the family says about it now' }).click()
    await page.getByRole('heading', { name: 'Record what a family said' }).waitFor()
    await page.getByRole('button', { name: 'Record it' }).click()
    await page.getByRole('link', { name: 'Choose what they said' }).waitFor()
    await desk.is_accessible(page, 'agreement without anything')
    await page.getByLabel('They agreed').check()
    await page.getByRole('button', { name: 'Record it' }).click()
    for (const words of ['Choose who answered', 'Choose how they said it', 'Choose what they agreed to', 'Add who may know', 'Enter when they were asked, as day and time']) await page.getByRole('link', { name: words }).waitFor()
    await desk.is_accessible(page, 'agreement with everything missing')
    await desk.picture(page, '74-agreement-faults')
    await page.getByLabel('A parent with parental responsibility').check()
    await page.getByLabel('In writing').check()
    await page.getByLabel('To ask for a service').check()
    await page.getByLabel('Who may know, as they agreed').selectOption({ index: 1 })
    await page.getByRole('button', { name: 'Add this agency' }).click()
    const local = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', day: 'numeric', month: 'numeric', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(asked).map(({ type, value }) => [type, value]))
    const when = page.getByRole('group', { name: 'When were they asked?' })
    await when.getByLabel('Day').fill(local.day)
    await when.getByLabel('Month').fill(local.month)
    await when.getByLabel('Year').fill(local.year)
    await page.getByLabel('When were they asked: time of day').fill(`${local.hour}:${local.minute}`)
    await page.getByLabel('Where the form or note is kept').fill('Locked cabinet')
    await desk.picture(page, '75-agreement-form')
    await page.getByRole('button', { name: 'Record it' }).click()
    await page.getByRole('heading', { name: 'What the family said' }).waitFor()
    await page.getByText('Locked cabinet').waitFor()
    await page.getByText('Agreed', { exact: true }).waitFor()
    await desk.is_accessible(page, 'an agreement')
    await desk.picture(page, '76-agreement')
    await page.getByRole('button', { name: 'They take it back' }).click()
    await page.getByText('Did the family say so').waitFor()
    await desk.is_accessible(page, 'taking it back')
    await page.getByRole('button', { name: 'Yes, they take it back' }).click()
    await page.getByText('It is recorded that the family takes it back.').waitFor()
    await page.getByText('Taken back', { exact: true }).first().waitFor()
    await page.getByRole('heading', { name: 'Without the agreement' }).waitFor()
    await desk.is_accessible(page, 'an agreement that was taken back')
    await desk.picture(page, '77-agreement-taken-back')
    assert.equal(await page.getByRole('button', { name: 'They take it back' }).count(), 0)
    await page.getByRole('link', { name: 'Agreements' }).first().click()
    await page.getByRole('heading', { name: 'What families agreed to' }).waitFor()
    await page.getByText('Taken back', { exact: true }).waitFor()
    await desk.is_accessible(page, 'list of agreements')
    await desk.picture(page, '78-agreements')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    assert.deepEqual(page.troubles, [])
})

test('what rested on an agreement that was taken back: the alert says so, and whoever has it confirms that it is used no more', async () => {
    const asked = new Date(Date.now() - 3_600_000).toISOString()
    const id = await desk.give('schools', {
        source_ref: 'concern/71', thread_ref: 'concern/71', agency: 'teme-meadow', role: 'sch', type: 'safeguarding_referral', occurred_at: asked, level: '3', harm: 'none',
        purpose: 'request_service', agreement: { status: 'given', giver: 'parent_pr', named_agencies: ['hub'], purpose: 'request_service' }, markers: [],
        subject: { forename: 'Moss', surname: 'Testcase', date_of_birth: '2016-03-02' },
        sections: {
            idn: { forenames: 'Moss', surname: 'Testcase', date_of_birth: '2016-03-02' }, evt: { what: 'The family asks for a visit', date: asked.slice(0, 10) },
            voi: { words: 'I like the garden.', heard_by: 'Class teacher' }, pro: { whom_to_ring: 'School office, 01632 960211' },
        },
    })
    const school = (method, path, body) => desk.area.api('schools', method, path, body, quill.token)
    const recorded = await school('POST', '/api/v1/agreements', {
        status: 'given', giver: 'parent_pr', form: 'verbal', purpose: 'request_service', named_agencies: ['hub'], said_at: asked, notification: id,
    })
    assert.equal(recorded.status, 201, JSON.stringify(recorded.body))
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await row_of(page, id).getByRole('link').first().click()
    await page.getByRole('button', { name: 'Take this alert' }).click()
    await page.getByText('You have taken this alert.').waitFor()
    assert.equal(await page.getByText('The family has withdrawn its agreement').count(), 0)

    // The family takes it back while the alert is open on the page.
    const withdrawn = await school('POST', `/api/v1/agreements/${recorded.body.id}/withdraw`, {})
    assert.equal(withdrawn.status, 202, JSON.stringify(withdrawn.body))
    await page.getByRole('heading', { name: 'The family has withdrawn its agreement' }).waitFor()
    await desk.is_accessible(page, 'an alert whose agreement was taken back')
    await desk.picture(page, '79-alert-agreement-taken-back')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await page.setViewportSize({ width: 1100, height: 800 })
    await page.getByRole('link', { name: 'Live list' }).first().click()
    await row_of(page, id).getByText('Agreement withdrawn').waitFor()
    await desk.is_accessible(page, 'list with an agreement that was taken back')
    const relying = async () => (await school('GET', `/api/v1/agreements/${recorded.body.id}`)).body.notifications[0]
    assert.equal((await relying()).confirmed.length, 0)

    await row_of(page, id).getByRole('link').first().click()
    await page.getByText('I like the garden.').waitFor()
    await page.getByRole('button', { name: 'Confirm that we use this no more' }).click()
    await page.getByText('Recorded: your agency uses this no more.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Confirm that we use this no more' }).count(), 0)
    await desk.is_accessible(page, 'an alert that is used no more')
    await desk.looks('hub', desk.people.marlow.token, (lines) => lines.some(({ action, item }) => action === 'stopped' && item === id))
    await until(relying, ({ confirmed }) => confirmed.length > 0)

    // Whoever asked the family reads that it was heard.
    const asker = await desk.page_of()
    await sign_in(asker, quill)
    await asker.goto(`${quill.url}/agreements/${recorded.body.id}`)
    await asker.getByRole('heading', { name: 'Have stopped using it' }).waitFor()
    await desk.is_accessible(asker, 'an agreement whose end was confirmed')
    assert.deepEqual(page.troubles, [])
    assert.deepEqual(asker.troubles, [])
})
