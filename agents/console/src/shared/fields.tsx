// More form parts after the GOV.UK Design System: a choice from many, a choice of several, a day, a moment.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Field } from './form'
import { uk_instant } from './time'

export type Choice = { value: string; label: string }

export function Select(props: { id: string; label: string; value: string; choices: Choice[]; on_choose: (value: string) => void; error?: string | undefined }): JSX.Element {
    return (
        <div class={`govuk-form-group${props.error === undefined ? '' : ' govuk-form-group--error'}`}>
            <label class="govuk-label govuk-label--s" for={props.id}>{props.label}</label>
            {props.error !== undefined && <p id={`${props.id}-error`} class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {props.error}</p>}
            <select
                class="govuk-select desk-select"
                id={props.id}
                value={props.value}
                aria-describedby={props.error === undefined ? undefined : `${props.id}-error`}
                onChange={(event) => props.on_choose(event.currentTarget.value)}
            >
                {props.choices.map((choice) => <option key={choice.value} value={choice.value}>{choice.label}</option>)}
            </select>
        </div>
    )
}

export function Checkboxes(props: {
    id: string
    legend: string
    hint?: string
    error?: string | undefined
    chosen: string[]
    choices: (Choice & { hint?: string })[]
    on_change: (chosen: string[]) => void
}): JSX.Element {
    const described = [props.hint === undefined ? '' : `${props.id}-hint`, props.error === undefined ? '' : `${props.id}-error`].filter((id) => id !== '').join(' ')
    return (
        <div class={`govuk-form-group${props.error === undefined ? '' : ' govuk-form-group--error'}`}>
            <fieldset class="govuk-fieldset" aria-describedby={described === '' ? undefined : described}>
                <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{props.legend}</legend>
                {props.hint !== undefined && <div id={`${props.id}-hint`} class="govuk-hint">{props.hint}</div>}
                {props.error !== undefined && <p id={`${props.id}-error`} class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {props.error}</p>}
                <div class="govuk-checkboxes govuk-checkboxes--small">
                    {props.choices.map((choice, at) => {
                        const id = at === 0 ? props.id : `${props.id}-${choice.value.replace(/[^a-z0-9]+/gi, '-')}`
                        return (
                            <div class="govuk-checkboxes__item" key={choice.value}>
                                <input
                                    class="govuk-checkboxes__input"
                                    id={id}
                                    type="checkbox"
                                    checked={props.chosen.includes(choice.value)}
                                    aria-describedby={choice.hint === undefined ? undefined : `${id}-item-hint`}
                                    onChange={(event) => props.on_change(event.currentTarget.checked ? [...props.chosen, choice.value] : props.chosen.filter((one) => one !== choice.value))}
                                />
                                <label class="govuk-label govuk-checkboxes__label" for={id}>{choice.label}</label>
                                {choice.hint !== undefined && <div id={`${id}-item-hint`} class="govuk-hint govuk-checkboxes__hint">{choice.hint}</div>}
                            </div>
                        )
                    })}
                </div>
            </fieldset>
        </div>
    )
}

const two = (digits: string): string => digits.padStart(2, '0')
/** What was typed as a date of a record; "" for nothing; as it was typed where that is no day. */
export function day_from(day: string, month: string, year: string): string {
    if (`${day}${month}${year}`.trim() === '') return ''
    const text = `${year.trim()}-${two(month.trim())}-${two(day.trim())}`
    const at = new Date(`${text}T00:00:00Z`)
    const is_day = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
    return is_day ? text : `${day} ${month} ${year}`.trim()
}
/** Day, month and year in three fields, as the design system asks for. `on_input` gets 2013-04-05, or what was typed. */
export function DayField(props: { id: string; label: string; hint?: string | undefined; value: string; on_input: (value: string) => void; error?: string | undefined }): JSX.Element {
    const whole = /^(\d{4})-(\d{2})-(\d{2})$/.exec(props.value)
    const [typed, set_typed] = useState({ day: whole?.[3] ?? '', month: whole?.[2] ?? '', year: whole?.[1] ?? '' })
    const change = (part: Partial<typeof typed>): void => {
        const next = { ...typed, ...part }
        set_typed(next)
        props.on_input(day_from(next.day, next.month, next.year))
    }
    const described = [props.hint === undefined ? '' : `${props.id}-hint`, props.error === undefined ? '' : `${props.id}-error`].filter((id) => id !== '').join(' ')
    const parts = [['day', 'Day', '2'], ['month', 'Month', '2'], ['year', 'Year', '4']] as const
    return (
        <div class={`govuk-form-group${props.error === undefined ? '' : ' govuk-form-group--error'}`}>
            <fieldset class="govuk-fieldset" role="group" aria-describedby={described === '' ? undefined : described}>
                <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{props.label}</legend>
                {props.hint !== undefined && <div id={`${props.id}-hint`} class="govuk-hint">{props.hint}</div>}
                {props.error !== undefined && <p id={`${props.id}-error`} class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {props.error}</p>}
                <div class="govuk-date-input">
                    {parts.map(([part, label, width], at) => (
                        <div class="govuk-date-input__item" key={part}>
                            <label class="govuk-label govuk-date-input__label" for={at === 0 ? props.id : `${props.id}-${part}`}>{label}</label>
                            <input
                                class={`govuk-input govuk-date-input__input govuk-input--width-${width}`}
                                id={at === 0 ? props.id : `${props.id}-${part}`}
                                inputMode="numeric"
                                autocomplete="off"
                                value={typed[part]}
                                onInput={(event) => change({ [part]: event.currentTarget.value })}
                            />
                        </div>
                    ))}
                </div>
            </fieldset>
        </div>
    )
}

/** UK local time of a day, as the instant that it is; "" for nothing; as it was typed where it is none. */
export function instant_from(day: string, time: string): string {
    const clock = /^(\d{1,2})[:.](\d{2})$/.exec(time.trim())
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || clock === null || Number(clock[1]) > 23 || Number(clock[2]) > 59) return `${day} ${time}`.trim()
    return uk_instant(day, `${two(clock[1] ?? '')}:${clock[2] ?? ''}`)
}
/** `on_input` gets an instant, or what was typed. */
export function MomentField(props: { id: string; label: string; hint?: string | undefined; value: string; on_input: (value: string) => void; error?: string | undefined }): JSX.Element {
    const local = Number.isNaN(Date.parse(props.value)) ? '' : new Date(props.value).toLocaleString('sv-SE', { timeZone: 'Europe/London' })
    const [typed, set_typed] = useState({ day: local.slice(0, 10), time: local.slice(11, 16) })
    const change = (part: Partial<typeof typed>): void => {
        const next = { ...typed, ...part }
        set_typed(next)
        props.on_input(instant_from(next.day, next.time))
    }
    return (
        <>
            <DayField id={props.id} label={props.label} hint={props.hint} value={typed.day} on_input={(day) => change({ day })} error={props.error} />
            <Field id={`${props.id}-time`} label={`${props.label.replace(/\?$/, "")}: time of day`} hint="For example 16:30" width="govuk-input--width-5" value={typed.time} on_input={(time) => change({ time })} />
        </>
    )
}
