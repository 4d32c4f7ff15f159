// Journeys of the front door's questions whether two records are of one child. The pages, the sign-in and the area are real; what
// /api/v1/questions answers is the agreed examples (questions_contract.mjs): two real agents reach some of these states in days.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { start_area } from './area.mjs'
import { close_pages, is_accessible, launch, page_of as page_in, picture } from './browser.mjs'
import { sign_in, until, with_account } from './people.mjs'
import { line, one_question } from './questions_contract.mjs'

let area
let browser
let marlow

before(async () => {
    area = start_area()
    browser = await launch()
    marlow = await with_account(area, 'hub', 'marlow', area.people('hub')['front-door'].token)
})
afterEach(close_pages)
after(async () => {
    await browser?.close()
    area?.stop()
})

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()
async function opened(question) {
    const page = await page_in(browser)
    await question.serve(page)
    await sign_in(page, marlow)
    await page.getByRole('link', { name: 'Same child?' }).click()
    await heading(page, 'Is it the same child?')
    await page.getByRole('link', { name: /^Compare the two and answer/ }).click()
    await page.getByRole('heading', { name: 'See both sides' }).waitFor()
    return page
}
async function look(page, question) {
    await page.getByLabel('Why do you look?').fill('To know whether this school has to be told.')
    await page.getByRole('button', { name: 'See both sides' }).click()
    await page.getByText(/Not here yet: Designated safeguarding lead of the school, Orchard Gate High School/).waitFor()
    question.arrive()
    await page.getByRole('table').waitFor()
}
async function answer(page, said) {
    await page.getByLabel(said).check()
    await page.getByLabel('Why?').fill('Rang both.')
    await page.getByRole('button', { name: 'Record the answer' }).click()
}
/** At a desk's width and at a phone's. */
async function looked_at(page, state, name) {
    await is_accessible(page, state)
    await picture(page, name)
    await page.setViewportSize({ width: 320, height: 640 })
    await is_accessible(page, `${state} on a phone`)
    await picture(page, `${name}-phone`)
    await page.setViewportSize({ width: 1100, height: 900 })
}

test('a weak match: nothing is shown before somebody asks, then both sides, why a person is asked, and the answer', async () => {
    const question = one_question(marlow.person)
    const page = await page_in(browser)
    await question.serve(page)
    await sign_in(page, marlow)
    await page.getByRole('link', { name: 'Same child?' }).click()
    await page.getByText(/A weak match with a child on the list of Designated safeguarding lead of the school, Orchard Gate High School/).waitFor()
    await looked_at(page, 'questions', 'identity-01-list')
    await page.getByRole('link', { name: /^Compare the two and answer/ }).click()
    await page.getByRole('heading', { name: 'See both sides' }).waitFor()
    assert.equal(await page.getByText('Dunmore').count(), 0)
    await page.getByText('You have not seen both sides here.').waitFor()
    await page.getByRole('button', { name: 'See both sides' }).click()
    await page.getByRole('link', { name: 'Say why' }).waitFor()
    await looked_at(page, 'a question that nobody looked at', 'identity-02-open')
    await page.getByLabel('Why do you look?').fill('To know whether this school has to be told.')
    await page.getByRole('button', { name: 'See both sides' }).click()
    await page.getByText(/Not here yet/).waitFor()
    await looked_at(page, 'one side is waited for', 'identity-03-waiting')
    const before_it_came = question.looked.length
    question.arrive()
    await page.getByText('Mimi Dunmore').waitFor()
    assert.equal(question.looked.length, before_it_came + 1, 'the list is asked whether it came, and the question read once: each reading is a look')
    for (const [row, verdict] of [['First names', 'Different'], ['Surname', 'Same'], ['NHS number', 'One side only']]) await page.getByRole('row', { name: new RegExp(`^${row} ${verdict}`) }).waitFor()
    await page.getByText('They may be twins').waitFor()
    await page.getByText('What was weighed').click()
    await page.getByText('The surname is the same: speaks strongly for it').waitFor()
    assert.ok(!/Dunmore|9990000026/.test(page.url() + await page.title()))
    await page.getByRole('button', { name: 'Record the answer' }).click()
    await page.getByRole('link', { name: 'Choose one' }).waitFor()
    await looked_at(page, 'both sides', 'identity-04-sides')
    await answer(page, 'Yes, it is the same child')
    await page.getByText('Recorded: it is the same child.').waitFor()
    await page.getByText(/Answered by you/).waitFor()
    assert.equal(await page.getByText('Mimi Dunmore').count(), 0, 'what is answered is not shown on')
    await looked_at(page, 'an answered question', 'identity-05-answered')
    await page.getByRole('link', { name: 'Same child?' }).first().click()
    await page.getByRole('heading', { name: 'Answered' }).waitFor()
    await is_accessible(page, 'answered questions')
    assert.deepEqual(page.troubles, [])
})

