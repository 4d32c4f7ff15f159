// The record of who opened, looked for and did what: one's own, and for the data protection officer the agency's. Ids and kinds of
// doing; never what anything says.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { agency_name, code_title, use_catalogue } from '../shared/catalogue'
import { Button } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed } from '../shared/reading'
import { Link } from '../shared/route'
import { full_time } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'

type Line = Schemas['AccessLine']
const actions: Record<string, string> = {
    opened: 'Opened an alert', shown: 'Saw a line of a chronology', exported: 'Took a line away in a file', chronology: 'Looked at a chronology', searched: 'Searched', found: 'Saw something found by a search', listed: 'Looked at the live list',
    taken: 'Took an alert', decided: 'Decided an alert', assigned: 'Handed an alert on', case_number: 'Wrote down a case number', stopped: 'Confirmed that something is used no more',
    sent_read: 'Read again what was sent', sent_about: 'Sent something about an alert', recalled: 'Took something back', held_read: 'Read what waits for a decision', held_allowed: 'Allowed something to be sent', held_refused: 'Did not allow something to be sent',
    release_asked: 'Asked for a protected address to be released', task_answered: 'Answered a task', roll_confirmed: 'Took a list in', roll_rejected: 'Dropped a list',
    care_status_found: 'Looked a care status up: active', care_status_none: 'Looked a care status up: nothing known', rejected_read: 'Opened a file that was not taken', rejected_mended: 'Mended a file', rejected_set_aside: 'Set a file aside',
    agreement_recorded: 'Recorded an agreement', agreement_opened: 'Opened an agreement', agreement_withdrawn: 'Recorded that an agreement was withdrawn', conflict_added: 'Recorded a conflict of interest', conflict_ended: 'Ended a conflict of interest', conflicts_read: 'Looked at the conflicts of interest',
    identity_asked: 'Asked to see both sides of a question of identity', identity_read: 'Saw both sides of a question of identity', identity_answered: 'Answered whether it is the same child',
    decisions_listed: 'Looked at the record of decisions', decision_read: 'Read a decision', decision_read_in_full: 'Read a decision in full', decision_replayed: 'Worked a decision out again', access_log_read: 'Read this record',
    person_added: 'Added a colleague', person_removed: 'Removed a colleague', account_removed: 'Removed an account', account_reset: 'Made a code for a colleague', inbox_key_rotated: 'Changed the key of an inbox',
    account_made: 'Set up an account', signed_in: 'Signed in', confirmed_again: 'Showed who they are again', passphrase_changed: 'Changed the passphrase', second_factor_changed: 'Made new codes',
}
const lines_at_once = 100

export function AccessRecord(): JSX.Element {
    use_title('Record of looks')
    const catalogue = use_catalogue()
    const [lines, set_lines] = useState<Line[]>([])
    const [of_all, set_of_all] = useState(false)
    const [next, set_next] = useState<string | null>(null)
    const [failure, set_failure] = useState<Failure | null>(null)
    const read = async (cursor: string | undefined): Promise<void> => {
        const answer = await call('get', '/api/v1/access-log', { query: { limit: lines_at_once, ...(cursor === undefined ? {} : { cursor }) } as Record<string, string | number> })
        set_failure(answer.ok ? null : answer)
        if (!answer.ok) return
        set_lines((before) => [...before, ...answer.body.access])
        set_of_all(answer.body.whole_agency)
        set_next(answer.body.next)
    }
    useEffect(() => void read(undefined), [])
    return (
        <>
            <Link to="/account" class="govuk-back-link">Your account</Link>
            <Heading>{of_all ? 'Who looked at what' : 'What you looked at and did'}</Heading>
            <p class="govuk-body">{of_all ? 'Of all people of your agency, because you are its data protection officer.' : 'Only you and your agency’s data protection officer read this.'} The newest is on top. It names no child.</p>
            <Failed failure={failure} />
            <ul class="concern-list">
                {lines.map((line, at) => (
                    <li class="concern-line" key={at}>
                        <p class="govuk-body">
                            <strong>{actions[line.action] ?? plain(line.action)}</strong>
                            {line.sender !== null && line.item !== null && line.inbox !== null && <>, <Link to={`/alert/${encodeURIComponent(line.sender)}/${line.item}`}>from <Text of={agency_name(catalogue, line.sender)} /></Link></>}
                            {line.reason !== null && <><br />Why: {code_title(catalogue, 'search_reason', line.reason)}</>}
                            {of_all && <><br /><span class="desk-quiet"><Text of={line.person} /></span></>}
                        </p>
                        <span class="desk-quiet govuk-body">{full_time(line.at)}</span>
                    </li>
                ))}
            </ul>
            {next !== null && <Button kind="secondary" on_press={() => void read(next)}>Show earlier ones</Button>}
        </>
    )
}
