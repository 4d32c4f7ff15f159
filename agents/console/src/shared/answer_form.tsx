// An answer to what waits for a person, with its reason; who it is is shown once more where that is demanded.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Answer, Failure } from './api'
import { use_confirmation } from './confirm'
import { Button, ErrorSummary, Radios, TextArea, type FieldErrors, use_errors } from './form'

export function AnswerForm(props: {
    id: string
    legend: string
    choices: { value: string; label: string; hint?: string }[]
    reason_hint: string
    send: (choice: string, reason: string) => Promise<Answer<unknown>>
    on_done: (choice: string) => Promise<void>
    /** For which choice whoever gives it shows once more who it is. */
    confirms?: (choice: string) => boolean
    /** In place of the agent's words. */
    says?: (failure: Failure) => string
}): JSX.Element {
    const [given, set_given] = useState({ choice: '', reason: '' })
    const confirmation = use_confirmation(props.id, given.choice !== '' && props.confirms?.(given.choice) === true)
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const name = (field: string): string => `${field}-${props.id}`
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (given.choice === '') wrong[name('choice')] = 'Choose one'
        if (given.reason.trim() === '') wrong[name('reason')] = 'Say why'
        confirmation.check(wrong)
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await confirmation.send(() => props.send(given.choice, given.reason.trim()))
            set_busy(false)
            if (answer.ok) return props.on_done(given.choice)
            wrong._agent = props.says?.(answer) ?? `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    return (
        <form noValidate class="desk-no-print" onSubmit={(event) => { event.preventDefault(); void submit() }}>
            <ErrorSummary errors={errors} round={round} />
            <Radios id={name('choice')} legend={props.legend} value={given.choice} choices={props.choices} on_choose={(choice) => set_given({ ...given, choice })} error={errors[name('choice')]} />
            <TextArea id={name('reason')} label="Why?" hint={props.reason_hint} rows={3} value={given.reason} on_input={(reason) => set_given({ ...given, reason })} error={errors[name('reason')]} />
            {confirmation.fields(errors)}
            <Button type="submit" busy={busy}>Record the answer</Button>
        </form>
    )
}
