import { expect, test } from 'vitest'
import type { Catalogue, FieldEntry, Me, TypeEntry } from '../shared/catalogue'
import { as_type, clock, instant_of, iso_date, type Answers, type DraftContent } from './answers'
import { concern_instead, faults_of, field_of_path, first_unfinished, may_begin, plan_of, step_with } from './layout'
import { correction_of, notification_of, occurred_at, type Notification } from './notification'

const field = (name: string, kind: FieldEntry['kind'] = 'text', choices: string[] = []): FieldEntry => ({ field: name, title: name, hint: '', kind, choices: choices.map((code) => ({ code, title: code })) })
const section = (name: string, fields: FieldEntry[], more: Partial<Catalogue['sections'][number]> = {}): Catalogue['sections'][number] => ({ section: name, title: name, sensitivity: 2, travels: true, needs_release: false, fields, ...more })
const asks = { level: true, harm: true, purpose: true, agreement: true, risk_grade: false, rag: true }
const type = (name: string, row: number, sections: [string, boolean][], more: Partial<TypeEntry> = {}): TypeEntry => ({
    type: name, row, title: name, kind: 'conditional', in_force: true, danger: true, statutory: false, wants_voice: true, required_facts: [], kinds: [], any_role: true, sender_roles: [],
    sections: sections.map(([one, needed]) => ({ section: one, needed })), conditional: asks, markers: ['crime_suspected'], ...more,
})
const catalogue: Catalogue = {
    area: 'invented', title: 'Invented', policy_version: 1, in_force: true,
    types: [
        type('referral', 5, [['evt', true], ['idn', false], ['adr', false], ['nar', false], ['voi', false], ['sfc', false], ['con', false], ['rsk', false], ['hhd', false], ['op', false], ['att', false]]),
        type('education', 11, [['edu', true], ['evt', false]], { kind: 'unconditional', any_role: false, sender_roles: ['sch'], conditional: { level: false, harm: false, purpose: false, agreement: false, risk_grade: false, rag: false }, kinds: [{ kind: 'left_roll', title: 'Left', any_role: false, sender_roles: ['sch'] }], required_facts: ['kind'], wants_voice: false, markers: [] }),
        type('police_only', 6, [['evt', true]], { any_role: false, sender_roles: ['pol'] }),
        type('question', 19, [['req', true]]),
        type('correction', 102, [['evt', false]]),
        type('old', 9, [['evt', true]], { in_force: false }),
    ],
    sections: [
        section('idn', [field('forenames'), field('surname'), field('date_of_birth', 'date'), field('due_date', 'date'), field('nhs_number'), field('upn')]),
        section('adr', [field('address', 'long_text'), field('postcode')]),
        section('evt', [field('what'), field('date', 'date'), field('time'), field('details', 'long_text'), field('ended_at', 'instant')]),
        section('nar', [field('worries', 'long_text'), field('statements', 'list')]),
        section('voi', [field('words', 'long_text'), field('reason_for_none', 'choice', ['not_seen'])]),
        section('sfc', [field('who_must_not_be_told'), field('no_letters', 'yes_no')]),
        section('con', [field('status'), field('giver'), field('who_has_been_told', 'list'), field('date', 'date')]),
        section('rsk', [field('level'), field('rag')]),
        section('hhd', [field('members', 'list')]),
        section('edu', [field('school'), field('send', 'long_text')]),
        section('op', [field('operation')], { travels: false }),
        section('att', [field('files', 'list')]),
        section('req', [field('questions', 'list')]),
    ],
    views: [], roles: [], front_door: { day: 'ffd', night: 'edt', open: true },
    agencies: [{ agency: 'own-school', name: 'Own School', kind: 'school', urn: '999101', roles: ['sch'], inboxes: [], telephone: '' }], markers: [], words: {},
}
const me: Me = { person: 'p-1', name: null, agency: 'own-school', agency_name: 'Own School', agency_kind: 'school', roles: [{ agency: 'own-school', role: 'sch', title: 'Lead' }], inboxes: [], data_protection_officer: false }
const referral = plan_of(catalogue, catalogue.types[0] as TypeEntry)
const now = new Date('2026-11-27T10:00:00Z')
const whole: Answers = {
    'idn.forenames': 'Fern ', 'idn.surname': 'Testcase', 'idn.date_of_birth': '/10/2017', 'idn.nhs_number': '999 000 0018', own_school: 'yes', 'evt.what': 'A mark', 'when.date': '26/11/2026', 'when.time': '14:30',
    vital: 'no', harm: 'suspected', level: '4', rag: 'amber', markers: ['crime_suspected', 'not_of_this_type'], purpose: 'inform_function', status: 'not_sought', not_sought_reason: 'risk_to_child', giver: 'parent_pr',
    'voi.words': 'He hit me.', 'sfc.no_letters': 'yes', 'con.who_has_been_told': ['The child', '', ' '],
}
const draft = (answers: Answers, more: Partial<DraftContent> = {}): DraftContent => ({ type: 'referral', answers, corrects: null, kept: {}, tried_at: null, ...more })

