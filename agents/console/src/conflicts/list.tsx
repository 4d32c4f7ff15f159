// The conflicts that stand, and ending one. Whoever one keeps out is not shown that it is.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { use_catalogue, type Catalogue } from '../shared/catalogue'
import { use_confirmation } from '../shared/confirm'
import { Button, ErrorSummary, Explain, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { full_time } from '../shared/time'
import { Text } from '../shared/value'
import { child_words, WhoIsKeptOut } from './words'

type Line = Schemas['ConflictLine']

function End(props: { id: string; child: string; on_done: () => Promise<void>; on_leave: () => void }): JSX.Element {
    const confirmation = use_confirmation(props.id, true)
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        confirmation.check(wrong)
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await confirmation.send(() => call('delete', '/api/v1/conflicts/{id}', { path: { id: props.id } }))
            set_busy(false)
            if (answer.ok) return props.on_done()
            wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    return (
        <form noValidate class="desk-no-print" onSubmit={(event) => { event.preventDefault(); void submit() }}>
            <ErrorSummary errors={errors} round={round} />
            <p class="govuk-body"><strong>From then on they are told of this child again, like everybody in their place.</strong> What went elsewhere meanwhile stays there.</p>
            {confirmation.fields(errors)}
            <div class="govuk-button-group">
                <Button type="submit" kind="warning" busy={busy}>End this conflict<span class="govuk-visually-hidden">: {props.child}</span></Button>
                <Button kind="secondary" on_press={props.on_leave}>Leave it as it is</Button>
            </div>
        </form>
    )
}
function Card(props: { line: Line; catalogue: Catalogue | null; on_done: () => Promise<void> }): JSX.Element {
    const { line } = props
    const [ending, set_ending] = useState(false)
    const child = child_words(line.child)
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m"><Text of={child} /></h2>
            <p class="govuk-body">{line.since === null ? 'Not in force yet: it goes to the broker as soon as the link is there.' : `In force since ${full_time(line.since)}.`}</p>
            <h3 class="govuk-heading-s">Whom nothing about this child reaches</h3>
            <WhoIsKeptOut of={line.keeps_out} catalogue={props.catalogue} />
            <p class="govuk-body">Why: <Text of={line.reason} /></p>
            {ending
                ? <End id={line.id} child={child} on_done={props.on_done} on_leave={() => set_ending(false)} />
                : <div class="desk-no-print"><Button kind="secondary" on_press={() => set_ending(true)}>It has ended<span class="govuk-visually-hidden">: {child}</span></Button></div>}
        </section>
    )
}
export function Conflicts(): JSX.Element {
    use_title('Conflicts of interest')
    const catalogue = use_catalogue()
    // Read when the page is opened and when something was done here: each reading is a look.
    const { got, failure, again } = use_reading(() => call('get', '/api/v1/conflicts'), '')
    const [said, set_said] = useState('')
    const done = async (): Promise<void> => {
        await again()
        set_said('The conflict has ended.')
        document.getElementById('main')?.focus()
        window.scrollTo(0, 0)
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading>Conflicts of interest</Heading>
                <div role="status">{said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body">{said}</p></div>}</div>
                <p class="govuk-body">Somebody who would be told of a child, and must not be: because an allegation is about them, or because they are family. While a conflict stands, what is said of this child goes to whoever stands in for them.</p>
                <Failed failure={failure} />
                <p class="desk-no-print"><Link to="/conflicts/new" class="govuk-button">Record a conflict</Link></p>
                {got !== null && got.conflicts.length === 0 && <p class="govuk-body">No conflict stands.</p>}
                {got?.conflicts.map((line) => <Card key={line.id} line={line} catalogue={catalogue} on_done={done} />)}
                <Explain what="Who sees this">
                    <p>The front door and the designated officer, and among them nobody whom the conflict itself keeps out. The sender of a message is not told, and neither is whoever is kept out. Each look at this page is recorded.</p>
                </Explain>
            </div>
        </div>
    )
}
