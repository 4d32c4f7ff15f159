// Journeys of what leaves the desk as a file: a reason, who it is once more, what is in the file and what is not, and the record.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, test } from 'node:test'
import { missing } from './area.mjs'
import { close_pages } from './browser.mjs'
import { start_desk } from './desk.mjs'
import { passphrase, until } from './people.mjs'

let desk
let id
const formula = '=HYPERLINK("http://x.invalid","Testcase")'
before(async () => {
    desk = await start_desk()
    id = await desk.give('police', missing('EXPORT-1', { evt: { what: `${formula}\u202E` } }))
    // By the list: reading it would be opening it.
    await until(() => desk.area.api('hub', 'GET', `/api/v1/received?received=police/${id}`, undefined, desk.people.marlow.token), ({ body }) => body.received?.length > 0)
})
afterEach(close_pages)
after(() => desk?.close())

async function confirm(page) {
    await page.getByLabel('Your passphrase again').fill(passphrase)
    await page.getByLabel('A new code').fill(desk.people.marlow.codes.shift())
}
async function file_of(page) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Make the file' }).click()])
    return { name: download.suggestedFilename(), address: download.url(), text: readFileSync(await download.path(), 'utf8') }
}
const exported = async (wanted) => (await desk.looks('hub', desk.people.marlow.token, (lines) => lines.filter(({ action }) => action === 'exported').length >= wanted)).filter(({ action }) => action === 'exported')

test('a chronology is taken away: a reason, who it is, a file that no spreadsheet runs, and a line in the record', async () => {
    const page = await desk.page_of()
    const answers = []
    page.on('response', (answer) => { if (answer.url().includes('/export')) answers.push([answer.request().method(), answer.status(), answer.headers()['cache-control'], new URL(answer.url()).search]) })
    await desk.sign_in(page, 'marlow')
    await page.goto(`${desk.people.marlow.url}/chronology/police/${id}`)
    await page.getByRole('link', { name: 'Take it away as a file' }).click()
    await page.getByRole('heading', { level: 1, name: 'Take this chronology away as a file' }).waitFor()
    await desk.is_accessible(page, 'taking a chronology away')
    await desk.picture(page, 'export-01-form')
    await page.getByRole('button', { name: 'Make the file' }).click()
    for (const words of ['Choose why you need it', 'Choose what kind of file', 'Enter your passphrase', 'Enter a new code']) await page.getByRole('link', { name: words }).waitFor()
    await desk.is_accessible(page, 'taking away, nothing said')
    await desk.picture(page, 'export-02-faults')
    await page.getByLabel('A strategy discussion, a conference or a court needs it').check()
    await page.getByLabel('For a spreadsheet (CSV)').check()
    await page.getByLabel('Your passphrase again').fill(passphrase)
    await page.getByLabel('A new code').fill('000000')
    await page.getByRole('button', { name: 'Make the file' }).click()
    await page.getByText('Passphrase or code is not right.').first().waitFor()
    assert.deepEqual(answers, [], 'nothing is asked for before somebody has shown who they are')
    await desk.is_accessible(page, 'taking away, a wrong code')
    await confirm(page)
    const { name, address, text } = await file_of(page)
    await page.getByRole('heading', { level: 1, name: 'The file is made' }).waitFor()
    await desk.is_accessible(page, 'the file is made')
    await desk.picture(page, 'export-03-made')
    assert.match(name, /^chronology-\d{4}-\d{2}-\d{2}\.csv$/)
    assert.match(address, /^blob:/)
    assert.deepEqual(answers, [['POST', 200, 'no-store', `?received=police%2F${id}`]])
    assert.ok(text.startsWith('\ufeff"When it happened"'))
    assert.ok(!text.includes('HYPERLINK'), 'what nobody has opened is no word in it')
    assert.match(text, new RegExp(`"police/${id}"\\r\\n$`))
    assert.deepEqual((await exported(1)).map(({ item, reason }) => [item, reason]), [[id, 'for_a_meeting']])
    assert.deepEqual(await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length, document.title, location.pathname]), [0, 0, 0, 'Take a chronology away - Safeguarding desk', `/chronology/police/${id}/export`])
    await page.setViewportSize({ width: 320, height: 640 })
    assert.ok(await desk.fits(page))
    // Opened, its headline is in the file: as text, whatever a spreadsheet would make of it. Shown lately who it is, one is not asked again.
    await page.goto(`${desk.people.marlow.url}/alert/police/${id}`)
    await page.getByRole('heading', { name: 'Before you contact anybody' }).waitFor()
    await page.goto(`${desk.people.marlow.url}/chronology/police/${id}/export`)
    await page.getByLabel('I work with this child or family').check()
    await page.getByLabel('For a spreadsheet (CSV)').check()
    assert.equal(await page.getByLabel('Your passphrase again').count(), 0)
    const again = await file_of(page)
    assert.ok(again.text.includes(`"'=HYPERLINK(""http://x.invalid"",""Testcase"")[U+202E]"`), again.text)
    await page.goto(`${desk.people.marlow.url}/account/record`)
    await page.getByText('Took a line away in a file').first().waitFor()
    await page.getByText('A strategy discussion, a conference or a court needs it').first().waitFor()
    await desk.is_accessible(page, 'the record of what was taken away')
    assert.deepEqual(page.troubles, [])
})

