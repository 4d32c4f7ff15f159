// The MASH desk: lists, the work on an alert, chronology, search, tasks, and what is sent about a child.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { missing } from './area.mjs'
import { rows, row_of, start_desk } from './desk.mjs'

let desk
let child = 0
before(async () => {
    desk = await start_desk()
})
after(async () => desk?.close())

const opened = async (page, id) => {
    await row_of(page, id).getByRole('link').click()
    await page.getByRole('heading', { name: 'Before you contact anybody' }).waitFor()
}
/** Invented, and another child each time; `number` is of the NHS's test range. */
const another = (of = {}) => {
    const surname = `Testcase${'abcdefghij'[child++]}`
    return { surname, ...missing(`MASH-${child}`, { ...of, idn: { surname, ...of.idn }, subject: { surname, ...of.subject } }) }
}
const send = async (of) => {
    const { surname, ...notification } = another(of)
    return { id: await desk.give('police', notification), surname, notification }
}
const recall = async (id) => {
    const [officer] = Object.values(desk.area.people('police'))
    const recalled = await desk.area.api('police', 'POST', `/api/v1/sent/${id}/recall`, { reason: 'wrong_child' }, officer.token)
    assert.equal(recalled.status, 202, JSON.stringify(recalled.body))
}
const keeps_nothing = async (page, words) => {
    assert.ok(!page.url().includes(words))
    assert.ok(!(await page.title()).includes(words))
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0])
}

test('an alert is handed on, filed, taken and decided with its reason, and stands in the right list each time', async () => {
    const { id } = await send()
    const [one, two] = [await desk.page_of(), await desk.page_of()]
    await desk.sign_in(one, 'marlow')
    await desk.sign_in(two, 'nightingale')
    await two.getByRole('button', { name: 'Mine (0)' }).click()
    await two.getByText('Nothing is on your desk.').waitFor()
    await opened(one, id)
    // A name and a birth date are no child for certain: the desk reads that nobody was found through records.
    await one.locator('.govuk-inset-text', { hasText: 'The child could not be identified with certainty' }).waitFor()
    await desk.is_accessible(one, 'opened alert with its forms')
    await desk.picture(one, '30-alert')
    await one.getByRole('button', { name: 'Hand it on' }).click()
    await one.getByRole('link', { name: 'Choose who is to have it' }).click()
    assert.equal(await one.evaluate(() => document.activeElement.id), 'colleague')
    await desk.is_accessible(one, 'handing on without a colleague')
    await one.getByLabel('Colleague').selectOption({ label: 'Fergus Nightingale' })
    await one.getByRole('button', { name: 'Hand it on' }).click()
    await one.getByText('It is on the desk of Fergus Nightingale.').waitFor()
    // The colleague's page knows within a moment.
    await row_of(two, id).waitFor()
    await two.getByText('On your desk').waitFor()
    await row_of(two, id).getByText('Child not identified').waitFor()
    await desk.is_accessible(two, 'mine')
    await desk.picture(two, '31-mine')
    await one.getByLabel('Case number').fill('LCS 4711')
    await one.getByRole('button', { name: 'Save the case number' }).click()
    await one.getByText('The case number is recorded.').waitFor()
    await two.getByText('Case LCS 4711').waitFor()
    await opened(two, id)
    await two.getByRole('button', { name: 'Take this alert' }).click()
    await two.getByText('You have taken this alert.').waitFor()
    await two.getByRole('button', { name: 'Record the decision' }).click()
    await two.getByRole('link', { name: 'Choose what happens next' }).waitFor()
    await two.getByRole('link', { name: 'Say why' }).waitFor()
    await desk.is_accessible(two, 'decision without outcome and reason')
    await two.getByLabel('An assessment was started').check()
    await two.getByLabel('Why?').fill('Two earlier episodes this month.')
    await two.getByRole('button', { name: 'Record the decision' }).click()
    await two.getByText('Your decision is recorded. The sender sees it.').waitFor()
    await two.getByText('Two earlier episodes this month.').waitFor()
    await desk.is_accessible(two, 'decided alert')
    await desk.picture(two, '32-decided')
    await one.getByText('An assessment was started', { exact: false }).first().waitFor()
    await two.getByRole('link', { name: 'Live list' }).first().click()
    await two.getByRole('button', { name: 'Closed' }).click()
    await row_of(two, id).getByText('An assessment was started').waitFor()
    await desk.is_accessible(two, 'closed')
    assert.deepEqual([...one.troubles, ...two.troubles], [])
    await one.context().close()
    await two.context().close()
})