test('a wrong answer is taken back: whom it had reached, whom to ring, and it is answered anew', async () => {
    const question = one_question(marlow.person)
    const page = await opened(question)
    await look(page, question)
    await answer(page, 'Yes, it is the same child')
    await page.getByRole('button', { name: 'Take the answer back' }).click()
    await page.getByRole('link', { name: 'Say why' }).waitFor()
    await is_accessible(page, 'taking an answer back, without a reason')
    await page.getByLabel('Why do you take it back?').fill('The school rang: it is a cousin.')
    await page.getByRole('button', { name: 'Take the answer back' }).click()
    await page.getByText('Whom the answer had reached is not known yet.').waitFor()
    await is_accessible(page, 'an answer that was taken back')
    question.reach()
    await page.getByRole('heading', { name: 'Whom it had reached' }).waitFor()
    await page.getByText(/somebody had opened it.*Number to ring: 01632 960212/).waitFor()
    await looked_at(page, 'whom an answer had reached', 'identity-06-reached')
    await answer(page, 'No, they are different children')
    await page.getByText('Recorded: they are different children.').waitFor()
    assert.deepEqual(page.troubles, [])
})

test('it cannot be told: said so, and answered later; a colleague who was first is named as such; a record that is gone', async () => {
    const question = one_question(marlow.person)
    const page = await opened(question)
    await answer(page, 'I cannot tell')
    await page.getByText('Recorded: it cannot be told for now.').waitFor()
    assert.equal(await page.getByLabel('I cannot tell').count(), 0)
    await is_accessible(page, 'a question that cannot be told')
    await picture(page, 'identity-07-cannot-tell')
    question.answered_by_colleague()
    await answer(page, 'Yes, it is the same child')
    await page.getByText('A colleague has answered this before you.').waitFor()
    await is_accessible(page, 'a question that a colleague answered')

    const other = one_question(marlow.person)
    const second = await opened(other)
    await second.getByLabel('Why do you look?').fill('To know.')
    await second.getByRole('button', { name: 'See both sides' }).click()
    await second.getByText(/Not here yet/).waitFor()
    other.arrive('gone')
    await until(() => second.getByText(/has not got the record any more/).count(), (count) => count === 1)
    await is_accessible(second, 'a record that is gone')
    await second.goto(`${marlow.url}/questions/0192f0c1-0000-7000-8000-000000000002`)
    await heading(second, 'This question is not here')
    await is_accessible(second, 'no such question')
    assert.deepEqual([...page.troubles, ...second.troubles], [])
})

test('two agencies claim one child: who said so first, what depends on it, and what the answer means', async () => {
    const question = one_question(marlow.person, { why: 'claimed_twice', conflicts_with: { agency: 'teme-meadow', role: 'sch' }, explanation: 'It is the same child by its numbers, and another agency said before that it has the child' })
    const page = await page_in(browser)
    await question.serve(page)
    await sign_in(page, marlow)
    await page.getByRole('link', { name: 'Same child?' }).click()
    await page.getByText(/Orchard Gate High School says that it has the child, and so did .+Teme Meadow Primary School before/).waitFor()
    await looked_at(page, 'two claims in the list', '86-claims-list')
    await page.getByRole('link', { name: /^Read it and answer/ }).click()
    await heading(page, 'Does the second claim count too?')
    await page.getByText('The first claim').waitFor()
    await looked_at(page, 'two claims', '87-claims')
    await answer(page, 'Yes, both have the child')
    await page.getByText('Recorded: its claim counts too.').waitFor()
    await looked_at(page, 'two claims answered', '88-claims-answered')
    assert.deepEqual(page.troubles, [])
})

test('the task leads to the question, and other agencies have no such page in their navigation', async () => {
    const question = one_question(marlow.person)
    const page = await page_in(browser)
    await question.serve(page)
    await page.route(/\/api\/v1\/tasks$/, (route) => route.fulfill({ json: { tasks: [{
        id: line.id, kind: 'possible_match', owner: { agency: 'hub', role: 'ffd' }, notification: line.notification, sender: line.sender, type: line.type, agency: line.holder.agency, role: line.holder.role,
        rule: '', explanation: line.explanation, telephone: '', due: line.due, overdue: false,
    }] } }))
    await sign_in(page, marlow)
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await page.getByRole('heading', { name: /^Is it the same child\?/ }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Record the answer' }).count(), 0)
    await is_accessible(page, 'a task of identity')
    await page.getByRole('link', { name: 'Compare the two and answer' }).click()
    await page.getByRole('heading', { name: 'See both sides' }).waitFor()
    const officer = await with_account(area, 'police', 'vale', area.people('police')['missing-desk'].token)
    const other = await page_in(browser)
    await sign_in(other, officer)
    await heading(other, 'Live list')
    assert.equal(await other.getByRole('link', { name: 'Same child?' }).count(), 0)
    assert.deepEqual([...page.troubles, ...other.troubles], [])
})
