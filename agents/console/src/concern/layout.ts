// Which question stands on which page. Fields, sections and codes are the catalogue's; here is only their order: what most
// people can say comes first, each field once, and what no page names stands on the last one under its section's title.
import { section_entry, type Catalogue, type FieldEntry, type Me, type TypeEntry } from '../shared/catalogue'
import { clock, instant_of, iso_date, is_answered, text_at, whole_date, type Answers } from './answers'

export type StepId = 'what' | 'child' | 'happened' | 'worry' | 'family' | 'voice' | 'contact' | 'more' | 'check'
/** A field of a section at its place; `key` is its name among the answers. */
export type Asked = { key: string; section: string; field: FieldEntry }
export type Step = { id: StepId; title: string; asked: Asked[]; facts: string[] }
export type Plan = { type: TypeEntry; steps: Step[] }

const titles: Record<StepId, string> = {
    what: 'What do you want to share?',
    child: 'Who is the child?',
    happened: 'What happened, and when?',
    worry: 'Harm, and how urgent it is',
    family: 'Who knows, and what the family said',
    voice: 'What does the child say?',
    contact: 'How to make contact safely',
    more: 'What else do you know?',
    check: 'Check before you send',
}
export const step_title = (id: StepId): string => titles[id]

const places: Partial<Record<StepId, string[]>> = {
    child: ['idn.forenames', 'idn.surname', 'idn.known_as', 'idn.date_of_birth', 'idn.due_date', 'idn.sex', 'idn.nhs_number', 'idn.upn', 'adr.address', 'adr.postcode', 'adr.lives_with'],
    happened: ['evt.what', 'evt.place', 'evt.child_present', 'evt.details'],
    worry: ['nar.worries', 'nar.working_well', 'nar.what_must_happen'],
    family: ['con.who_has_been_told', 'con.sought_by', 'con.form', 'con.date'],
    voice: ['voi.words', 'voi.heard_by', 'voi.who_was_present', 'voi.reason_for_none'],
    contact: ['sfc.who_must_not_be_told', 'sfc.safe_numbers', 'sfc.no_letters', 'sfc.note', 'pro.whom_to_ring'],
}
/** Said by other answers, so asked nowhere: a field that is asked twice is answered twice. */
const said_elsewhere = new Set(['evt.date', 'evt.time', 'rsk.grade', 'rsk.level', 'rsk.rag', 'con.status', 'con.giver'])
/** Of these the child is known; they are asked whatever sections the type has. */
export const identifies = ['idn.forenames', 'idn.surname', 'idn.date_of_birth', 'idn.nhs_number', 'idn.upn']
const no_attachments = 'att'
/** What people most often know besides stands first on the last page. */
const first_of_more = ['hhd', 'sib', 'alg', 'hlt', 'edu', 'div', 'leg', 'pln']

function fields_of(catalogue: Catalogue, section: string): Asked[] {
    const found = section_entry(catalogue, section)
    if (found === undefined || !found.travels || section === no_attachments) return []
    return found.fields.map((field) => ({ key: `${section}.${field.field}`, section, field })).filter(({ key }) => !said_elsewhere.has(key))
}

/** What this person may begin of their own accord: not what is said about an earlier message, nor what answers one. */
export function may_begin(catalogue: Catalogue, me: Me): TypeEntry[] {
    const roles = new Set(me.roles.map(({ role }) => role))
    const may = (any: boolean, of: readonly string[]): boolean => any || of.some((role) => roles.has(role))
    const asks_or_answers = (type: TypeEntry): boolean => type.sections.some(({ section, needed }) => needed && (section === 'req' || section === 'out'))
    // What harm or agreement decides about comes first: that is what most people come with.
    const order = (a: TypeEntry, b: TypeEntry): number => Number(b.kind === 'conditional') - Number(a.kind === 'conditional') || a.row - b.row
    return catalogue.types.filter((type) => type.in_force && type.row > 0 && type.row < 100 && !asks_or_answers(type)
        && roles.size > 0 && (may(type.any_role, type.sender_roles) || type.kinds.some((kind) => may(kind.any_role, kind.sender_roles)))).sort(order)
}
const row_of_a_concern = 5
const offered_as_a_concern = 'send_as_safeguarding_referral'
/** What the rules refuse as this kind of message and take as a concern about a child (E-02, E-06a), from everybody. */
export function concern_instead(catalogue: Catalogue, refusal: { instead: { code: string }[] } | null): TypeEntry | undefined {
    const offered = refusal?.instead.some(({ code }) => code === offered_as_a_concern) ?? false
    return offered ? catalogue.types.find((type) => type.row === row_of_a_concern && type.in_force && type.any_role) : undefined
}
export function kinds_for(type: TypeEntry, me: Me): { value: string; label: string }[] {
    const roles = new Set(me.roles.map(({ role }) => role))
    return type.kinds.filter((kind) => kind.any_role || kind.sender_roles.some((role) => roles.has(role))).map(({ kind, title }) => ({ value: kind, label: title }))
}
export function roles_for(type: TypeEntry, kind: string, me: Me): { value: string; label: string }[] {
    const of_kind = type.kinds.find((one) => one.kind === kind)
    const any = of_kind?.any_role ?? type.any_role
    const allowed = of_kind?.sender_roles ?? type.sender_roles
    return me.roles.filter(({ role }) => any || allowed.includes(role)).map(({ role, title }) => ({ value: role, label: title }))
}