test('overdue and out of hours are lists of their own', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    const { id } = await send()
    await row_of(page, id).waitFor()
    const [line] = (await desk.area.api('hub', 'GET', `/api/v1/received?received=police/${id}`, undefined, desk.people.marlow.token)).body.received
    await page.getByRole('button', { name: /^Out of hours/ }).click()
    if (line.inbox === 'hub.edt') await row_of(page, id).waitFor()
    else await page.getByText('None.').waitFor()
    // What is overdue, the agent says: nobody waits an hour here for a deadline to pass.
    await page.route('**/api/v1/received?state=overdue*', (route) => route.fulfill({ json: {
        received: [{ ...line, overdue: true, take_by: line.accepted_at }], next: null,
        counts: { counted_to: 500, inboxes: [{ inbox: line.inbox, open: 500, overdue: 500, mine: 0, unassigned: 500, newest_at: line.accepted_at }] },
    } }))
    await page.getByRole('button', { name: /^Overdue/ }).click()
    await page.getByRole('button', { name: 'Overdue (500+)' }).waitFor()
    await row_of(page, id).getByText('Overdue').waitFor()
    await page.waitForFunction(() => document.title === '(500+) Live list - Safeguarding desk')
    await desk.is_accessible(page, 'overdue')
    await desk.picture(page, '33-overdue')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('what is put right while somebody reads says so, with the way to the correction', async () => {
    const { id, notification } = await send()
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await opened(page, id)
    const { supersedes, ...same } = notification
    const second = await desk.give('police', {
        ...same, source_ref: `${notification.source_ref}:corrected`, supersedes_ref: notification.source_ref, type: 'correction',
        sections: { ...notification.sections, evt: { ...notification.sections.evt, what: 'Reported missing from school' } },
    })
    await page.getByText('Parts of this were wrong.').waitFor()
    await page.getByRole('link', { name: 'Ask an agency what it knows' }).click()
    await page.getByRole('link', { name: 'Read the correction and start from there' }).waitFor()
    await desk.is_accessible(page, 'writing about an alert that was put right')
    await page.getByRole('link', { name: 'Back to the alert' }).click()
    await page.getByText('Parts of this were wrong.').waitFor()
    await desk.is_accessible(page, 'alert that was put right')
    await desk.picture(page, '34-put-right')
    await page.getByRole('link', { name: 'Read the correction' }).click()
    await page.locator('del').getByText('Reported missing from home').waitFor()
    assert.ok(page.url().endsWith(second))
    await desk.is_accessible(page, 'correction')
    await desk.picture(page, '35-correction')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('the chronology: everything of one child, oldest first, filtered, printed, and what is taken back goes while it is read', async () => {
    const who = { nhs_number: '9990000018' }
    const first = await send({ idn: who, subject: who })
    const same = { surname: first.surname }
    const health = Object.values(desk.area.people('health')).find(({ roles }) => roles.includes('hv'))
    const second = await desk.give('health', {
        source_ref: 'visit:1', agency: 'health', role: 'hv', type: 'safeguarding_referral', occurred_at: '2026-03-02T10:00:00Z', level: '4', harm: 'suspected', rag: 'amber', purpose: 'inform_function', markers: [],
        agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child' },
        subject: { ...who, forename: 'Juno', ...same, date_of_birth: '2013-04-05' },
        sections: {
            idn: { ...who, forenames: 'Juno', ...same, date_of_birth: '2013-04-05' }, evt: { what: 'Bruises seen at a visit', date: '2026-03-02' },
            sib: { children: ['Perrin Testcase, born 2016'] }, hhd: { members: ['An invented uncle'] }, voi: { words: 'I fell.', heard_by: 'Nurse' },
        },
    }, health.token)
    const namesake = await send({ idn: { surname: first.surname }, subject: { surname: first.surname } })
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    for (const id of [first.id, namesake.id, second]) {
        await opened(page, id)
        await page.getByRole('link', { name: 'Live list' }).first().click()
    }
    await opened(page, second)
    await page.getByRole('link', { name: 'See all that this desk holds about the child' }).click()
    await page.getByText('Everything that you may open was looked through: 3 entries.').waitFor()
    assert.deepEqual(await page.locator('.desk-event .govuk-link').evaluateAll((links) => links.map((link) => link.getAttribute('href').split('/').pop())).then((all) => all[0]), second)
    await page.getByText('Bruises seen at a visit').waitFor()
    await page.getByText('Perrin Testcase, born 2016').waitFor()
    await page.getByText(/Check that it is the same child/).waitFor()
    await page.getByRole('heading', { name: `Juno ${first.surname}` }).waitFor()
    await keeps_nothing(page, first.surname)
    await desk.is_accessible(page, 'chronology')
    await desk.picture(page, '36-chronology')
    await page.getByLabel('From whom').selectOption('police')
    await page.getByText('2 of 3 are shown').waitFor()
    await page.getByLabel('What').selectOption('safeguarding_referral')
    await page.getByText('0 of 3 are shown').waitFor()
    await page.getByLabel('From whom').selectOption('')
    await page.getByText('1 of 3 are shown').waitFor()
    await page.getByLabel('What').selectOption('')
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), false)
    assert.equal(await page.getByText('Bruises seen at a visit').isVisible(), true)
    await desk.picture(page, '37-chronology-print')
    await page.emulateMedia({ media: 'screen' })
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await desk.is_accessible(page, 'chronology on a phone')
    await desk.picture(page, '38-chronology-phone')
    await recall(namesake.id)
    await page.locator('.desk-event').getByText('Taken back').waitFor()
    await desk.is_accessible(page, 'chronology with something taken back')
    // Each line that was shown is in the access record.
    await desk.looks('hub', desk.people.marlow.token, (lines) => [first.id, second, namesake.id].every((id) => lines.some(({ action, item }) => action === 'shown' && item === id)))
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('search: found by a part of a name, recorded, kept nowhere, and gone when it is taken back', async () => {
    const markup = '<img src=x onerror="document.title=1">'
    const { id, surname } = await send({ evt: { what: markup } })
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await page.getByRole('link', { name: 'Search' }).click()
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: 'Enter a name, a number or other words' }).waitFor()
    await desk.is_accessible(page, 'search without words')
    await page.getByLabel('Words to look for').fill('a b')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: /at least 2 letters/ }).waitFor()
    // The area's catalogue lists reasons, so each search says one.
    await page.getByRole('link', { name: 'Choose why you look' }).waitFor()
    await page.getByLabel('Something has come in').check()
    await page.getByLabel('Words to look for').fill(`juno ${surname.slice(2)}`)
    await page.keyboard.press('Enter')
    await page.getByText('Everything that you may open was looked through: 1 found.').waitFor()
    await row_of(page, id).getByText('Found in: The child').waitFor()
    await keeps_nothing(page, surname)
    await desk.is_accessible(page, 'search with a result')
    await desk.picture(page, '39-search')
    const lines = await desk.looks('hub', desk.people.marlow.token, (some) => some.some(({ action }) => action === 'searched') && some.some(({ action, item }) => action === 'found' && item === id))
    assert.ok(!JSON.stringify(lines).includes(surname), 'what was looked for is in no record')
    assert.deepEqual([...new Set(lines.filter(({ action }) => ['searched', 'found'].includes(action)).map(({ reason }) => reason))], ['new_information'])
    await page.getByLabel('Words to look for').fill('onerror')
    assert.equal(await rows(page).count(), 0, 'what stands below other words is gone')
    await page.keyboard.press('Enter')
    await row_of(page, id).waitFor()
    await recall(id)
    await page.getByText('One that was found has been taken back since').waitFor()
    assert.equal(await rows(page).count(), 0)
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await page.getByRole('link', { name: 'Search' }).click()
    assert.equal(await page.getByLabel('Words to look for').inputValue(), '', 'the words go with the page')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('a long search says how far it is, and ends when it is stopped or left', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await page.getByRole('link', { name: 'Search' }).click()
    let asked = 0
    const held = []
    // An agent with years behind it: there is always more to look through. Each answer waits to be let go.
    await page.route('**/api/v1/search*', async (route) => {
        asked++
        await new Promise((then) => held.push(then))
        return route.fulfill({ json: { found: [], unreadable: asked === 1 ? 1 : 0, next: 'more' } }).catch(() => {})
    })
    const let_go = async () => {
        while (held.length === 0) await new Promise((then) => setImmediate(then))
        held.shift()()
    }
    await page.getByLabel('I work with this child or family').check()
    await page.getByLabel('Words to look for').fill('juno')
    await page.keyboard.press('Enter')
    await let_go()
    await page.getByText('Up to 200 items looked through so far.').waitFor()
    await page.getByText('1 item does not open with your keys').waitFor()
    await desk.is_accessible(page, 'search under way')
    await desk.picture(page, '40-search-under-way')
    await page.getByRole('button', { name: 'Stop looking' }).click()
    await page.getByText('Not everything was looked through.').waitFor()
    await let_go()
    await page.keyboard.press('Tab')
    await page.getByLabel('Words to look for').press('Enter')
    await let_go()
    await page.getByText('Up to 200 items looked through so far.').waitFor()
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await page.getByRole('heading', { name: 'Tasks' }).waitFor()
    await let_go()
    await page.getByRole('link', { name: 'Decisions', exact: true }).click()
    await page.getByRole('heading', { name: 'Decisions that wait for you' }).waitFor()
    assert.equal(asked, 4, 'nobody asks on for a page that was left')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('somebody has to be rung: the task says whom, what to do, and is cleared with what was done', async () => {
    const { surname, ...base } = another()
    // Nobody of the area has the Get Safe team's role.
    await desk.give('police', { ...base, source_ref: 'exploitation:1', thread_ref: undefined, type: 'exploitation_concern', risk_grade: undefined, level: '4', harm: 'suspected', rag: 'amber', purpose: 'inform_function', agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child' } })
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await page.getByRole('heading', { name: /Tell somebody who is not connected: Get Safe team/ }).waitFor()
    await page.getByText('Ring them. They get nothing through this service.').waitFor()
    await desk.is_accessible(page, 'tasks')
    await desk.picture(page, '41-tasks')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await page.getByRole('button', { name: 'Record the answer' }).click()
    await page.getByRole('link', { name: 'Choose one' }).waitFor()
    await page.getByLabel('I told them another way').check()
    await page.getByLabel('Why?').fill('Spoke to the duty worker.')
    await page.getByRole('button', { name: 'Record the answer' }).click()
    await page.getByText('Your answer is recorded.').waitFor()
    await page.getByText('Nothing waits for you.').waitFor()
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('an agency is asked: whom, what, who would be told, and it arrives there', async () => {
    const { id, surname } = await send()
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await opened(page, id)
    await page.getByRole('link', { name: 'Ask an agency what it knows' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('.govuk-caption-l').getByText(surname).waitFor()
    await keeps_nothing(page, surname)
    await desk.is_accessible(page, 'form of a question')
    await page.getByLabel(/Whom do you mean/).selectOption('social-care/sw')
    await page.getByRole('button', { name: 'Add this agency' }).click()
    await page.getByRole('button', { name: /Remove/ }).waitFor()
    await page.getByLabel('Why you ask').fill('An enquiry under section 47.')
    await page.getByLabel('What you ask').fill('Is the child known?\nWho works with the family?')
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('link', { name: 'Answer “Is the child harmed?”' }).click()
    await desk.is_accessible(page, 'question without what the rules need')
    for (const answer of ['Needs protection', 'Harm is suspected', 'To tell those who must know', 'Amber', 'They were not asked', 'Asking would put the child at risk']) await page.getByLabel(answer, { exact: true }).check()
    await desk.picture(page, '42-question')
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('heading', { name: 'Check before you send' }).waitFor()
    await page.getByRole('heading', { name: /Allocated social worker’s team|Allocated social worker's team/ }).waitFor()
    await desk.is_accessible(page, 'preview')
    await desk.picture(page, '43-preview')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    await page.getByRole('button', { name: 'Send' }).click()
    await page.waitForURL('**/sent/*')
    await page.getByRole('heading', { name: 'A question to an agency' }).waitFor()
    await page.getByText('It has arrived there').waitFor()
    const worker = Object.values(desk.area.people('social-care')).find(({ inboxes }) => inboxes.includes('social-care.sw'))
    let there = []
    while (!there.some(({ type }) => type === 'information_request')) there = (await desk.area.api('social-care', 'GET', '/api/v1/received', undefined, worker.token)).body.received
    await desk.is_accessible(page, 'sent')
    await desk.picture(page, '44-sent')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('a strategy discussion is called with when and where, and help is stepped up: each arrives where it must', async () => {
    const { id, surname } = await send()
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    const has_come = async (host, type) => {
        const people = Object.values(desk.area.people(host))
        let found = []
        while (found.length === 0) for (const { token } of people) found.push(...((await desk.area.api(host, 'GET', '/api/v1/received', undefined, token)).body.received ?? []).filter((line) => line.type === type))
    }
    await opened(page, id)
    await page.getByRole('link', { name: 'Invite to a strategy discussion' }).click()
    await page.getByRole('heading', { name: 'Invite to a strategy discussion' }).or(page.getByRole('heading', { level: 1 })).first().waitFor()
    await keeps_nothing(page, surname)
    for (const said of ['Needs protection', 'Harm is suspected', 'To tell those who must know', 'Amber', 'They were not asked', 'Asking would put the child at risk']) await page.getByLabel(said, { exact: true }).check()
    await page.getByLabel('Where the meeting is').fill('By telephone, 01632 960101')
    const meeting = page.getByRole('group', { name: 'When the meeting is' })
    for (const [part, typed] of [['Day', '5'], ['Month', '1'], ['Year', '2028']]) await meeting.getByLabel(part, { exact: true }).fill(typed)
    await page.getByLabel('When the meeting is: time of day').fill('14:00')
    await desk.is_accessible(page, 'invitation')
    await desk.picture(page, '50-invitation')
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('heading', { name: 'Check before you send' }).waitFor()
    await desk.is_accessible(page, 'preview of an invitation')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.waitForURL('**/sent/*')
    await has_come('police', 'strategy_discussion_invite')

    await page.goto(`${desk.people.marlow.url}/alert/police/${id}`)
    await page.getByRole('link', { name: 'Step help up or down' }).click()
    await page.getByLabel('Help steps up', { exact: true }).check()
    await page.getByLabel(/Whom do you mean/).selectOption('social-care/sw')
    await page.getByRole('button', { name: 'Add this agency' }).click()
    for (const said of ['Needs protection', 'Harm is suspected', 'To tell those who must know', 'They were not asked', 'Asking would put the child at risk']) await page.getByLabel(said, { exact: true }).check()
    await page.getByLabel('What happened, in a few words').fill('From early help to social care')
    await desk.is_accessible(page, 'step up')
    await desk.picture(page, '51-step-up')
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('heading', { name: 'Check before you send' }).waitFor()
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.waitForURL('**/sent/*')
    await has_come('social-care', 'step_change')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('what the agent finds wrong stands at its field, and what is written about something taken back is not sent', async () => {
    const { id } = await send()
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await opened(page, id)
    await page.getByRole('link', { name: 'Send something else about this child' }).click()
    await page.getByRole('heading', { name: 'What do you want to send?' }).waitFor()
    await desk.is_accessible(page, 'what can be sent')
    await desk.picture(page, '45-what-to-send')
    await page.getByRole('link', { name: 'Ask an agency what it knows' }).click()
    for (const answer of ['Needs protection', 'Harm is suspected', 'To tell those who must know', 'Amber', 'They were not asked', 'Asking would put the child at risk']) await page.getByLabel(answer, { exact: true }).check()
    for (const [part, typed] of [['Day', '31'], ['Month', '2'], ['Year', '2027']]) await page.getByLabel(part, { exact: true }).first().fill(typed)
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('link', { name: 'Answer needed by: enter a day and a time of day that there are, or leave both empty' }).click()
    assert.equal(await page.evaluate(() => document.activeElement.id), 'req-answer_by')
    await page.getByLabel('Month', { exact: true }).first().fill('3')
    await page.getByLabel('Answer needed by: time of day').fill('16:30')
    await page.route('**/api/v1/notifications/preview', (route) => route.fulfill({ status: 422, json: {
        error: { code: 'not_acceptable', message: 'Nothing was sent: each fault names its place', next: 'Mend the fields and send it again' },
        faults: [{ path: '/sections/req/purpose', rule: 'too_long', message: 'this field is too long' }, { path: '/role', rule: 'not_yours', message: 'you do not send in this role' }],
    } }))
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('link', { name: 'this field is too long' }).click()
    assert.equal(await page.evaluate(() => document.activeElement.id), 'req-purpose')
    await page.getByText('You do not send in this role').first().waitFor()
    await page.unroute('**/api/v1/notifications/preview')
    await desk.is_accessible(page, 'form with faults')
    await desk.picture(page, '46-faults')
    await recall(id)
    await page.getByRole('heading', { name: 'The alert was taken back' }).waitFor()
    await desk.is_accessible(page, 'writing about something taken back')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})

test('passing on: the sender’s own words to those who work with the child, after a look at who would be told', async () => {
    const { id } = await send()
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await opened(page, id)
    await page.getByRole('link', { name: 'Pass this on to those who work with the child' }).click()
    await page.getByRole('heading', { name: 'Pass on to those who work with the child' }).waitFor()
    await desk.is_accessible(page, 'form of passing on')
    await desk.picture(page, '47-pass-on')
    await page.getByLabel('High', { exact: true }).check()
    await page.getByRole('button', { name: 'See who would be told' }).click()
    await page.getByRole('heading', { name: 'Check before you send' }).waitFor()
    await desk.is_accessible(page, 'preview of passing on')
    await desk.picture(page, '48-pass-on-preview')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.waitForURL('**/sent/*')
    await page.getByRole('heading', { name: 'A child is missing' }).waitFor()
    await desk.is_accessible(page, 'what was passed on')
    await page.goBack()
    await page.getByRole('heading', { name: 'Before you contact anybody' }).waitFor()
    await desk.picture(page, '49-passed-on')
    assert.deepEqual(page.troubles, [])
    await page.context().close()
})
