// Form parts after the GOV.UK Design System: an error stands at its field and in the summary on top, which takes the focus.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

export type FieldErrors = Record<string, string>

/** What is wrong with a form. `show` moves to the summary each time, also when it is the same fault as before; `clear` does not. */
export function use_errors(first: FieldErrors | (() => FieldErrors) = {}): { errors: FieldErrors; round: number; show: (wrong: FieldErrors) => void; clear: () => void } {
    const [errors, set_errors] = useState<FieldErrors>(first)
    const [round, set_round] = useState(0)
    const show = (wrong: FieldErrors): void => {
        set_errors(wrong)
        set_round((n) => n + 1)
    }
    return { errors, round, show, clear: () => set_errors({}) }
}

export function ErrorSummary(props: { errors: FieldErrors; round: number }): JSX.Element | null {
    const box = useRef<HTMLDivElement>(null)
    const entries = Object.entries(props.errors)
    useEffect(() => box.current?.focus(), [props.round, entries.length])
    if (entries.length === 0) return null
    return (
        <div class="govuk-error-summary" tabIndex={-1} ref={box} role="alert">
            <h2 class="govuk-error-summary__title">There is a problem</h2>
            <div class="govuk-error-summary__body">
                <ul class="govuk-list govuk-error-summary__list">
                    {entries.map(([field, message]) => (
                        <li key={field}>
                            {field.startsWith('_') ? <span class="desk-error-words">{message}</span> : (
                                <a
                                    href={`#${field}`}
                                    onClick={(event) => {
                                        event.preventDefault()
                                        document.getElementById(field)?.focus()
                                    }}
                                >
                                    {message}
                                </a>
                            )}
                        </li>
                    ))}
                </ul>
            </div>
        </div>
    )
}

type FieldProps = {
    id: string
    label: string
    hint?: ComponentChildren
    error?: string | undefined
    value: string
    on_input: (value: string) => void
}
function Framed(props: Omit<FieldProps, 'value' | 'on_input'> & { children: ComponentChildren }): JSX.Element {
    return (
        <div class={`govuk-form-group${props.error === undefined ? '' : ' govuk-form-group--error'}`}>
            <label class="govuk-label govuk-label--s" for={props.id}>{props.label}</label>
            {props.hint !== undefined && <div id={`${props.id}-hint`} class="govuk-hint">{props.hint}</div>}
            {props.error !== undefined && (
                <p id={`${props.id}-error`} class="govuk-error-message">
                    <span class="govuk-visually-hidden">Error:</span> {props.error}
                </p>
            )}
            {props.children}
        </div>
    )
}
function described(props: { id: string; hint?: unknown; error?: string | undefined }): string | undefined {
    const by = [props.hint === undefined ? '' : `${props.id}-hint`, props.error === undefined ? '' : `${props.id}-error`].filter((id) => id !== '')
    return by.length === 0 ? undefined : by.join(' ')
}

export function Field(props: FieldProps & { type?: 'text' | 'password'; autocomplete?: string; numeric?: boolean; width?: string }): JSX.Element {
    return (
        <Framed {...props}>
            <input
                class={`govuk-input ${props.width ?? ''} ${props.error === undefined ? '' : 'govuk-input--error'}`}
                id={props.id}
                name={props.id}
                type={props.type ?? 'text'}
                value={props.value}
                autocomplete={props.autocomplete ?? 'off'}
                spellcheck={false}
                autocapitalize="none"
                inputMode={props.numeric ? 'numeric' : undefined}
                aria-describedby={described(props)}
                onInput={(event) => props.on_input(event.currentTarget.value)}
            />
        </Framed>
    )
}
export function TextArea(props: FieldProps & { rows?: number; max?: number }): JSX.Element {
    return (
        <Framed {...props}>
            <textarea
                class={`govuk-textarea ${props.error === undefined ? '' : 'govuk-textarea--error'}`}
                id={props.id}
                name={props.id}
                rows={props.rows ?? 4}
                maxLength={props.max ?? 4096}
                aria-describedby={described(props)}
                value={props.value}
                onInput={(event) => props.on_input(event.currentTarget.value)}
            />
        </Framed>
    )
}
export function Radios(props: {
    id: string
    legend: string
    hint?: string
    error?: string | undefined
    value: string
    choices: { value: string; label: string; hint?: string }[]
    on_choose: (value: string) => void
}): JSX.Element {
    return (
        <div class={`govuk-form-group${props.error === undefined ? '' : ' govuk-form-group--error'}`}>
            <fieldset class="govuk-fieldset" aria-describedby={described(props)}>
                <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{props.legend}</legend>
                {props.hint !== undefined && <div id={`${props.id}-hint`} class="govuk-hint">{props.hint}</div>}
                {props.error !== undefined && (
                    <p id={`${props.id}-error`} class="govuk-error-message">
                        <span class="govuk-visually-hidden">Error:</span> {props.error}
                    </p>
                )}
                <div class="govuk-radios govuk-radios--small">
                    {props.choices.map((choice, at) => (
                        <div class="govuk-radios__item" key={choice.value}>
                            <input
                                class="govuk-radios__input"
                                id={at === 0 ? props.id : `${props.id}-${choice.value}`}
                                name={props.id}
                                type="radio"
                                value={choice.value}
                                checked={props.value === choice.value}
                                aria-describedby={choice.hint === undefined ? undefined : `${props.id}-${choice.value}-hint`}
                                onChange={() => props.on_choose(choice.value)}
                            />
                            <label class="govuk-label govuk-radios__label" for={at === 0 ? props.id : `${props.id}-${choice.value}`}>{choice.label}</label>
                            {choice.hint !== undefined && (
                                <div id={`${props.id}-${choice.value}-hint`} class="govuk-hint govuk-radios__hint">{choice.hint}</div>
                            )}
                        </div>
                    ))}
                </div>
            </fieldset>
        </div>
    )
}
export function Button(props: {
    children: ComponentChildren
    on_press?: () => void
    kind?: 'secondary' | 'warning'
    type?: 'submit' | 'button'
    busy?: boolean
}): JSX.Element {
    return (
        <button
            type={props.type ?? 'button'}
            class={`govuk-button ${props.kind === undefined ? '' : `govuk-button--${props.kind}`}`}
            aria-disabled={props.busy ? 'true' : undefined}
            onClick={props.on_press === undefined ? undefined : () => !props.busy && props.on_press?.()}
        >
            {props.children}
        </button>
    )
}
export function Explain(props: { what: string; children: ComponentChildren }): JSX.Element {
    return (
        <details class="govuk-details">
            <summary class="govuk-details__summary"><span class="govuk-details__summary-text">{props.what}</span></summary>
            <div class="govuk-details__text">{props.children}</div>
        </details>
    )
}