export function plan_of(catalogue: Catalogue, type: TypeEntry): Plan {
    const sections = type.sections.map(({ section }) => section)
    const all = sections.flatMap((section) => fields_of(catalogue, section))
    for (const key of identifies) {
        const field = section_entry(catalogue, 'idn')?.fields.find((one) => `idn.${one.field}` === key)
        if (field !== undefined && !all.some((one) => one.key === key)) all.push({ key, section: 'idn', field })
    }
    const placed = new Set(Object.values(places).flat())
    const has_place = (section: string): boolean => all.some((one) => one.section === section && placed.has(one.key))
    // What the type cannot go without, and no page names: it is what happened.
    const needed = type.sections.filter(({ section, needed: is }) => is && !has_place(section)).map(({ section }) => section)
    const at = (id: StepId): Asked[] => (places[id] ?? []).flatMap((key) => all.filter((one) => one.key === key))
    const asks = type.conditional
    const steps: Step[] = []
    const add = (id: StepId, facts: string[], asked: Asked[]): void => {
        steps.push({ id, title: titles[id], facts, asked })
    }
    add('what', ['type', 'kind', 'role'], [])
    add('child', ['unborn', 'own_school'], at('child'))
    add('happened', ['when.date', 'when.time'], [...at('happened'), ...all.filter(({ section }) => needed.includes(section))])
    add('worry', ['vital', ...(['harm', 'level', 'risk_grade', 'rag'] as const).filter((fact) => asks[fact]), ...(type.markers.length > 0 ? ['markers'] : [])], at('worry'))
    const family = at('family')
    if (family.length > 0 || asks.agreement || asks.purpose) {
        add('family', [...(asks.purpose ? ['purpose'] : []), ...(asks.agreement ? ['status', 'giver', 'not_sought_reason', 'named_agencies', 'other_holder_objects', 'child_and_parent_differ'] : [])], family)
    }
    if (at('voice').length > 0) add('voice', [], at('voice'))
    if (at('contact').length > 0) add('contact', [], at('contact'))
    const shown = new Set(steps.flatMap((step) => step.asked.map(({ key }) => key)))
    const rest = all.filter(({ key }) => !shown.has(key))
    const place = ({ section }: Asked): number => {
        const at_place = first_of_more.indexOf(section)
        return at_place >= 0 ? at_place : first_of_more.length + Number(has_place(section))
    }
    rest.sort((a, b) => place(a) - place(b))
    if (rest.length > 0) add('more', [], rest)
    add('check', [], [])
    return { type, steps }
}
export function step_with(plan: Plan, field: string): Step | undefined {
    return plan.steps.find((step) => step.facts.includes(field) || step.asked.some(({ key }) => key === field))
        ?? plan.steps.find((step) => step.asked.some(({ section }) => section === field))
}