test('one begins what one’s own roles may send, and nothing that is about an earlier message or answers one', () => {
    expect(may_begin(catalogue, me).map((one) => one.type)).toEqual(['referral', 'education'])
    expect(may_begin(catalogue, { ...me, roles: [] })).toEqual([])
})
test('a concern has nine pages, and no field stands on two of them', () => {
    expect(referral.steps.map(({ id }) => id)).toEqual(['what', 'child', 'happened', 'worry', 'family', 'voice', 'contact', 'more', 'check'])
    const fields = referral.steps.flatMap((step) => [...step.facts, ...step.asked.map(({ key }) => key)])
    expect(new Set(fields).size).toBe(fields.length)
    // Said by the answers about harm, agreement and time; what never leaves; what nobody can attach here.
    for (const none of ['rsk.level', 'con.status', 'con.giver', 'evt.date', 'op.operation', 'att.files']) expect(fields).not.toContain(none)
    expect(fields).toContain('hhd.members')
})
test('what a type cannot go without, and no page names, is asked as what happened; the child is asked for in any case', () => {
    const education = plan_of(catalogue, catalogue.types[1] as TypeEntry)
    expect(education.steps.find(({ id }) => id === 'happened')?.asked.map(({ key }) => key)).toContain('edu.school')
    expect(education.steps.find(({ id }) => id === 'child')?.asked.map(({ key }) => key)).toContain('idn.surname')
    expect(education.steps.map(({ id }) => id)).not.toContain('family')
})
test('each page says what is missing on it, and nothing that can wait while a life is at stake', () => {
    expect(first_unfinished(referral, whole, me, now)).toBeUndefined()
    const of = (id: string, answers: Answers): string[] => Object.keys(faults_of(referral.steps.find((step) => step.id === id) as never, referral, answers, me, now))
    expect(of('worry', {})).toEqual(['vital', 'harm', 'level'])
    expect(of('worry', { vital: 'yes' })).toEqual([])
    expect(of('family', { purpose: 'inform_function', status: 'given' })).toEqual(['giver'])
    expect(of('family', { purpose: 'inform_function', status: 'not_sought' })).toEqual(['not_sought_reason'])
    expect(of('voice', {})).toEqual(['voi.words'])
    expect(of('voice', { 'voi.reason_for_none': 'not_seen' })).toEqual([])
    expect(of('happened', {})).toEqual(['when.date', 'evt.what'])
    expect(of('happened', { 'evt.what': 'x', 'when.date': '31/2/2026' })).toEqual(['when.date'])
    expect(of('happened', { 'evt.what': 'x', 'when.date': '27/11/2026', 'when.time': '23:59' })).toEqual(['when.time'])
    expect(of('child', { 'idn.date_of_birth': '1//2017' })).toEqual(['idn.date_of_birth'])
})
test('the notification says what was answered, once, and agreement apart from purpose', () => {
    const said = notification_of(draft(whole), referral, 'd-1', catalogue, me, now)
    expect(said).toMatchObject({
        source_ref: 'console:d-1', thread_ref: 'console:d-1', agency: 'own-school', role: 'sch', type: 'referral', occurred_at: '2026-11-26T14:30:00.000Z', level: '4', harm: 'suspected', rag: 'amber',
        purpose: 'inform_function', markers: ['crime_suspected'], subject: { forename: 'Fern', surname: 'Testcase', date_of_birth: '2017-10', nhs_number: '9990000018', school_urn: '999101' },
        agreement: { status: 'not_sought', not_sought_reason: 'risk_to_child', giver: '' },
        sections: { idn: { forenames: 'Fern', date_of_birth: '2017-10' }, evt: { what: 'A mark', date: '2026-11-26', time: '14:30' }, voi: { words: 'He hit me.' }, sfc: { no_letters: true }, rsk: { level: '4', rag: 'amber' }, con: { status: 'not_sought', who_has_been_told: ['The child'] } },
    })
    expect(said.sections?.con).not.toHaveProperty('giver')
    expect(said.vital).toBeUndefined()
    expect(said.sections).not.toHaveProperty('hhd')
})
test('an agreement says to whom and for what, and one that was not given says neither', () => {
    const said = (answers: Answers) => notification_of(draft({ ...whole, ...answers }), referral, 'd-1', catalogue, me, now).agreement
    expect(said({ purpose: 'request_service', status: 'given', giver: 'parent_pr', named_agencies: ['hub'] })).toMatchObject({ named_agencies: ['hub'], purpose: 'request_service' })
    expect(said({ purpose: 'request_service', status: 'refused', giver: 'parent_pr' })).not.toHaveProperty('purpose')
    expect(said({ purpose: 'inform_function', status: 'given', giver: 'parent_pr' })).not.toHaveProperty('purpose')
})
test('what the rules refuse as this kind is offered as a concern, with what was written and without what only the other kind asks', () => {
    const refusal = (...codes: string[]) => ({ instead: codes.map((code) => ({ code })) })
    expect(concern_instead(catalogue, refusal('send_as_safeguarding_referral'))?.type).toBe('referral')
    expect(concern_instead(catalogue, refusal('ask_for_agreement'))).toBeUndefined()
    expect(concern_instead(catalogue, null)).toBeUndefined()
    const now_concern = as_type(draft({ ...whole, kind: 'left_roll', role: 'sch' }, { type: 'education' }), 'referral')
    expect(now_concern).toEqual({ ...draft(whole), type: 'referral' })
})
test('hostile text goes as it is: nothing is cut, turned or made markup of', () => {
    const hostile = '<img src=x onerror=alert(1)>\u202Eevil\u0000\n"quoted" \\ ' + 'x'.repeat(5000)
    const said = notification_of(draft({ ...whole, 'evt.details': hostile }), referral, 'd', catalogue, me, now)
    expect(said.sections?.evt?.details).toBe(hostile.trim())
})
test('when it happened is UK local time; today without a time of day is not in the future', () => {
    expect(occurred_at({ 'when.date': '1/7/2026', 'when.time': '9:05' }, now)).toBe('2026-07-01T08:05:00.000Z')
    expect(occurred_at({ 'when.date': '27/11/2026' }, now)).toBe(now.toISOString())
    expect(occurred_at({ 'when.date': '26/11/2026' }, now)).toBe('2026-11-26T12:00:00.000Z')
})
test('the same draft sent again, after an answer that was lost, is the same to the moment', () => {
    const today = draft({ ...whole, 'when.date': '27/11/2026', 'when.time': '' }, { tried_at: '2026-11-27T09:59:00.000Z' })
    const at = (time: string): unknown => notification_of(today, referral, 'd', catalogue, me, new Date(time))
    expect(at('2026-11-27T10:00:00Z')).toEqual(at('2026-11-28T18:00:00Z'))
})
test('dates and times as people write them', () => {
    expect([iso_date('5/4/2013'), iso_date('/4/2013'), iso_date('//2013'), iso_date('29/2/2023'), iso_date('5//2013'), iso_date('x/4/2013'), iso_date('5/13/2013')]).toEqual(['2013-04-05', '2013-04', '2013', null, null, null, null])
    expect([clock('9:05'), clock('0905'), clock('21.05'), clock('24:00'), clock('9')]).toEqual(['09:05', '09:05', '21:05', null, null])
    expect(instant_of('1/7/2026 14:30')).toBe('2026-07-01T13:30:00.000Z')
})
test('a fault of the agent is shown at its field', () => {
    expect(['/subject/date_of_birth', '/subject/forename', '/sections/evt/what', '/sections/evt', '/agreement', '/occurred_at', '/harm'].map(field_of_path)).toEqual(['idn.date_of_birth', 'idn.forenames', 'evt.what', 'evt', 'status', 'when.date', 'harm'])
    expect(step_with(referral, 'evt')?.id).toBe('happened')
    expect(step_with(referral, 'idn.date_of_birth')?.id).toBe('child')
    expect(step_with(referral, 'source_ref')).toBeUndefined()
})
test('a correction says again what was sent, what these pages cannot show included, and names what it puts right', () => {
    const sent: Notification = {
        ...notification_of(draft(whole), referral, 'd-1', catalogue, me, now), vital: null,
        sections: { evt: { what: 'A mark', date: '2026-11-26', ended_at: '2026-11-26T15:00:00Z' }, nar: { statements: [{ kind: 'fact', text: 'seen' }] }, sfc: { no_letters: false } },
    }
    const again = correction_of('n-1', sent, 'correction', catalogue)
    expect(again.corrects).toEqual({ id: 'n-1', source_ref: 'console:d-1', type: 'referral', kind: '' })
    expect(again.answers).toMatchObject({ 'evt.what': 'A mark', 'when.date': '26/11/2026', 'when.time': '14:30', 'sfc.no_letters': 'no', 'idn.surname': 'Testcase', harm: 'suspected', status: 'not_sought', vital: 'no' })
    const said = notification_of({ ...again, answers: { ...again.answers, 'evt.what': 'A scratch' } }, referral, 'd-2', catalogue, me, now)
    expect(said).toMatchObject({ source_ref: 'console:d-2', supersedes_ref: 'console:d-1', type: 'correction', occurred_at: '2026-11-26T14:30:00.000Z' })
    expect(said.thread_ref).toBeUndefined()
    expect(said.sections).toMatchObject({ evt: { what: 'A scratch', ended_at: '2026-11-26T15:00:00Z' }, nar: { statements: [{ kind: 'fact', text: 'seen' }] }, sfc: { no_letters: false } })
})
