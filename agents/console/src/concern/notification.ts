// From answers to the notification that the agent takes, and back again for a correction.
import { section_entry, type Catalogue, type Me } from '../shared/catalogue'
import type { Schemas } from '../shared/api'
import { answer_from, clock, date_text, field_value, instant_of, is_answered, iso_date, list_at, text_at, whole_date, type Answers, type DraftContent } from './answers'
import { is_asked, roles_for, type Plan } from './layout'

export type Notification = Schemas['Notification']
type Sections = Record<string, Record<string, unknown>>

/** The reference holds no name: it is the draft's own id, so the same draft sent twice is one notification. */
export const reference_of = (draft: string): string => `console:${draft}`

export function occurred_at(answers: Answers, now: Date): string {
    const date = text_at(answers, 'when.date')
    const at = instant_of(`${date} ${text_at(answers, 'when.time')}`.trim())
    // "Today", without a time of day, is no later than now.
    if (at === null || Date.parse(at) > now.getTime()) return now.toISOString()
    return at
}

function sections_of(draft: DraftContent, plan: Plan): Sections {
    const { answers } = draft
    const sections: Sections = {}
    const put = (section: string, field: string, value: unknown): void => {
        if (value === undefined || value === '' || !plan.type.sections.some((one) => one.section === section)) return
        ;(sections[section] ??= {})[field] = value
    }
    for (const [section, fields] of Object.entries(draft.kept)) for (const [field, value] of Object.entries(fields)) put(section, field, value)
    for (const { key, section, field } of plan.steps.flatMap((step) => step.asked)) {
        if (is_asked(key, answers, plan)) put(section, field.field, field_value(field, answers, key))
    }
    put('evt', 'date', whole_date(text_at(answers, 'when.date')) ?? undefined)
    put('evt', 'time', clock(text_at(answers, 'when.time')) ?? undefined)
    const asks = plan.type.conditional
    if (asks.level) put('rsk', 'level', text_at(answers, 'level'))
    if (asks.rag) put('rsk', 'rag', text_at(answers, 'rag'))
    if (asks.risk_grade) put('rsk', 'grade', text_at(answers, 'risk_grade'))
    if (asks.agreement) {
        put('con', 'status', text_at(answers, 'status'))
        if (is_asked('giver', answers, plan)) put('con', 'giver', text_at(answers, 'giver'))
    }
    return sections
}

function agreement_of(answers: Answers, plan: Plan): Schemas['Agreement'] {
    const when = (fact: string): string => (is_asked(fact, answers, plan) ? text_at(answers, fact) : '')
    return {
        status: text_at(answers, 'status') as Schemas['Agreement']['status'],
        giver: when('giver') as Schemas['Agreement']['giver'],
        not_sought_reason: when('not_sought_reason') as Schemas['Agreement']['not_sought_reason'],
        other_holder_objects: when('other_holder_objects') === 'yes',
        child_and_parent_differ: when('child_and_parent_differ') === 'yes',
        named_agencies: is_asked('named_agencies', answers, plan) ? list_at(answers, 'named_agencies') : [],
        // The page asks to what they agreed by asking what this is for, and then to whom: an agreement that names no purpose counts for nobody.
        ...(is_asked('named_agencies', answers, plan) ? { purpose: text_at(answers, 'purpose') as Schemas['Agreement']['purpose'] } : {}),
    }
}

function subject_of(answers: Answers, catalogue: Catalogue, me: Me): Schemas['Subject'] {
    const text = (field: string): string | undefined => text_at(answers, field) || undefined
    const own = catalogue.agencies.find(({ agency }) => agency === me.agency)
    return {
        forename: text('idn.forenames'), surname: text('idn.surname'), nhs_number: text('idn.nhs_number')?.replace(/\s/g, ''), upn: text('idn.upn')?.replace(/\s/g, ''),
        date_of_birth: iso_date(text_at(answers, 'idn.date_of_birth')) ?? undefined, postcode: text('adr.postcode'),
        school_urn: text_at(answers, 'own_school') === 'yes' && own !== undefined && own.urn !== '' ? own.urn : undefined,
        unborn: text_at(answers, 'unborn') === 'yes' ? true : undefined,
    }
}

