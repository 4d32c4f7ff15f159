// One question of the catalogue as a form field, by its kind. Titles, hints and choices are the catalogue's.
import type { ComponentChildren, JSX } from 'preact'
import { Checkboxes, type Choice } from '../shared/fields'
import { Field, Radios, TextArea } from '../shared/form'
import { date_parts, date_text, list_at, text_at, type Answers } from './answers'
import type { Asked } from './layout'

/** What is pasted is never cut in silence: the agent says what is too long, and how much may stay. */
const no_limit_here = 1_000_000
export type Change = (field: string, value: string | string[]) => void
type Common = { answers: Answers; change: Change; errors: Record<string, string> }

function Wrong(props: { id: string; words: string | undefined }): JSX.Element | null {
    if (props.words === undefined) return null
    return <p id={`${props.id}-error`} class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {props.words}</p>
}
function Set(props: { id: string; legend: string; hint?: ComponentChildren; error: string | undefined; children: ComponentChildren }): JSX.Element {
    const described = [props.hint === undefined ? '' : `${props.id}-hint`, props.error === undefined ? '' : `${props.id}-error`].filter((id) => id !== '').join(' ')
    return (
        <div class={`govuk-form-group${props.error === undefined ? '' : ' govuk-form-group--error'}`}>
            <fieldset class="govuk-fieldset" aria-describedby={described === '' ? undefined : described}>
                <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{props.legend}</legend>
                {props.hint !== undefined && <div id={`${props.id}-hint`} class="govuk-hint">{props.hint}</div>}
                <Wrong id={props.id} words={props.error} />
                {props.children}
            </fieldset>
        </div>
    )
}

/** Day, month and year in boxes of their own, as people write them. */
export function DateBoxes(props: Common & { id: string; legend: string; hint?: ComponentChildren }): JSX.Element {
    const [date = '', time = ''] = text_at(props.answers, props.id).split(' ')
    const parts = date_parts(date)
    const error = props.errors[props.id]
    const put = (part: keyof typeof parts, value: string): void => {
        const next = date_text({ ...parts, [part]: value.replace(/[/ ]/g, '') })
        props.change(props.id, time === '' ? next : `${next} ${time}`)
    }
    const box = (part: keyof typeof parts, label: string, width: number): JSX.Element => (
        <div class="govuk-date-input__item">
            <div class="govuk-form-group">
                <label class="govuk-label govuk-date-input__label" for={part === 'day' ? props.id : `${props.id}-${part}`}>{label}</label>
                <input
                    class={`govuk-input govuk-date-input__input govuk-input--width-${width} ${error === undefined ? '' : 'govuk-input--error'}`}
                    id={part === 'day' ? props.id : `${props.id}-${part}`}
                    type="text"
                    inputMode="numeric"
                    autocomplete="off"
                    maxLength={4}
                    value={parts[part]}
                    onInput={(event) => put(part, event.currentTarget.value)}
                />
            </div>
        </div>
    )
    return (
        <Set id={props.id} legend={props.legend} hint={props.hint} error={error}>
            <div class="govuk-date-input">{box('day', 'Day', 2)}{box('month', 'Month', 2)}{box('year', 'Year', 4)}</div>
        </Set>
    )
}

export function Checks(props: Common & { id: string; legend: string; hint?: string; choices: Choice[] }): JSX.Element {
    return <Checkboxes id={props.id} legend={props.legend} hint={props.hint} error={props.errors[props.id]} chosen={list_at(props.answers, props.id)} choices={props.choices} on_change={(chosen) => props.change(props.id, chosen)} />
}

export function Choose(props: Common & { id: string; legend: string; hint?: string; choices: { value: string; label: string; hint?: string }[] }): JSX.Element {
    return (
        <Radios id={props.id} legend={props.legend} hint={props.hint} error={props.errors[props.id]} value={text_at(props.answers, props.id)} choices={props.choices} on_choose={(value) => props.change(props.id, value)} />
    )
}

const yes_no = [{ value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }]
/** `optional` is said where most of the page is asked for; where nothing is, the page says so once. */
export function Question(props: Common & { asked: Asked; optional?: boolean; label?: string; hint?: string; rows?: number }): JSX.Element {
    const { key, field } = props.asked
    const title = `${props.label ?? field.title}${props.optional ? ' (optional)' : ''}`
    const hint = props.hint ?? (field.hint === '' ? undefined : field.hint)
    const common = { answers: props.answers, change: props.change, errors: props.errors }
    const raw = props.answers[key]
    const typed = typeof raw === 'string' ? raw : ''
    const put = (value: string): void => props.change(key, value)
    switch (field.kind) {
        case 'date': return <DateBoxes {...common} id={key} legend={title} hint={key === 'idn.date_of_birth' ? 'For example, 5 4 2013. As much of it as you know' : 'For example, 5 4 2027'} />
        case 'yes_no': return <Choose {...common} id={key} legend={title} hint={hint} choices={yes_no} />
        case 'choice': return <Choose {...common} id={key} legend={title} hint={hint} choices={field.choices.map(({ code, title: label }) => ({ value: code, label }))} />
        case 'list': return (
            <TextArea id={key} label={title} hint={`${hint === undefined ? '' : `${hint}. `}One on each line`} max={no_limit_here} rows={props.rows ?? 3} error={props.errors[key]} value={list_at(props.answers, key).join('\n')} on_input={(value) => props.change(key, value === '' ? [] : value.split('\n'))} />
        )
        case 'instant': {
            const [date = '', time = ''] = typed.split(' ')
            return (
                <>
                    <DateBoxes {...common} id={key} legend={title} hint={hint ?? 'Date, for example 5 4 2027'} />
                    <Field id={`${key}-time`} label={`${title}: time`} hint="24 hours, for example 14:30" width="govuk-input--width-5" value={time} on_input={(value) => put(`${date} ${value.replace(/\s/g, '')}`.trim())} />
                </>
            )
        }
        case 'long_text': return <TextArea id={key} label={title} hint={hint} max={no_limit_here} rows={props.rows ?? 4} error={props.errors[key]} value={typed} on_input={put} />
        default: return <Field id={key} label={title} hint={hint} error={props.errors[key]} value={typed} on_input={put} width={/number|postcode|upn|telephone/.test(field.field) ? 'govuk-input--width-10' : undefined} />
    }
}
