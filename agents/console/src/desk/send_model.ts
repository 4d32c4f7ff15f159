// Something that is sent about the child of an opened alert, without the page: what the form starts with, and the notification
// that comes of it.
import type { Schemas } from '../shared/api'
import type { Catalogue } from '../shared/catalogue'
import { field_id, without_empty, type SectionValues } from '../shared/section_form'
import { roles_for, passed_on, type How } from './steps'
import { section_fields } from './opened_last'

export type Item = Schemas['ReceivedItem']
export type CatalogueType = Catalogue['types'][number]
type Notification = Schemas['Notification']
/** Facts that rules look at, as codes; "" for not said. */
export const fact_names = ['level', 'harm', 'purpose', 'rag', 'risk_grade'] as const
export type FactName = (typeof fact_names)[number]
export type Draft = {
    /** Given once: sent twice by mistake it stays one notification. */
    source_ref: string
    occurred_at: string
    how: How
    type: string
    kind: string
    role: string
    facts: Record<FactName, string>
    agreement: { status: string; giver: string; not_sought_reason: string }
    /** agency/role */
    addressed: string[]
    /** Section codes that go with it, and what they say. */
    chosen: string[]
    sections: Record<string, SectionValues>
}

/** The agent takes child and thread from the item itself, for these types and in the role that the item came to. */
export function is_about(item: Item, type: string, how: How): boolean {
    return how === 'new' && ((item.may_send_about?.includes(type) ?? false))
}

/** Of what was read, the plain values that a form can show and change. */
function plain_values(fields: SectionValues | undefined): SectionValues {
    const is_plain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'boolean' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => is_plain(value)))
}
/** Sections of this type that a page may fill: what needs two people's release, or never travels, is not among them. */
export function offered(catalogue: Catalogue, type: CatalogueType, item: Item, how: How): Catalogue['sections'] {
    const codes = new Set([...type.sections.map(({ section }) => section), 'sfc'])
    // Who the child is, the agent says itself.
    if (is_about(item, type.type, how)) codes.delete('idn')
    return catalogue.sections.filter((one) => codes.has(one.section) && one.travels && !one.needs_release && one.section !== 'att')
}
/** Copied from the alert into the form: who the child is, their own words, and how to contact them safely. */
export const copied = ['idn', 'voi', 'sfc']

