// What somebody has answered so far, by field: "evt.what" of a section, "harm" of the notification itself. Text as it was
// typed; a list of lines or of ticked boxes as an array. Nothing here knows a type, a section or a code of the catalogue.
import type { FieldEntry } from '../shared/catalogue'
import { uk_instant } from '../shared/time'

export type Answers = Record<string, string | string[]>
/** What a correction puts right: the earlier notification, as its sender's agent gave it again. */
export type Corrects = { id: string; source_ref: string; type: string; kind: string }
export type DraftContent = {
    type: string
    answers: Answers
    corrects: Corrects | null
    /** Of a correction: what was said in a form that these pages do not show. It goes with it unchanged. */
    kept: Record<string, Record<string, unknown>>
    /** When it was first tried to be sent: the same draft sent again says the same, to the moment. */
    tried_at: string | null
}
export const empty_draft: DraftContent = { type: '', answers: {}, corrects: null, kept: {}, tried_at: null }

/** Another kind of message of what was already written; which sub-kind and in whose role is asked anew. */
export const as_type = (content: DraftContent, type: string): DraftContent =>
    ({ ...content, type, answers: Object.fromEntries(Object.entries(content.answers).filter(([field]) => field !== 'kind' && field !== 'role')) })

export const text_at = (answers: Answers, field: string): string => {
    const value = answers[field]
    return typeof value === 'string' ? value.trim() : ''
}
export const list_at = (answers: Answers, field: string): string[] => {
    const value = answers[field]
    return Array.isArray(value) ? value : []
}
export const is_answered = (answers: Answers, field: string): boolean => text_at(answers, field) !== '' || list_at(answers, field).length > 0

// A date as three boxes give it, "5/4/2013"; a part that is not known is left empty.
export function date_parts(text: string): { day: string; month: string; year: string } {
    const [day = '', month = '', year = ''] = text.split('/')
    return { day, month, year }
}
export function date_text(of: { day: string; month: string; year: string }): string {
    return of.day + of.month + of.year === '' ? '' : `${of.day}/${of.month}/${of.year}`
}
/** "2013-04-05", or "2013-04" or "2013" as far as it is known; null: there is no such date. */
export function iso_date(text: string): string | null {
    const { day, month, year } = date_parts(text)
    if (!/^\d{4}$/.test(year.trim())) return null
    if (month.trim() === '') return day.trim() === '' ? year.trim() : null
    const month_number = Number(month)
    if (!/^\d{1,2}$/.test(month.trim()) || month_number < 1 || month_number > 12) return null
    const head = `${year.trim()}-${String(month_number).padStart(2, '0')}`
    if (day.trim() === '') return head
    const day_number = Number(day)
    const last = new Date(Date.UTC(Number(year), month_number, 0)).getUTCDate()
    return /^\d{1,2}$/.test(day.trim()) && day_number >= 1 && day_number <= last ? `${head}-${String(day_number).padStart(2, '0')}` : null
}
export const whole_date = (text: string): string | null => {
    const date = iso_date(text)
    return date !== null && date.length === 10 ? date : null
}
/** Hours and minutes of a clock with 24 hours: "9:05", "0905", "9.05", "21:05". */
export function clock(text: string): string | null {
    const found = /^(\d{1,2})[:.]?(\d{2})$/.exec(text.trim())
    if (found === null || Number(found[1]) > 23 || Number(found[2]) > 59) return null
    return `${String(Number(found[1])).padStart(2, '0')}:${found[2]}`
}
/** Of "5/4/2013 9:05", in UK local time. Without a time of day: midday. */
export function instant_of(text: string): string | null {
    const [date = '', time = ''] = text.split(' ')
    const day = whole_date(date)
    const at = time === '' ? '12:00' : clock(time)
    return day === null || at === null ? null : uk_instant(day, at)
}

/** Of one field of a section, as the notification says it; undefined: nothing was answered, or it is not usable. */
export function field_value(field: FieldEntry, answers: Answers, key: string): unknown {
    const text = text_at(answers, key)
    switch (field.kind) {
        case 'list': {
            const lines = list_at(answers, key).map((line) => line.trim()).filter((line) => line !== '')
            return lines.length === 0 ? undefined : lines
        }
        case 'yes_no': return text === '' ? undefined : text === 'yes'
        case 'date': return text === '' ? undefined : iso_date(text) ?? undefined
        case 'instant': return text === '' ? undefined : instant_of(text) ?? undefined
        default: return text === '' ? undefined : text
    }
}
/** The other way round, for a correction; undefined: these pages cannot show it. */
export function answer_from(field: FieldEntry, value: unknown): string | string[] | undefined {
    if (field.kind === 'list') return Array.isArray(value) && value.every((one) => typeof one === 'string') ? (value as string[]) : undefined
    if (field.kind === 'yes_no') return typeof value === 'boolean' ? (value ? 'yes' : 'no') : undefined
    if (typeof value !== 'string') return undefined
    if (field.kind === 'date') {
        const found = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(value)
        return found === null ? undefined : `${found[3] ?? ''}/${found[2] ?? ''}/${found[1]}`
    }
    if (field.kind === 'instant') return undefined
    if (field.kind === 'choice') return field.choices.some(({ code }) => code === value) ? value : undefined
    return value
}
