// What somebody does with an opened alert: take it, hand it on, file it, decide it.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Answer, type Schemas } from '../shared/api'
import { choices_of, type Catalogue } from '../shared/catalogue'
import { Select } from '../shared/fields'
import { Button, ErrorSummary, Explain, Field, Radios, TextArea, type FieldErrors, use_errors } from '../shared/form'
import { session } from '../shared/session'
import { use_store } from '../shared/store'
import { Text } from '../shared/value'
import { outcomes_for } from './outcomes'

export type Item = Schemas['ReceivedItem']
type ActionProps = { item: Item; me: string; path: string; on_done: (said: string) => Promise<void> }

/** One thing at a time; what the agent says against it stands on top of the form. */
function use_action(): { errors: FieldErrors; round: number; busy: boolean; fail: (wrong: FieldErrors) => void; act: <T>(work: () => Promise<Answer<T>>, done: (got: T) => Promise<void>) => Promise<void> } {
    const { errors, round, show, clear } = use_errors()
    const [busy, set_busy] = useState(false)
    const fail = (wrong: FieldErrors): void => {
        show(wrong)
    }
    return {
        errors, round, busy, fail,
        act: async (work, done) => {
            if (busy) return
            set_busy(true)
            clear()
            const answer = await work()
            set_busy(false)
            if (answer.ok) await done(answer.body)
            else fail({ _agent: `${answer.message} ${answer.next}` })
        },
    }
}

export function Take(props: ActionProps): JSX.Element | null {
    const { item, me } = props
    const action = use_action()
    if (item.progress.taken_by !== null) return null
    const take = (): Promise<void> => action.act(
        () => call('post', '/api/v1/received/{id}/taken', { path: { id: props.path }, query: { inbox: item.inbox } }),
        // Two people may press at the same moment: whoever was first has it, and the other is told.
        ({ taken_by }) => props.on_done(taken_by === me ? 'You have taken this alert.' : 'A colleague took this alert before you. It is theirs.'),
    )
    return (
        <div class="desk-no-print govuk-!-margin-top-4">
            <ErrorSummary errors={action.errors} round={action.round} />
            <p class="govuk-body">If you take it, you become the named person. The sender and your colleagues see it, and the clock stops.</p>
            <Button busy={action.busy} on_press={() => void take()}>Take this alert</Button>
        </div>
    )
}

const nobody = '_nobody'
function HandOn(props: ActionProps): JSX.Element {
    const { item, me } = props
    const action = use_action()
    const [colleagues, set_colleagues] = useState<Schemas['Colleague'][] | null>(null)
    const [chosen, set_chosen] = useState('')
    useEffect(() => {
        void call('get', '/api/v1/colleagues', { query: { inbox: item.inbox } }).then((answer) => {
            if (answer.ok) set_colleagues(answer.body.colleagues)
        })
    }, [item.inbox])
    const choices = [
        { value: '', label: 'Choose a colleague' },
        ...(colleagues ?? []).filter(({ person }) => person !== item.assigned_to).map(({ person, name }) => ({ value: person, label: person === me ? 'Me' : name ?? person })),
        ...(item.assigned_to === null ? [] : [{ value: nobody, label: 'Nobody: back to the list for everybody' }]),
    ]
    const hand_on = async (): Promise<void> => {
        if (chosen === '') return action.fail({ colleague: 'Choose who is to have it' })
        const person = chosen === nobody ? null : chosen
        await action.act(
            () => call('post', '/api/v1/received/{id}/assigned', { path: { id: props.path }, query: { inbox: item.inbox }, body: { person } }),
            ({ assigned_to }) => {
                set_chosen('')
                return props.on_done(assigned_to === null ? 'It is on nobody’s desk now.' : assigned_to === me ? 'It is on your desk.' : `It is on the desk of ${colleagues?.find((one) => one.person === assigned_to)?.name ?? assigned_to}.`)
            },
        )
    }
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); void hand_on() }}>
            <h2 class="govuk-heading-m">Hand it on</h2>
            <ErrorSummary errors={action.errors} round={action.round} />
            <p class="govuk-body">It moves to their desk. Who took it stays as it was; whoever has to act takes it. The sender is not told how you share your work.</p>
            <Select id="colleague" label="Colleague" value={chosen} choices={choices} on_choose={set_chosen} error={action.errors.colleague} />
            <Button type="submit" kind="secondary" busy={action.busy}>Hand it on</Button>
        </form>
    )
}