export function send_roles(catalogue: Catalogue, type: CatalogueType, how: How, item: Item, my_roles: string[]): string[] {
    const { day, night } = catalogue.front_door
    if (how === 'pass-on') return my_roles.filter((role) => role === day || role === night)
    return is_about(item, type.type, how) ? [item.seat.role] : roles_for(type, my_roles)
}
export function new_draft(catalogue: Catalogue, type: CatalogueType, how: How, item: Item, my_roles: string[], random: string, now: string): Draft {
    const { day, night, open } = catalogue.front_door
    const roles = send_roles(catalogue, type, how, item, my_roles)
    const at_the_door = open ? day : night
    const sections: Record<string, SectionValues> = {}
    const chosen: string[] = []
    const needed = new Set(type.sections.filter((one) => one.needed).map(({ section }) => section))
    for (const { section } of offered(catalogue, type, item, how)) {
        const given = section_fields(item, section)
        if (how === 'pass-on') {
            if (given === undefined) continue
            sections[section] = given
            chosen.push(section)
        } else {
            if (!copied.includes(section) && !needed.has(section)) continue
            sections[section] = copied.includes(section) ? plain_values(given) : {}
            if (needed.has(section) || (section !== 'voi' && given !== undefined)) chosen.push(section)
        }
    }
    const agency = catalogue.agencies.find((one) => one.agency === item.sender)
    const sender_seat = agency?.roles.length === 1 ? `${agency.agency}/${agency.roles[0]}` : undefined
    return {
        source_ref: `desk:${random}`, occurred_at: how === 'pass-on' && item.occurred_at !== null ? item.occurred_at : now, how, type: type.type, kind: how === 'pass-on' ? item.kind : type.kinds.length === 1 ? type.kinds[0]?.kind ?? '' : '',
        role: roles.includes(at_the_door) ? at_the_door : roles[0] ?? '',
        facts: { level: '', harm: '', purpose: '', rag: '', risk_grade: '' },
        agreement: { status: '', giver: '', not_sought_reason: '' },
        addressed: type.type === 'referral_outcome' && sender_seat !== undefined ? [sender_seat] : [],
        chosen, sections,
    }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const subject_of = (child: SectionValues, item: Item): Notification['subject'] => ({
    nhs_number: text(child.nhs_number), upn: text(child.upn), forename: text(child.forenames), surname: text(child.surname),
    date_of_birth: text(child.date_of_birth), postcode: text(section_fields(item, 'adr')?.postcode),
})
const is_said = (value: string): boolean => value !== ''
export function notification_of(draft: Draft, item: Item, agency: string): Notification {
    const about = is_about(item, draft.type, draft.how)
    const child = draft.sections.idn ?? section_fields(item, 'idn') ?? {}
    const sections = Object.fromEntries(draft.chosen.map((section) => [section, without_empty(draft.sections[section] ?? {})]).filter(([, values]) => Object.keys(values as SectionValues).length > 0)) as Record<string, SectionValues>
    const facts = Object.fromEntries(Object.entries(draft.facts).filter(([, value]) => is_said(value)))
    const agreement = Object.fromEntries(Object.entries(draft.agreement).filter(([, value]) => is_said(value)))
    return {
        source_ref: draft.source_ref, agency, role: draft.role, type: draft.type, ...(draft.kind === '' ? {} : { kind: draft.kind }),
        // Everything that this desk sends about one alert belongs together.
        ...(about ? { about: `${item.sender}/${item.id}` } : { thread_ref: `alert:${item.sender}/${item.id}`, subject: subject_of(child, item) }),
        occurred_at: draft.occurred_at,
        markers: draft.how === 'pass-on' ? [passed_on] : [],
        ...facts,
        ...(Object.keys(agreement).length === 0 ? {} : { agreement }),
        ...(draft.addressed.length === 0 ? {} : { addressed_to: draft.addressed.map((seat) => ({ agency: seat.split('/')[0] ?? '', role: seat.split('/')[1] ?? '' })) }),
        sections,
    } as Notification
}

/**
 * What this type cannot go without and was not said, and days that are none; by the id of its field. The agent asks for the
 * first in words for programs, and keeps a day as it was typed.
 */
export function wrong_with(draft: Draft, type: CatalogueType, sections: Catalogue['sections'], legends: Record<FactName, string>): Record<string, string> {
    const wrong: Record<string, string> = {}
    for (const name of fact_names) if (type.required_facts.includes(name) && draft.facts[name] === '') wrong[name] = `Answer “${legends[name]}”`
    if (type.required_facts.includes('status') && draft.agreement.status === '') wrong.status = 'Say what the family said, or that they were not asked'
    if (type.kinds.length > 1 && draft.kind === '') wrong.kind = 'Say which kind it is'
    for (const { section, fields } of sections) {
        if (!draft.chosen.includes(section)) continue
        for (const { field, kind, title } of fields) {
            const value = text(draft.sections[section]?.[field])
            if (kind === 'date' && value !== undefined && !/^\d{4}(-\d{2}(-\d{2})?)?$/.test(value)) wrong[field_id(section, field)] = `${title}: enter a day that there is, or leave it empty`
            if (kind === 'instant' && value !== undefined && !/^\d{4}-\d{2}-\d{2}T.*Z$/.test(value)) wrong[field_id(section, field)] = `${title}: enter a day and a time of day that there are, or leave both empty`
        }
    }
    return wrong
}

/** Where on the form the agent's fault belongs; "" for the top of the page alone. */
export function place_of(fault: Schemas['Fault']): string {
    const [, first = '', second = '', third = ''] = fault.path.split('/')
    if (first === 'sections' && third !== '') return field_id(second, third)
    if (first === 'sections') return `section-${second}`
    if (first === 'agreement') return second === '' ? 'status' : second
    return first === 'addressed_to' ? 'addressed' : first
}

/** One section serves a question and an invitation: what belongs to the other is not asked. */
const not_asked: Record<string, string[]> = {
    information_request: ['meeting_at', 'meeting_place', 'what_to_bring'],
    strategy_discussion_invite: ['answer_by'],
}
export const asked_fields = (type: string, section: Catalogue['sections'][number]): string[] => section.fields.map(({ field }) => field).filter((field) => not_asked[type]?.includes(field) !== true)
