import { expect, test } from 'vitest'
import type { Catalogue } from '../shared/catalogue'
import { asked_fields, new_draft, notification_of, offered, place_of, wrong_with, type CatalogueType, type Item } from './send_model'
import { may_pass_on, steps_of, types_for } from './steps'

const section = (code: string, of: Partial<Catalogue['sections'][number]> = {}): Catalogue['sections'][number] => ({ section: code, title: code, sensitivity: 1, travels: true, needs_release: false, fields: [], ...of })
const type = (name: string, of: Partial<CatalogueType> = {}): CatalogueType => ({
    type: name, row: 5, title: name, kind: 'unconditional', in_force: true, danger: false, statutory: false, wants_voice: false, required_facts: [], kinds: [], any_role: false,
    sender_roles: ['ffd'], sections: [{ section: 'idn', needed: true }, { section: 'nar', needed: false }, { section: 'saf', needed: false }, { section: 'op', needed: false }],
    conditional: { level: false, harm: false, purpose: false, agreement: false, risk_grade: false, rag: false }, markers: [], ...of,
})
const catalogue = {
    types: [type('safeguarding_referral', { any_role: true, sender_roles: [] }), type('information_request', { sections: [{ section: 'idn', needed: true }, { section: 'req', needed: true }] }), type('referral_outcome'), type('recall', { row: 103 }), type('protected_address_release', { row: 0 }), type('police_only', { sender_roles: ['pol'] }), type('not_yet', { in_force: false })],
    sections: [section('idn'), section('nar'), section('req'), section('sfc'), section('saf', { needs_release: true }), section('op', { travels: false })],
    agencies: [{ agency: 'police', name: 'Police', kind: 'police', urn: '', roles: ['pol'], telephone: '' }],
    front_door: { day: 'ffd', night: 'edt', open: false },
} as unknown as Catalogue
const item = {
    id: '0', sender: 'police', type: 'safeguarding_referral', kind: '', occurred_at: '2026-11-26T09:00:00Z',
    views: { 'idn.full': { forenames: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05', local_ids: [{ system: 'x' }] }, 'nar.full': { statements: [{ words: 'x' }] }, sfc: { safe_numbers: 'Mother' }, saf: { address: 'x' } },
} as unknown as Item
const drafted = (name: string, how: 'new' | 'pass-on' = 'new', roles = ['ffd', 'edt']) => new_draft(catalogue, catalogue.types.find((one) => one.type === name) as CatalogueType, how, item, roles, 'r', '2026-11-27T10:00:00Z')

test('what may be sent is what the roles allow and is in force, and never recall, correction or release', () => {
    expect(types_for(catalogue, ['ffd']).map((one) => one.type)).toEqual(['safeguarding_referral', 'information_request', 'referral_outcome'])
    expect(types_for(catalogue, [])).toEqual([])
    expect(steps_of(catalogue, 'safeguarding_referral', ['ffd']).map((step) => `${step.how} ${step.type}`)).toEqual(['pass-on safeguarding_referral', 'new information_request', 'new referral_outcome'])
    expect(may_pass_on(catalogue, 'safeguarding_referral', ['lado'])).toBe(false)
    expect(may_pass_on(catalogue, 'recall', ['ffd'])).toBe(false)
})
test('a protected address and what never travels are no part of any form', () => {
    const codes = offered(catalogue, catalogue.types[0] as CatalogueType, item, 'new').map((one) => one.section)
    expect(codes).toEqual(['idn', 'nar', 'sfc'])
    expect(Object.keys(drafted('safeguarding_referral', 'pass-on').sections)).toEqual(['idn', 'nar', 'sfc'])
})
test('passing on keeps the sender’s words and time, and is marked; the safe contact goes with it', () => {
    const got = notification_of(drafted('safeguarding_referral', 'pass-on'), item, 'hub')
    expect(got.markers).toEqual(['passed_on'])
    expect(got.role).toBe('edt')
    expect(got.occurred_at).toBe('2026-11-26T09:00:00Z')
    expect(got.sections).toEqual({ idn: item.views['idn.full'], nar: item.views['nar.full'], sfc: item.views.sfc })
    expect(got.subject).toMatchObject({ forename: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05' })
})
test('a question starts with who the child is and how to contact them, and with nothing of the story', () => {
    const draft = drafted('information_request')
    expect(draft.chosen).toEqual(['idn', 'req', 'sfc'])
    expect(draft.sections.idn).toEqual({ forenames: 'Juno', surname: 'Testcase', date_of_birth: '2013-04-05' })
    draft.sections.req = { purpose: 'Section 47', questions: [] }
    draft.addressed = ['police/pol']
    const got = notification_of(draft, item, 'hub')
    expect(got.sections?.req).toEqual({ purpose: 'Section 47' })
    expect(got.addressed_to).toEqual([{ agency: 'police', role: 'pol' }])
    expect(got.markers).toEqual([])
    expect(notification_of(draft, item, 'hub')).toEqual(got)
})
test('where the agent takes the child from the alert, nothing of the child is stated, and it goes in the role that the alert came to', () => {
    const asked = { ...item, seat: { agency: 'hub', role: 'edt' }, may_send_about: ['information_request'] } as Item
    const draft = new_draft(catalogue, catalogue.types[1] as CatalogueType, 'new', asked, ['ffd', 'edt'], 'r', '2026-11-27T10:00:00Z')
    const got = notification_of(draft, asked, 'hub')
    expect(got).toMatchObject({ about: 'police/0', role: 'edt' })
    expect(got.subject).toBeUndefined()
    expect(got.thread_ref).toBeUndefined()
    expect(Object.keys(got.sections ?? {})).toEqual(['sfc'])
    // Passing on is of the same type and the front door's own, never about it.
    expect(notification_of(new_draft(catalogue, catalogue.types[0] as CatalogueType, 'pass-on', asked, ['ffd'], 'r', ''), asked, 'hub').subject).toBeDefined()
})
test('an outcome is meant for whoever referred, where only one seat of theirs can be meant', () => {
    expect(drafted('referral_outcome').addressed).toEqual(['police/pol'])
})
test('what the rules of a type look for is asked for before anything is asked of the agent', () => {
    const needs = type('x', { required_facts: ['occurred_at', 'harm', 'status'], kinds: [{ kind: 'a', title: '', any_role: true, sender_roles: [] }, { kind: 'b', title: '', any_role: true, sender_roles: [] }] })
    const dated = [section('idn', { fields: [{ field: 'date_of_birth', title: 'Born', hint: '', kind: 'date', choices: [] }] })]
    const legends = { level: '', harm: 'Harmed?', purpose: '', rag: '', risk_grade: '' }
    const draft = drafted('information_request')
    expect(Object.keys(wrong_with(draft, needs, dated, legends))).toEqual(['harm', 'status', 'kind'])
    draft.facts.harm = 'none'
    draft.agreement.status = 'given'
    draft.kind = 'a'
    expect(wrong_with(draft, needs, dated, legends)).toEqual({})
    draft.sections.idn = { date_of_birth: '31 2 2013' }
    expect(Object.keys(wrong_with(draft, needs, dated, legends))).toEqual(['idn-date_of_birth'])
    draft.sections.idn = { date_of_birth: '2013-04' }
    expect(wrong_with(draft, needs, dated, legends)).toEqual({})
})
test('a fault stands at its field', () => {
    expect(place_of({ path: '/sections/req/purpose', rule: '', message: '' })).toBe('req-purpose')
    expect(place_of({ path: '/sections/req', rule: '', message: '' })).toBe('section-req')
    expect(place_of({ path: '/agreement/giver', rule: '', message: '' })).toBe('giver')
    expect(place_of({ path: '/level', rule: '', message: '' })).toBe('level')
})

test('a question asks for no meeting, and an invitation for no answer', () => {
    const req = { fields: ['purpose', 'answer_by', 'meeting_at', 'what_to_bring'].map((field) => ({ field })) } as unknown as Parameters<typeof asked_fields>[1]
    expect(asked_fields('information_request', req)).toEqual(['purpose', 'answer_by'])
    expect(asked_fields('strategy_discussion_invite', req)).toEqual(['purpose', 'meeting_at', 'what_to_bring'])
    expect(asked_fields('step_change', req)).toHaveLength(4)
})
