// The fields of one section of the catalogue, to be typed. Which sections and fields there are, and their words, come from the
// agent: a new one needs no change here.
import type { JSX } from 'preact'
import type { Schemas } from './api'
import { DayField, MomentField, Select } from './fields'
import { Field, TextArea, type FieldErrors } from './form'

export type SectionValues = Record<string, unknown>
export const field_id = (section: string, field: string): string => `${section}-${field}`
/** Without what was left empty: absent and empty are the same to the agent. */
export function without_empty(values: SectionValues): SectionValues {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== undefined && !(Array.isArray(value) && value.length === 0)))
}
const text_of = (value: unknown): string => (typeof value === 'string' ? value : '')
const lines_of = (value: unknown): string => (Array.isArray(value) ? value.map(String).join('\n') : '')

export function SectionForm(props: {
    section: Schemas['CatalogueSection']
    values: SectionValues
    /** Only these, where the page needs no more. */
    fields?: string[]
    errors: FieldErrors
    on_change: (values: SectionValues) => void
}): JSX.Element {
    const shown = props.section.fields.filter(({ field }) => props.fields?.includes(field) ?? true)
    return (
        <>
            {shown.map((one) => {
                const id = field_id(props.section.section, one.field)
                const value = props.values[one.field]
                const set = (next: unknown): void => props.on_change({ ...props.values, [one.field]: next })
                const common = { id, label: one.title, hint: one.hint === '' ? undefined : one.hint, error: props.errors[id] }
                switch (one.kind) {
                    case 'long_text': return <TextArea key={id} {...common} value={text_of(value)} on_input={set} />
                    case 'date': return <DayField key={id} {...common} value={text_of(value)} on_input={set} />
                    case 'instant': return <MomentField key={id} {...common} value={text_of(value)} on_input={set} />
                    case 'yes_no': return <Select key={id} {...common} value={value === true ? 'yes' : value === false ? 'no' : ''} choices={[{ value: '', label: 'Not known' }, { value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }]} on_choose={(next) => set(next === '' ? undefined : next === 'yes')} />
                    case 'choice': return <Select key={id} {...common} value={text_of(value)} choices={[{ value: '', label: 'Not known' }, ...one.choices.map(({ code, title }) => ({ value: code, label: title }))]} on_choose={set} />
                    case 'list': return <TextArea key={id} {...common} hint={`${one.hint === '' ? '' : `${one.hint} `}One on each line`} value={lines_of(value)} on_input={(next) => set(next.split('\n').filter((line) => line.trim() !== ''))} />
                    default: return <Field key={id} {...common} value={text_of(value)} on_input={set} />
                }
            })}
        </>
    )
}
