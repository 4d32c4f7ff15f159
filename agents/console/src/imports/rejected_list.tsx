// Files that intake did not use or not wholly, and what became of those that were mended. No value of a record is here.
import type { JSX } from 'preact'
import { call, type Schemas } from '../shared/api'
import { agency_name, use_catalogue } from '../shared/catalogue'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'

export type RejectedLine = Schemas['RejectedLine']
type Outcome = Schemas['RejectedMending']['outcome']

export const outcome_words: Record<Outcome, { words: string; colour: string }> = {
    waiting: { words: 'Sent back, not read yet', colour: 'blue' },
    used: { words: 'Mended: all of it is used', colour: 'green' },
    partly_used: { words: 'Partly used: the rest is a new line', colour: 'yellow' },
    not_used: { words: 'Still not right: it is a new line', colour: 'red' },
    held: { words: 'Waits: it would send many notifications', colour: 'yellow' },
    unknown: { words: 'Not known: somebody has moved the file', colour: 'grey' },
}
export function state_words(line: RejectedLine): { words: string; colour: string } {
    if (line.state === 'open') return { words: 'To be mended', colour: 'red' }
    return line.mended === null ? { words: 'Set aside', colour: 'grey' } : outcome_words[line.mended.outcome]
}
const counted = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count.toLocaleString('en-GB')} ${many}`)
export function how_much(line: RejectedLine): string {
    if (line.whole_file && line.records <= 1) return 'It was not used.'
    if (line.whole_file) return `Nothing of it was used: ${counted(line.records, 'record', 'records')}.`
    return `${counted(line.rejected_records, 'record', 'records')} of ${line.records.toLocaleString('en-GB')} ${line.rejected_records === 1 ? 'was' : 'were'} not used.`
}

function Line(props: { line: RejectedLine; agency: string }): JSX.Element {
    const { line } = props
    const state = state_words(line)
    return (
        <li class="concern-line">
            <p class="govuk-body">
                <Link to={`/imports/rejected/${line.id}`}><Text of={line.title === '' ? 'A file of a form that is not known' : line.title} /></Link>, {time_words(line.received_at, new Date())}
                <br /><span class="desk-quiet"><Text of={line.file} />{props.agency === '' ? null : <>, <Text of={props.agency} /></>}</span>
                <br />{how_much(line)} {line.state === 'open' && `${counted(line.faults, 'thing is', 'things are')} wrong.`}
            </p>
            <strong class={`govuk-tag govuk-tag--${state.colour}`}>{state.words}</strong>
        </li>
    )
}

export function RejectedLines(props: { state: 'open' | 'closed' }): JSX.Element {
    const catalogue = use_catalogue()
    const { got, failure } = use_reading(() => call('get', '/api/v1/rejected', { query: { state: props.state, limit: 100 } as Record<string, string | number> }), 'rejected', props.state)
    const agencies = new Set(got?.rejected.map(({ agency }) => agency))
    return (
        <>
            <Failed failure={failure} />
            {got !== null && got.rejected.length === 0 && <p class="govuk-body">{props.state === 'open' ? 'Every file was taken.' : 'Nothing was mended or set aside yet.'}</p>}
            {got !== null && got.rejected.length > 0 && <ul class="concern-list">{got.rejected.map((line) => <Line key={line.id} line={line} agency={agencies.size > 1 ? agency_name(catalogue, line.agency) : ''} />)}</ul>}
            {got !== null && got.next !== null && <p class="govuk-body">These are the newest 100. Those before them come when these are dealt with.</p>}
            {got !== null && props.state === 'open' && got.unowned > 0 && (
                <p class="govuk-inset-text">{counted(got.unowned, 'more file lies', 'more files lie')} in folders that belong to no agency or role here. Ask whoever runs the agent: they find {got.unowned === 1 ? 'it' : 'them'} in the folder “rejected”.</p>
            )}
        </>
    )
}

export function RejectedClosed(): JSX.Element {
    use_title('Mended or set aside')
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Link to="/imports" class="govuk-back-link">Imports</Link>
                <Heading>Mended or set aside</Heading>
                <RejectedLines state="closed" />
            </div>
        </div>
    )
}
