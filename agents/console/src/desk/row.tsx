import type { JSX } from 'preact'
import { agency_name, code_title, type Catalogue } from '../shared/catalogue'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { mark_words, plain, urgency_words } from '../shared/words'
import { due_line } from './clocks'
import { is_late, type Line } from './list_model'
import { memo } from './memo'
import { ReportLinks } from './reports'

function Desk(props: { line: Line; me: string }): JSX.Element | null {
    const { line, me } = props
    const { taken_by } = line.progress
    if (line.assigned_to === null || line.assigned_to === taken_by) return null
    return <p>{line.assigned_to === me ? 'On your desk' : <>On the desk of <Text of={line.assigned_to_name ?? line.assigned_to} /></>}</p>
}

/** Of the live list. `extra` stands under what it is about. */
export const Row = memo(function Row(props: { line: Line; me: string; now: number; fresh: boolean; catalogue: Catalogue | null; extra?: string }): JSX.Element {
    const { line, me, catalogue } = props
    const now = new Date(props.now)
    const { progress } = line
    const late = is_late(line, props.now)
    return (
        <li class={`desk-row ${late ? 'desk-row--overdue' : ''} ${props.fresh ? 'desk-row--fresh' : ''}`}>
            <div>
                {late ? <strong class="govuk-tag govuk-tag--red">Overdue</strong> : <strong class={`govuk-tag ${line.act ? 'govuk-tag--blue' : 'govuk-tag--grey'}`}>{line.act ? urgency_words(line.urgency) : 'For information'}</strong>}
                {line.take_by !== null && <p class="desk-row__by govuk-!-margin-top-1">{line.take_by_estimated ? 'about ' : 'by '}{time_words(line.take_by, now)}</p>}
            </div>
            <div class="desk-row__what">
                <p><Link to={`/alert/${encodeURIComponent(line.sender)}/${line.id}`}><Text of={line.title ?? plain(line.type)} /></Link></p>
                <p>From <Text of={agency_name(catalogue, line.sender)} />{line.accepted_at === null ? '' : `, ${time_words(line.accepted_at, now)}`}</p>
                {line.episode !== undefined && <p><Text of={line.episode.summary} /></p>}
                {line.clocks.map((clock) => <p key={clock.name}><Text of={due_line(clock, now)} /></p>)}
                <ReportLinks of={line} catalogue={catalogue} />
                {props.extra !== undefined && <p><Text of={props.extra} /></p>}
                <p class="desk-quiet"><Text of={line.why} /></p>
            </div>
            <div>
                {line.marks.map(({ code }) => <p key={code}><strong class="govuk-tag govuk-tag--yellow">{mark_words(code)}</strong></p>)}
                {progress.recalled_at !== null && <p><strong class="govuk-tag govuk-tag--red">Taken back</strong></p>}
                {line.replaced_by !== null && <p><strong class="govuk-tag govuk-tag--orange">Put right since</strong></p>}
                {line.agreement_withdrawn !== null && <p><strong class="govuk-tag govuk-tag--orange">Agreement withdrawn</strong></p>}
                {progress.undecryptable && <p><strong class="govuk-tag govuk-tag--red">Cannot be opened</strong></p>}
                <p>
                    {progress.decided_at !== null ? code_title(catalogue, 'outcome', progress.outcome ?? '')
                        : progress.taken_by !== null ? (progress.taken_by === me ? 'You have taken this' : <>Taken by <Text of={progress.taken_by_name ?? progress.taken_by} /></>)
                        : progress.opened_at !== null ? 'Opened, not taken' : 'Not opened'}
                </p>
                <Desk line={line} me={me} />
                {line.case_number !== null && <p class="desk-quiet">Case <Text of={line.case_number} /></p>}
            </div>
        </li>
    )
})