/** Nothing of these is asked unless another answer calls for it. */
export function is_asked(fact: string, answers: Answers, plan: Plan): boolean {
    const status = text_at(answers, 'status')
    switch (fact) {
        case 'kind': return plan.type.kinds.length > 0
        case 'giver': return status === 'given' || status === 'refused' || status === 'withdrawn'
        case 'not_sought_reason': return status === 'not_sought'
        case 'named_agencies': return status === 'given' && (plan.type.kind === 'agreement' || text_at(answers, 'purpose') === 'request_service')
        case 'other_holder_objects':
        case 'child_and_parent_differ': return status === 'given' || status === 'refused'
        case 'con.sought_by':
        case 'con.form':
        case 'con.date': return status === 'given' || status === 'refused' || status === 'withdrawn'
        case 'idn.due_date': return text_at(answers, 'unborn') === 'yes'
        default: return true
    }
}

const asks_for: Record<string, string> = {
    kind: 'Choose which it is', role: 'Choose in which role you send this', harm: 'Say whether you suspect harm',
    level: 'Choose the level of need, or “Not known”', risk_grade: 'Choose the risk', purpose: 'Say what you ask for', status: 'Say what the family said',
    giver: 'Say who answered', not_sought_reason: 'Say why they were not asked', vital: 'Say whether life or serious injury is at stake now',
}

/** What is to be mended on this page before one goes on. While a life is at stake nothing is demanded that can wait. */
export function faults_of(step: Step, plan: Plan, answers: Answers, me: Me, now: Date): Record<string, string> {
    const wrong: Record<string, string> = {}
    const life = text_at(answers, 'vital') === 'yes'
    const need = (fact: string): void => {
        if (step.facts.includes(fact) && is_asked(fact, answers, plan) && !is_answered(answers, fact)) wrong[fact] = asks_for[fact] ?? 'Answer this'
    }
    if (plan.type.required_facts.includes('kind')) need('kind')
    if (roles_for(plan.type, text_at(answers, 'kind'), me).length > 1) need('role')
    need('vital')
    if (!life) for (const fact of ['harm', 'level', 'purpose', 'status', 'giver', 'not_sought_reason']) need(fact)
    if (step.id === 'happened') {
        const date = text_at(answers, 'when.date')
        const at = instant_of(`${date} ${text_at(answers, 'when.time')}`.trim())
        if (whole_date(date) === null) wrong['when.date'] = date === '' ? 'Enter when it happened, or when you heard of it' : 'Enter a real date, for example 5 4 2027'
        else if (text_at(answers, 'when.time') !== '' && clock(text_at(answers, 'when.time')) === null) wrong['when.time'] = 'Enter a time of 24 hours, for example 14:30'
        else if (at !== null && text_at(answers, 'when.time') !== '' && Date.parse(at) > now.getTime() + 300_000) wrong['when.time'] = 'This time is still to come'
        else if (at !== null && Date.parse(at) > now.getTime() + 86_400_000) wrong['when.date'] = 'This date is still to come'
        const what = step.asked.find(({ key }) => key === 'evt.what')
        if (what !== undefined && text_at(answers, 'evt.what') === '') wrong['evt.what'] = 'Say in a few words what happened'
    }
    if (step.id === 'voice' && plan.type.wants_voice && !life && text_at(answers, 'voi.words') === '' && text_at(answers, 'voi.reason_for_none') === '') {
        wrong['voi.words'] = 'Write what the child said, or choose why the child’s voice is missing'
    }
    for (const { key, field } of step.asked) {
        const text = text_at(answers, key)
        if (text === '' || wrong[key] !== undefined) continue
        if (field.kind === 'date' && iso_date(text) === null) wrong[key] = 'Enter a real date. Leave the boxes empty that you do not know, the day first'
        if (field.kind === 'instant' && instant_of(text) === null) wrong[key] = 'Enter a real date and a time of 24 hours'
    }
    return wrong
}
export const first_unfinished = (plan: Plan, answers: Answers, me: Me, now: Date): Step | undefined => plan.steps.find((step) => Object.keys(faults_of(step, plan, answers, me, now)).length > 0)

/** Where the agent says that something is wrong, among the fields of these pages. */
export function field_of_path(path: string): string {
    const parts = path.split('/').filter((part) => part !== '')
    const [head = '', second = '', third = ''] = parts
    if (head === 'sections') return third === '' ? second : `${second}.${third}`
    if (head === 'subject') return second === 'forename' ? 'idn.forenames' : second === 'postcode' ? 'adr.postcode' : second === 'school_urn' ? 'own_school' : second === 'unborn' ? 'unborn' : `idn.${second}`
    if (head === 'occurred_at') return 'when.date'
    if (head === 'agreement') return second === '' ? 'status' : second
    return head
}
