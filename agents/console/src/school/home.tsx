// The first page of a school: what waits, what was begun, what became of what was sent, and the way to share a concern.
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { DraftLines } from '../concern/drafts'
import { SentLines } from '../sent/list'
import { call, type Schemas } from '../shared/api'
import { use_catalogue, type Me } from '../shared/catalogue'
import { Emergency } from '../shared/emergency'
import { Heading } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { alert_people } from '../shared/sound'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'

type Line = Schemas['ReceivedLine']
function Waiting(props: { line: Line }): JSX.Element {
    const { line } = props
    const now = new Date()
    return (
        <li class="concern-line">
            <p class="govuk-body">
                <Link to={`/alert/${encodeURIComponent(line.sender)}/${line.id}`}><Text of={line.title ?? plain(line.type)} /></Link>
                {line.episode !== undefined && <><br /><Text of={line.episode.summary} /></>}
                <br />{line.take_by !== null && <strong>{line.act ? 'Take it on by' : 'See it by'} {line.take_by_estimated ? 'about ' : ''}{time_words(line.take_by, now)}. </strong>}
                <span class="desk-quiet"><Text of={line.why} /></span>
            </p>
            <strong class={`govuk-tag govuk-tag--${line.overdue ? 'red' : 'blue'}`}>{line.overdue ? 'Overdue' : line.progress.opened_at === null ? 'New' : 'Opened, not taken'}</strong>
        </li>
    )
}

export function SchoolHome(props: { me: Me }): JSX.Element {
    const { me } = props
    const catalogue = use_catalogue()
    const received = use_reading(() => call('get', '/api/v1/received', { query: { state: 'open' } as Record<string, string> }), 'received')
    const sent = use_reading(() => call('get', '/api/v1/sent', { query: { limit: 5 } }), 'sent')
    const tasks = use_reading(() => call('get', '/api/v1/tasks'), 'tasks')
    const held = use_reading(() => call('get', '/api/v1/held'), 'held')
    const rolls = use_reading(() => call('get', '/api/v1/rolls'), 'rolls')
    const rejected = use_reading(() => call('get', '/api/v1/rejected', { query: { limit: 1 } }), 'rejected')
    const also: [string, string, number][] = [
        ['/decisions', 'Decisions that wait for you', held.got?.held.length ?? 0],
        ['/tasks', 'Tasks', tasks.got?.tasks.length ?? 0],
        ['/imports', 'Lists of pupils that wait', rolls.got?.rolls.length ?? 0],
        ['/imports', 'Files that were not taken', rejected.got?.open ?? 0],
    ]
    const waiting = received.got?.received.length ?? 0
    const known = useRef<Set<string> | null>(null)
    useEffect(() => {
        document.title = `${waiting > 0 ? `(${waiting}) ` : ''}Your school - Safeguarding desk`
    }, [waiting])
    useEffect(() => {
        if (received.got === null) return
        const ids = new Set(received.got.received.map(({ id }) => id))
        const fresh = known.current === null ? 0 : [...ids].filter((id) => known.current?.has(id) !== true).length
        known.current = ids
        if (fresh > 0) alert_people(fresh)
    }, [received.got])
    const stands_by = me.inboxes.length > 0 && me.inboxes.every(({ alternate }) => alternate)
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading><Text of={me.agency_name === '' ? me.agency : me.agency_name} /></Heading>
                {stands_by && <p class="govuk-body">You stand in for the designated safeguarding lead. Here is what was sent to you, and nothing else of the school’s.</p>}
                <p><Link to="/concern" class="govuk-button govuk-button--start">Share a concern</Link></p>
                <Emergency catalogue={catalogue} />
                <h2 class="govuk-heading-m">Waiting for you</h2>
                <Failed failure={received.failure} />
                <div role="status">{received.got !== null && waiting === 0 && <p class="govuk-body">Nothing waits. New notices appear here by themselves.</p>}</div>
                {waiting > 0 && <ul class="concern-list">{received.got?.received.map((line) => <Waiting key={`${line.sender}/${line.id}`} line={line} />)}</ul>}
                {also.filter(([, , count]) => count > 0).map(([to, words, count]) => <p class="govuk-body" key={words}><strong><Link to={to}>{words}: {count}</Link></strong></p>)}
                <p class="govuk-body"><Link to="/list">Everything that was sent to you</Link></p>
                <h2 class="govuk-heading-m">What you have begun</h2>
                <DraftLines />
                <h2 class="govuk-heading-m">What became of what you sent</h2>
                <Failed failure={sent.failure} />
                {sent.got !== null && sent.got.sent.length === 0 && <p class="govuk-body">You have sent nothing yet.</p>}
                {sent.got !== null && <SentLines lines={sent.got.sent} catalogue={catalogue} />}
                <p class="govuk-body"><Link to="/sent">Everything that was sent</Link></p>
                <h2 class="govuk-heading-m">More</h2>
                <ul class="govuk-list">
                    <li><Link to="/search">Search what was sent to you</Link></li>
                    <li><Link to="/unconfirmed">What others have not confirmed</Link></li>
                    <li><Link to="/agreements">What families agreed to</Link></li>
                    <li><Link to="/imports">Lists of pupils, and files that were not taken</Link></li>
                    <li><Link to="/concern/paper">Paper form for when nothing works</Link></li>
                </ul>
            </div>
        </div>
    )
}
