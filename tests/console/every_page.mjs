// A running area with something on every page, and where each page is: every route that the pages' own sources name.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missing } from './area.mjs'
import { start_desk } from './desk.mjs'
import { sign_in, until, with_account } from './people.mjs'
import { one_question } from './questions_contract.mjs'

const source = fileURLToPath(new URL('../../agents/console/src', import.meta.url))
const involvement = fileURLToPath(new URL('../../deploy/demo/involvement/', import.meta.url))

/** As the sources write them: what a new page adds is here without anybody's help. */
export function routes() {
    const files = readdirSync(source, { recursive: true }).filter((file) => /(^|\/)pages\.tsx$/.test(file))
    const found = files.flatMap((file) => [...readFileSync(join(source, file), 'utf8').matchAll(/path: \/(\^.+?\$)\/,/g)].map(([, pattern]) => pattern))
    const written = files.flatMap((file) => [...readFileSync(join(source, file), 'utf8').matchAll(/\bpath: \//g)])
    assert.equal(found.length, written.length, 'a route is written in a way that this test does not read')
    const own = [...readFileSync(join(source, 'main.tsx'), 'utf8').matchAll(/at === '([^']+)'/g)].map(([, path]) => `^${path}$`)
    assert.ok(found.length > 30 && own.length === 2, `${found.length} routes, ${own.length} of the door`)
    return [...new Set([...found, ...own])]
}
export const routes_of = (path, all) => all.filter((pattern) => new RegExp(pattern).test(path))

const referral = (say) => ({
    source_ref: 'concern/90', thread_ref: 'concern/90', agency: 'teme-meadow', role: 'sch', type: 'safeguarding_referral', occurred_at: new Date(Date.now() - 600_000).toISOString(), level: '4', harm: 'likely_or_actual',
    purpose: 'inform_function', agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child' }, markers: [], subject: { forename: 'Fern', surname: 'Testcase', date_of_birth: '2017-10-19' },
    sections: {
        idn: { forenames: 'Fern', surname: 'Testcase', date_of_birth: '2017-10-19', known_as: say('Ferny') }, evt: { what: say('A mark on her back'), details: say('Seen at games') },
        voi: { words: say('He hit me.'), heard_by: say('Class teacher') }, pro: { whom_to_ring: say('School office, 01632 960211') }, sfc: { who_must_not_be_told: say('Father'), note: say('Before three') },
    },
})
const columns = ['', 'reportid', 'misperid', 'initial_risk_level', 'current_final_risk_level', 'forenames', 'surname', 'dob', 'pob', 'age', 'sex', 'nhs_number', 'residence_type', 'missing_since', 'date_reported_missing', 'missing_from', 'circumstances']
const record = (report, words) => ['0', report, '71', 'Medium', 'Medium', words, words, '2014-01-01', '', '12', 'M', '', 'Home Address', '2027-01-01 10:00:00', '2027-01-01 11:00:00', words, words].map((cell) => `"${cell.replace(/"/g, '""')}"`).join(',')

/** `say`: what people and systems wrote, in the words of this world. */
export async function start_world(say = (words) => words) {
    const desk = await start_desk()
    const { area } = desk
    try {
        return await fill(desk, area, say)
    } catch (error) {
        await desk.close()
        throw error
    }
}
async function fill(desk, area, say) {
    const marlow = desk.people.marlow
    const quill = await with_account(area, 'schools', 'quill', area.people('schools')['teme-meadow-lead'].token)
    const vale = await with_account(area, 'police', 'vale', area.people('police')['missing-desk'].token)
    const dray = await with_account(area, 'health', 'dray', area.people('health')['emergency-doctor'].token)
    const post = async (host, path, body, who, status) => {
        const answer = await area.api(host, 'POST', path, body, who.token)
        assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`)
        return answer.body
    }
    // A school's roll, then one that was cut short.
    for (const folder of [area.dir, join(area.dir, 'agents', 'schools', 'intake')]) mkdirSync(join(folder, '999101'), { recursive: true })
    const roll = readFileSync(join(involvement, '999101.csv'), 'utf8')
    area.drop('schools', join('999101', 'roll.csv'), roll)
    await until(() => existsSync(join(area.dir, 'agents', 'schools', 'accepted', '999101', 'roll.csv')), (is) => is)
    await until(() => area.api('schools', 'GET', '/api/v1/status'), ({ body }) => body.errands_owed === 0)
    area.drop('schools', join('999101', 'cut.csv'), `${roll.split('\n').slice(0, 2).join('\n')}\n`)
    // Two files that are not taken.
    const file = say('reports').replace(/[/\0]/g, '').slice(0, 60)
    area.drop('police', `${file}.csv`, [columns.join(','), record('', say('Wren'))].join('\n') + '\n')
    area.drop('police', `${file}-2.csv`, [columns.join(','), record('', say('Kit'))].join('\n') + '\n')

    const alert = await desk.give('police', missing('EVERY-1', {
        idn: { known_as: say('Juno') }, evt: { what: say('Reported missing from home'), details: say('Did not arrive at school.') },
    }))
    await desk.give('police', missing('EVERY-1', { evt: { details: say('Seen in town.') } })).catch(() => {})
    const mine = await desk.give('police', missing('EVERY-2', { idn: { known_as: say('Juno') } }))
    const taken_back = await desk.give('police', missing('EVERY-3'))
    const { surname, ...base } = missing('EVERY-4')
    await desk.give('police', { ...base, source_ref: 'exploitation:9', thread_ref: undefined, type: 'exploitation_concern', risk_grade: undefined, level: '4', harm: 'suspected', rag: 'amber', purpose: 'inform_function', agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child' } })
    const protects = missing('EVERY-5')
    const protected_address = await desk.give('police', { ...protects, sections: { ...protects.sections, saf: { address: say('1 Invented Refuge'), why_protected: say('Fled with her mother') } } })
    const sent = await desk.give('schools', referral(say), quill.token)
    const now = new Date(Date.now() - 600_000).toISOString()
    const notice = await desk.give('police', {
        source_ref: 'da:EVERY-1', agency: 'police', role: 'pol', type: 'domestic_abuse_incident', occurred_at: now, harm: 'suspected', markers: [],
        subject: { forename: 'Ava', surname: 'Lark', date_of_birth: '2018-02-11', nhs_number: '9997001052', school_urn: '999101' },
        sections: {
            idn: { forenames: 'Ava', surname: 'Lark', date_of_birth: '2018-02-11' }, evt: { what: say('Domestic abuse incident'), date: now.slice(0, 10), child_present: 'yes' },
            voi: { words: say('I hid behind the sofa.'), heard_by: say('Officer') }, nar: { short: say('Shouting and a broken door.') }, sfc: { who_must_not_be_told: say('Stepfather') },
        },
    })
    const here = (host, id, who) => until(() => area.api(host, 'GET', `/api/v1/received/${id}`, undefined, who.token), ({ status }) => status === 200)
    for (const id of [alert, mine, taken_back, sent]) await here('hub', id, marlow)
    await here('schools', notice, quill)
    await post('hub', `/api/v1/received/${mine}/taken`, undefined, marlow, 200)
    await post('hub', `/api/v1/received/${mine}/case-number`, { case_number: say('LCS 4711').slice(0, 60) }, marlow, 200)
    await post('police', `/api/v1/sent/${taken_back}/recall`, { reason: 'wrong_child' }, vale, 202)
    await until(() => area.api('police', 'GET', `/api/v1/sent/${protected_address}`), ({ body }) => body.recipients.some(({ withheld }) => withheld.includes('saf')))
    const release = await post('police', `/api/v1/sent/${protected_address}/release`, { recipients: [{ agency: 'social-care', role: 'sw' }], reason: say('They move her today.') }, vale, 201)
    await until(() => area.api('police', 'GET', '/api/v1/held', undefined, vale.token), ({ body }) => body.held.length > 0)
    await post('hub', '/api/v1/conflicts', { subject: { surname: say('Testcase').slice(0, 90), nhs_number: '9990000018', date_of_birth: '2013-04-05' }, excluded: ['orchard-gate.sch'], reason: say('The father is a governor.') }, marlow, 201)
    const agreement = await post('schools', '/api/v1/agreements', { status: 'refused', giver: 'parent_pr', form: 'written', notification: sent, said_at: now, sought_by: say('Class teacher'), evidence: say('Locked cabinet') }, quill, 201)
    const draft = '0192f000-0000-7000-8000-000000000091'
    await post('schools', '/api/v1/drafts', { id: draft, revision: 0, label: say('Begun').slice(0, 60), content: { type: 'safeguarding_referral', kind: '', role: 'sch', corrects: null, answers: { 'evt.what': say('Begun') } } }, quill, 200)
    const colleague = await post('hub', '/api/v1/people', { name: say('Invented Colleague').slice(0, 90), inboxes: ['hub.ffd'] }, marlow, 201)
    const rejected = await until(async () => (await area.api('police', 'GET', '/api/v1/rejected?state=open', undefined, vale.token)).body.rejected, (all) => all.length === 2)
    const { revision } = (await area.api('police', 'GET', `/api/v1/rejected/${rejected[1].id}`, undefined, vale.token)).body
    await post('police', `/api/v1/rejected/${rejected[1].id}/set-aside`, { revision, reason: say('A test of the vendor') }, vale, 200)
    await until(() => area.api('schools', 'GET', '/api/v1/rolls', undefined, quill.token), ({ body }) => body.rolls.length === 1)

    const question = one_question(marlow.person, { explanation: say('A name and a date of birth are alike') })
    const at = `police/${alert}`
    const shared = ['/search', '/tasks', '/decisions', '/unconfirmed', '/concern', '/concern/paper', '/drafts', '/sent', '/sent/export', '/agreements', '/agreements/new', '/imports', '/imports/closed', '/account', '/account/record', '/account/passphrase', '/account/add', '/help']
    return {
        desk, alert, sent, question,
        people: [
            {
                who: marlow, name: 'front door', serve: (page) => question.serve(page),
                pages: ['/', `/alert/${at}`, `/alert/police/${mine}`, `/alert/police/${taken_back}`, `/chronology/${at}`, `/chronology/${at}/export`, `/send/${at}`, `/send/${at}/new/strategy_discussion_invite`, `/send/${at}/pass-on/missing_episode_started`,
                    '/questions', '/questions/0192f0c1-0000-7000-8000-000000000001', '/conflicts', '/conflicts/new', `/account/colleague/${colleague.person}`, '/no-such-page', ...shared],
            },
            {
                who: quill, name: 'school', serve: async () => {},
                pages: ['/', '/list', `/alert/police/${notice}`, `/concern/${draft}/happened`, `/concern/${draft}/check`, '/drafts', '/sent', `/sent/${sent}`, `/sent/${sent}/take-back`, `/sent/${sent}/done`, '/agreements', `/agreements/new/${sent}`, `/agreements/${agreement.id}`, '/imports'],
            },
            {
                who: vale, name: 'police', serve: async () => {},
                pages: ['/decisions', '/unconfirmed', '/sent', `/sent/${protected_address}`, `/sent/${protected_address}/release`, `/release/${release.id}`, '/imports', '/imports/closed', `/imports/rejected/${rejected[0].id}`],
            },
            { who: dray, name: 'emergency department', serve: async () => {}, pages: ['/care-status'] },
        ],
        door: ['/', '/set-up', '/lost-code'],
        /** A page of theirs, signed in, that knows what it asked the agent. */
        async page_of(person, options) {
            const page = await desk.page_of(options)
            if (person !== null) {
                await person.serve(page)
                await sign_in(page, person.who)
            }
            // What a test keeps waiting of what the page asks; what it has asked and not been answered the page counts itself, anew when it is loaded.
            page.held = new Set()
            await page.addInitScript(() => {
                window.asking = 0
                const ask = window.fetch
                window.fetch = async (...what) => {
                    if (/\/(session|health)$/.test(String(what[0]))) return ask(...what)
                    window.asking++
                    try {
                        return await ask(...what)
                    } finally {
                        window.asking--
                    }
                }
            })
            return page
        },
        close: () => desk.close(),
    }
}

/** What writes about an alert needs it open: the page keeps no copy that outlives a reload. */
export async function open(page, base, path) {
    page.held.clear()
    const about = /^\/send\/([^/]+\/[^/]+)/.exec(path)?.[1]
    await page.goto(base + (about === undefined ? path : `/alert/${about}`))
    if (about === undefined) return
    await page.getByRole('heading', { name: 'Before you contact anybody' }).waitFor()
    await go(page, path)
}
export const go = (page, path) => page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
}, path)
/** Until nothing more is asked and what was answered is drawn. */
export async function settled(page) {
    await page.locator('h1').first().waitFor({ timeout: 20_000 })
    const began = Date.now()
    for (let quiet = 0; quiet < 3; quiet++) {
        if (Date.now() - began > 30_000) throw new Error(`${page.url()} never came to rest; the page says: ${(await page.locator('main').innerText()).slice(0, 300)}`)
        const waits = (await page.evaluate(() => window.asking)) > page.held.size
        const opens = page.held.size === 0 && /^(Opening|One moment)/.test((await page.locator('h1').first().textContent()) ?? '')
        if (waits || opens) quiet = -1
        await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))))
    }
}