export function notification_of(draft: DraftContent, plan: Plan, id: string, catalogue: Catalogue, me: Me, at: Date): Notification {
    const now = draft.tried_at === null ? at : new Date(draft.tried_at)
    const { answers, corrects } = draft
    const asks = plan.type.conditional
    const roles = roles_for(plan.type, text_at(answers, 'kind'), me)
    const fact = (name: 'level' | 'harm' | 'purpose' | 'rag' | 'risk_grade'): string | undefined => (asks[name] && text_at(answers, name) !== '' ? text_at(answers, name) : undefined)
    return {
        source_ref: reference_of(id),
        agency: me.agency,
        role: text_at(answers, 'role') || (roles[0]?.value ?? ''),
        type: draft.type,
        kind: corrects === null ? text_at(answers, 'kind') || undefined : undefined,
        // Each concern is a thread of its own, so that a later word about it finds it.
        thread_ref: corrects === null ? reference_of(id) : undefined,
        supersedes_ref: corrects?.source_ref,
        occurred_at: occurred_at(answers, now),
        level: fact('level') as Notification['level'],
        harm: fact('harm') as Notification['harm'],
        purpose: fact('purpose') as Notification['purpose'],
        rag: fact('rag') as Notification['rag'],
        risk_grade: fact('risk_grade'),
        vital: text_at(answers, 'vital') === 'yes' ? true : undefined,
        markers: list_at(answers, 'markers').filter((marker) => plan.type.markers.includes(marker)),
        agreement: asks.agreement && is_answered(answers, 'status') ? agreement_of(answers, plan) : undefined,
        subject: subject_of(answers, catalogue, me),
        sections: sections_of(draft, plan),
    }
}

/** A draft that says again what was sent, to be put right. `plan` is that of the earlier type. */
export function correction_of(id: string, sent: Notification, correction: string, catalogue: Catalogue): DraftContent {
    const answers: Answers = {}
    const kept: Sections = {}
    for (const [section, fields] of Object.entries((sent.sections ?? {}) as Sections)) {
        for (const [name, value] of Object.entries(fields)) {
            const field = section_entry(catalogue, section)?.fields.find((one) => one.field === name)
            const answer = field === undefined ? undefined : answer_from(field, value)
            if (answer === undefined) (kept[section] ??= {})[name] = value
            else answers[`${section}.${name}`] = answer
        }
    }
    const put = (field: string, value: string | null | undefined): void => {
        if (value !== undefined && value !== null && value !== '' && answers[field] === undefined) answers[field] = value
    }
    const { subject, agreement } = sent
    put('idn.forenames', subject?.forename)
    put('idn.surname', subject?.surname)
    put('idn.nhs_number', subject?.nhs_number)
    put('idn.upn', subject?.upn)
    put('adr.postcode', subject?.postcode)
    if (subject?.date_of_birth) {
        const [year = '', month = '', day = ''] = subject.date_of_birth.split('-')
        put('idn.date_of_birth', date_text({ day, month, year }))
    }
    if (subject?.school_urn) put('own_school', 'yes')
    if (subject?.unborn) put('unborn', 'yes')
    put('role', sent.role)
    put('vital', sent.vital ? 'yes' : 'no')
    for (const fact of ['level', 'harm', 'purpose', 'rag', 'risk_grade'] as const) put(fact, sent[fact] === undefined || sent[fact] === null ? undefined : String(sent[fact]))
    for (const fact of ['status', 'giver', 'not_sought_reason'] as const) put(fact, agreement?.[fact])
    if (agreement?.named_agencies?.length) answers.named_agencies = agreement.named_agencies
    for (const fact of ['other_holder_objects', 'child_and_parent_differ'] as const) if (agreement?.[fact]) put(fact, 'yes')
    if (sent.markers?.length) answers.markers = sent.markers
    const uk = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit' })
    const [date = '', time = ''] = uk.format(new Date(sent.occurred_at)).split(', ')
    put('when.date', date)
    put('when.time', time)
    return { type: correction, answers, corrects: { id, source_ref: sent.source_ref, type: sent.type, kind: sent.kind ?? '' }, kept, tried_at: null }
}