test('what was sent is taken away with what became of it, for another system, and without a word of what was said', async () => {
    const about = desk.people.marlow.token
    const seen = await desk.area.api('hub', 'GET', `/api/v1/received/${id}`, undefined, about)
    const sent = await desk.give('hub', {
        source_ref: 'export/1', agency: 'hub', role: 'ffd', type: 'information_request', occurred_at: new Date(Date.now() - 60_000).toISOString(), level: '4', harm: 'suspected', rag: 'amber', purpose: 'inform_function',
        agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child' }, markers: [], subject: { forename: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05' }, addressed_to: [{ agency: 'social-care', role: 'sw' }],
        sections: { idn: { forenames: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05' }, evt: { what: 'A question' }, req: { purpose: 'An enquiry', questions: ['Is the child known?'] }, pro: { whom_to_ring: '01632 960204' } },
    }, about)
    assert.equal(seen.status, 200)
    await until(() => desk.area.api('hub', 'GET', `/api/v1/sent/${sent}`, undefined, about), ({ body }) => body.recipients?.some(({ rungs }) => rungs.some(({ rung }) => rung === 'stored')))
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await page.getByRole('link', { name: 'Sent', exact: true }).click()
    await page.getByRole('link', { name: 'Take this list away as a file' }).click()
    await page.getByRole('heading', { level: 1, name: 'Take away what was sent as a file' }).waitFor()
    await desk.picture(page, 'export-04-sent')
    await page.getByLabel('I check our own records').check()
    await page.getByLabel('For another system (JSON)').check()
    if (await page.getByLabel('Your passphrase again').count() > 0) await confirm(page)
    const { name, text } = await file_of(page)
    assert.match(name, /^sent-\d{4}-\d{2}-\d{2}\.json$/)
    const given = JSON.parse(text)
    assert.deepEqual(given.sent.map((item) => item.id), [sent])
    assert.ok(given.sent[0].recipients.some(({ recipient }) => recipient.agency === 'social-care'))
    assert.ok(!/Juno|Testcase|enquiry/.test(text), 'nothing of what was said')
    assert.ok((await exported(1)).some((line) => line.item === sent && line.reason === 'own_records'))
    assert.deepEqual(page.troubles, [])
})

test('a part that does not come makes no file: half a history would pass for the whole', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    await page.goto(`${desk.people.marlow.url}/chronology/police/${id}/export`)
    let asked = 0
    const files = []
    page.on('download', (one) => files.push(one))
    await page.route('**/api/v1/chronology/export*', (route) => (asked++ === 0
        ? route.fulfill({ json: { entries: [], unreadable: 0, next: 'more' } })
        : route.fulfill({ status: 410, json: { error: { code: 'recalled', message: 'It was taken back', next: 'Do not use it' } } })))
    await page.getByLabel('I check our own records').check()
    await page.getByLabel('For a spreadsheet (CSV)').check()
    if (await page.getByLabel('Your passphrase again').count() > 0) await confirm(page)
    await page.getByRole('button', { name: 'Make the file' }).click()
    await page.getByText('It was taken back. Do not use it. No file was made.').waitFor()
    await desk.is_accessible(page, 'no file was made')
    assert.equal(asked, 2)
    assert.deepEqual(files, [])
})

test('a page that is told it asks too fast waits as long as it is told and goes on', async () => {
    const page = await desk.page_of()
    await desk.sign_in(page, 'marlow')
    let told = 0
    await page.route('**/api/v1/tasks', (route) => (told++ < 2
        ? route.fulfill({ status: 429, headers: { 'Retry-After': '1' }, json: { error: { code: 'too_fast', message: 'Too fast', next: 'Wait' } } })
        : route.continue()))
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await page.getByText(/^Nothing waits for you\.|Tell somebody/).first().waitFor()
    assert.equal(told, 3)
    assert.equal(await page.getByRole('alert').count(), 0, 'nobody sees it')
    // A script in the page's place is told so by the agent itself.
    const script = await desk.page_of()
    await desk.sign_in(script, 'nightingale')
    const statuses = await script.evaluate(async () => {
        const seen = { ok: 0, told: 0, after: [] }
        for (let round = 0; round < 500 && seen.told === 0; round++) {
            const answers = await Promise.all(Array.from({ length: 6 }, () => fetch('/api/v1/session')))
            for (const one of answers) {
                if (one.status === 200) seen.ok++
                if (one.status === 429) {
                    seen.told++
                    seen.after.push(one.headers.get('Retry-After'))
                }
            }
        }
        return seen
    })
    assert.ok(statuses.ok >= 280, JSON.stringify(statuses))
    assert.ok(statuses.told > 0 && statuses.after.every((seconds) => seconds === '1'), JSON.stringify(statuses))
    // The colleague at the same agent goes on meanwhile.
    await page.getByRole('link', { name: 'Live list' }).click()
    await page.getByRole('button', { name: /Nobody has taken/ }).waitFor()
})