function CaseNumber(props: ActionProps): JSX.Element {
    const { item } = props
    const action = use_action()
    const [number, set_number] = useState(item.case_number ?? '')
    const file = (): Promise<void> => action.act(
        () => call('post', '/api/v1/received/{id}/case-number', { path: { id: props.path }, query: { inbox: item.inbox }, body: { case_number: number.trim() === '' ? null : number.trim() } }),
        ({ case_number }) => props.on_done(case_number === null ? 'There is no case number now.' : 'The case number is recorded.'),
    )
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); void file() }}>
            <h2 class="govuk-heading-m">Your case system</h2>
            <ErrorSummary errors={action.errors} round={action.round} />
            <Field id="case-number" label="Case number" hint="Under which your agency files this. It stays here and is not sent to anybody." width="govuk-input--width-20" value={number} on_input={set_number} error={action.errors['case-number']} />
            <Button type="submit" kind="secondary" busy={action.busy}>Save the case number</Button>
        </form>
    )
}

const something_else = '_else'
function Decide(props: ActionProps & { catalogue: Catalogue | null }): JSX.Element {
    const { item } = props
    const action = use_action()
    const [outcome, set_outcome] = useState('')
    const [reason, set_reason] = useState('')
    const [all, set_all] = useState(false)
    const who = use_store(session)
    const { usual, rest } = outcomes_for(item.type, who.is === 'in' ? who.session.me.agency_kind : '', choices_of(props.catalogue, 'outcome'))
    const choices = all || rest.length === 0 ? [...usual, ...rest] : [...usual, { value: something_else, label: 'Something else' }]
    const choose = (value: string): void => {
        if (value !== something_else) return set_outcome(value)
        set_all(true)
        set_outcome('')
    }
    const decide = async (): Promise<void> => {
        const wrong: FieldErrors = {}
        if (outcome === '') wrong.outcome = 'Choose what happens next'
        if (reason.trim() === '') wrong['outcome-reason'] = 'Say why'
        if (Object.keys(wrong).length > 0) return action.fail(wrong)
        await action.act(
            () => call('post', '/api/v1/received/{id}/decided', { path: { id: props.path }, query: { inbox: item.inbox }, body: { outcome, reason: reason.trim() } }),
            () => props.on_done('Your decision is recorded. The sender sees it.'),
        )
    }
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); void decide() }}>
            <ErrorSummary errors={action.errors} round={action.round} />
            <Radios
                id="outcome"
                legend="What happens next?"
                hint="The sender sees this."
                value={outcome}
                choices={choices}
                on_choose={choose}
                error={action.errors.outcome}
            />
            <TextArea id="outcome-reason" label="Why?" hint="Your colleagues and your agency’s records have this. It is not sent to the sender." rows={4} value={reason} on_input={set_reason} error={action.errors['outcome-reason']} />
            <Button type="submit" busy={action.busy}>Record the decision</Button>
        </form>
    )
}

function Withdrawn(props: ActionProps): JSX.Element | null {
    const { agreement_withdrawn } = props.item
    const action = use_action()
    if (agreement_withdrawn === null || agreement_withdrawn.confirmed_at !== null) return null
    const stop = (): Promise<void> => action.act(
        () => call('post', '/api/v1/received/{id}/stopped', { path: { id: props.path }, query: { inbox: props.item.inbox } }),
        () => props.on_done('Recorded: your agency uses this no more.'),
    )
    return (
        <>
            <h2 class="govuk-heading-m">The family has withdrawn its agreement</h2>
            <ErrorSummary errors={action.errors} round={action.round} />
            <p class="govuk-body"><Text of={agreement_withdrawn.message} /></p>
            <Button kind="warning" busy={action.busy} on_press={() => void stop()}>Confirm that we use this no more</Button>
        </>
    )
}

export function Actions(props: ActionProps & { catalogue: Catalogue | null }): JSX.Element {
    const { progress } = props.item
    const open = progress.decided_at === null
    const is_mine = progress.taken_by === props.me || (progress.taken_by !== null && props.item.assigned_to === props.me)
    return (
        <div class="desk-actions">
            <Withdrawn {...props} />
            {open && is_mine && <Decide {...props} />}
            {open && progress.taken_by !== null && !is_mine && (
                <Explain what="Who may decide">
                    <p>Whoever has it on their desk records what happens next. If they are away, hand it to yourself below.</p>
                </Explain>
            )}
            {open && <HandOn {...props} />}
            <CaseNumber key={props.item.case_number ?? ''} {...props} />
        </div>
    )
}
