// Codes in words. Titles of notifications, deadlines and reasons come from the agent; these are the names of sections and
// fields (deploy/policy/catalogue.toml) and of codes that an answer carries bare. A code that is not here is shown as it is.
const sections: Record<string, string> = {
    idn: 'The child', div: 'Characteristics', adr: 'Home address', plc: 'Placement address', saf: 'Protected address',
    loc: 'Where the child was seen or found', evt: 'What happened', nar: 'The concern', voi: 'What the child says', rsk: 'Risk',
    leg: 'Legal status', hhd: 'Household and adults', sib: 'Other children', alg: 'Person of concern', int: 'Police intelligence',
    op: 'Live police operation', hlt: 'Health', hsn: 'Sensitive health', edu: 'Education', pro: 'Who works with the child',
    rfr: 'Who referred', pln: 'Plan and actions', sfc: 'Safe contact', con: 'What the family agreed to', chr: 'Chronology',
    req: 'What is asked', out: 'Outcome', att: 'Attachments',
}
const fields: Record<string, string> = {
    what: 'What', date: 'Date', forenames: 'First names', surname: 'Last name', known_as: 'Known as', date_of_birth: 'Date of birth',
    nhs_number: 'NHS number', upn: 'Pupil number (UPN)', words: 'In the child’s words', heard_by: 'Heard by',
    who_was_present: 'Who else was there', reason_for_none: 'Why there are no words', rag: 'Red, amber or green (RAG)',
    dash_band: 'Domestic abuse checklist (DASH) band', safe_numbers: 'Numbers that are safe to call',
    who_must_not_be_told: 'Who must not be told', no_letters: 'No letters', note: 'Note', whom_to_ring: 'Whom to ring',
    send: 'Special educational needs (SEND)', short: 'In short', statements: 'Facts and opinions', local_ids: 'Other references',
    scale: 'Scale from 0 (worst) to 10', child_present: 'Was the child there?', grade: 'Grade',
}
const codes: Record<string, string> = {
    too_young: 'Too young', unborn: 'Not born yet', not_seen: 'Not seen', unsafe_to_ask: 'It was not safe to ask', declined: 'Declined',
    communication_support_awaited: 'Waiting for help with communication',
    none_apparent: 'No apparent risk', low: 'Low', medium: 'Medium', high: 'High', yes: 'Yes', no: 'No', unknown: 'Not known',
}
const urgencies: Record<string, string> = {
    U1: '15 minutes', U2: '1 hour', U3: '4 working hours', U4: 'Next working day', U5: '3 working days',
}
const task_kinds: Record<string, string> = {
    held: 'A person has to decide', not_connected: 'Tell somebody who is not connected', pass_on: 'Decide whether to pass it on',
    both_conflicted: 'Nobody there may receive this', not_sent: 'Another agency decided not to send something',
    possible_match: 'Is it the same child?',
    review: 'A life was at stake and it was shared at once: review it',
    unknown_person: 'A conflict of interest names somebody who opens nothing',
    lapsed: 'A child left a list and nobody has claimed them since',
    severed: 'An identity was severed: ask the adoption team whether they meant to',
}
export function plain(code: string): string {
    const words = code.replace(/[_-]+/g, ' ')
    return words.charAt(0).toUpperCase() + words.slice(1)
}
export const section_of = (view: string): string => view.split('.')[0] ?? view
const marks: Record<string, string> = { floor: 'Rules not in force', incomplete: 'Something is missing', unmatched: 'Child not identified' }
export const section_title = (view: string): string => sections[section_of(view)] ?? plain(view)
export const field_title = (field: string): string => fields[field] ?? plain(field)
export const code_words = (value: string): string => codes[value] ?? value
export const urgency_words = (urgency: string): string => urgencies[urgency] ?? urgency
export const mark_words = (code: string): string => marks[code] ?? plain(code)
export const task_words = (kind: string): string => task_kinds[kind] ?? plain(kind)

/** The child's own words come first, then who it is, what happened and how sure; what is left keeps its order. */
const order = ['voi', 'idn', 'evt', 'rsk', 'loc', 'nar', 'hlt', 'leg', 'req', 'out', 'pln', 'pro']
export function in_reading_order(views: string[]): string[] {
    const place = (view: string): number => {
        const at = order.indexOf(section_of(view))
        return at < 0 ? order.length : at
    }
    return views.filter((view) => section_of(view) !== 'sfc').sort((a, b) => place(a) - place(b))
}
