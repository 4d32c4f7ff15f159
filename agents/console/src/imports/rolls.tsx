// Lists of who works with which child that wait for a person, because they would end more than a tenth. Counts only: a list
// names nobody here.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { agency_name, role_title, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Button, ErrorSummary, Radios, TextArea, type FieldErrors, use_errors } from '../shared/form'
import { Failed, use_reading } from '../shared/reading'
import { time_words } from '../shared/time'
import { plain } from '../shared/words'

type Roll = Schemas['WaitingRoll']
const choices = [
    { value: 'yes', label: 'Yes, the list is right', hint: 'Those who are not on it any more are ended' },
    { value: 'no', label: 'No, drop it', hint: 'Everything stays as it was. Mend the list in your own system and give it again' },
]
const children = (count: number): string => (count === 1 ? '1 child' : `${count.toLocaleString('en-GB')} children`)

function Waiting(props: { roll: Roll; catalogue: Catalogue | null; on_done: (said: string) => Promise<void> }): JSX.Element {
    const { roll, catalogue } = props
    const [given, set_given] = useState({ confirm: '', reason: '' })
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const confirm_id = `confirm-${roll.id}`
    const reason_id = `reason-${roll.id}`
    const send = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (given.confirm === '') wrong[confirm_id] = 'Say whether the list is right'
        if (given.reason.trim() === '') wrong[reason_id] = 'Say how you know'
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await call('post', '/api/v1/rolls/{id}', { path: { id: roll.id }, body: { confirm: given.confirm === 'yes', reason: given.reason.trim() } })
            set_busy(false)
            if (answer.ok) return props.on_done(answer.body.confirm ? 'The list is taken in.' : 'The list is dropped. Everything stays as it was.')
            wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    return (
        <section class="desk-card">
            <h3 class="govuk-heading-m">{plain(roll.relation)}: {role_title(catalogue, roll.seat.role)}, {agency_name(catalogue, roll.seat.agency)}</h3>
            <p class="govuk-body">Waits since {roll.waits_since === null ? 'a while ago' : time_words(roll.waits_since, new Date())}. The list in force has {children(roll.held)}. With the new one:</p>
            <ul class="govuk-list govuk-list--bullet">
                <li><strong>{children(roll.would_end)} would end</strong>: your agency would no longer be told of them</li>
                <li>{children(roll.would_add)} would be added, {children(roll.would_keep)} would stay</li>
                {roll.unusable > 0 && <li>{roll.unusable} rows cannot be used: they have nothing by which a child could be recognised</li>}
            </ul>
            <form noValidate onSubmit={(event) => { event.preventDefault(); void send() }}>
                <ErrorSummary errors={errors} round={round} />
                <Radios id={confirm_id} legend="Is the new list right?" choices={choices} value={given.confirm} on_choose={(confirm) => set_given({ ...given, confirm })} error={errors[confirm_id]} />
                <TextArea id={reason_id} label="How do you know?" hint="For example: the year group left. It stays with your agency’s records." rows={3} value={given.reason} on_input={(reason) => set_given({ ...given, reason })} error={errors[reason_id]} />
                <Button type="submit" busy={busy}>Record the answer</Button>
            </form>
        </section>
    )
}

/** Whoever has none to look at is told what such lists are, and no more. */
export function WaitingRolls(): JSX.Element {
    const catalogue = use_catalogue()
    const { got, failure, again } = use_reading(() => call('get', '/api/v1/rolls'), 'rolls')
    const [said, set_said] = useState('')
    const done = async (words: string): Promise<void> => {
        await again()
        set_said(words)
        document.getElementById('main')?.focus()
    }
    return (
        <>
            <h2 class="govuk-heading-m">Lists of children</h2>
            <div role="status">{said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body"><strong>{said}</strong></p></div>}</div>
            <p class="govuk-body">Your systems give lists of children, so that your agency is told of those it works with. A list that would end more than a tenth waits for a person: a file that was cut short would else silence you.</p>
            <Failed failure={failure} />
            {got !== null && got.rolls.length === 0 && <p class="govuk-body">No list waits.</p>}
            {got?.rolls.map((roll) => <Waiting key={roll.id} roll={roll} catalogue={catalogue} on_done={done} />)}
        </>
    )
}
