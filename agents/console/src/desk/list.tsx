import type { JSX } from 'preact'
import { memo } from './memo'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Failure } from '../shared/api'
import { on_changed } from '../shared/events'
import { Explain } from '../shared/form'
import { Heading } from '../shared/frame'
import { Link } from '../shared/route'
import { alert_people } from '../shared/sound'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { outcome_words, plain, urgency_words } from '../shared/words'
import { belongs, count_all, key_of, merge, tabs, type Line, type Shown, type Tab } from './list_model'
import { read_received } from './received'

const rows_at_once = 50

const Row = memo(function Row(props: { line: Line; me: string; now: number; fresh: boolean }): JSX.Element {
    const { line, me } = props
    const now = new Date(props.now)
    const { progress } = line
    const open = progress.taken_at === null
    const late = open && progress.recalled_at === null && (line.overdue || (line.take_by !== null && Date.parse(line.take_by) < props.now))
    return (
        <li class={`desk-row ${late ? 'desk-row--overdue' : ''} ${props.fresh ? 'desk-row--fresh' : ''}`}>
            <div>
                {late ? <strong class="govuk-tag govuk-tag--red">Overdue</strong> : <strong class={`govuk-tag ${line.act ? 'govuk-tag--blue' : 'govuk-tag--grey'}`}>{line.act ? urgency_words(line.urgency) : 'For information'}</strong>}
                {line.take_by !== null && <p class="desk-row__by govuk-!-margin-top-1">{line.take_by_estimated ? 'about ' : 'by '}{time_words(line.take_by, now)}</p>}
            </div>
            <div class="desk-row__what">
                <p><Link to={`/alert/${encodeURIComponent(line.sender)}/${line.id}`}><Text of={line.title ?? plain(line.type)} /></Link></p>
                <p>From {line.sender}{line.accepted_at === null ? '' : `, ${time_words(line.accepted_at, now)}`}</p>
                {line.episode !== undefined && <p><Text of={line.episode.summary} /></p>}
                <p class="desk-quiet"><Text of={line.why} /></p>
            </div>
            <div>
                {progress.recalled_at !== null && <p><strong class="govuk-tag govuk-tag--red">Taken back</strong></p>}
                {line.replaced_by !== null && <p><strong class="govuk-tag govuk-tag--orange">Put right since</strong></p>}
                {line.agreement_withdrawn !== null && <p><strong class="govuk-tag govuk-tag--orange">Agreement withdrawn</strong></p>}
                {progress.undecryptable && <p><strong class="govuk-tag govuk-tag--red">Cannot be opened</strong></p>}
                <p>
                    {progress.decided_at !== null ? outcome_words(progress.outcome ?? '')
                        : progress.taken_by !== null ? (progress.taken_by === me ? 'You have taken this' : <>Taken by <Text of={progress.taken_by} /></>)
                        : progress.opened_at !== null ? 'Opened, not taken' : 'Not opened'}
                </p>
            </div>
        </li>
    )
})

export function DeskList(props: { me: string }): JSX.Element {
    const [shown, set_shown] = useState<Shown | null>(null)
    const [failure, set_failure] = useState<Failure | null>(null)
    const [tab, set_tab] = useState<Tab>('unassigned')
    const [rows, set_rows] = useState(rows_at_once)
    const [said, set_said] = useState('')
    const [now, set_now] = useState(() => Date.now())
    const [fresh, set_fresh] = useState<Set<string>>(new Set())
    const list = useRef<HTMLOListElement>(null)
    const pointed = useRef(false)
    const current = useRef<Shown | null>(null)
    const show = useCallback((next: Shown) => {
        current.current = next
        set_shown(next)
    }, [])

    const reading = useRef(false)
    const again = useRef(false)
    const read = useCallback(async (): Promise<void> => {
        // One reading at a time; news that comes meanwhile asks for one more.
        if (reading.current) {
            again.current = true
            return
        }
        reading.current = true
        do {
            again.current = false
            const answer = await read_received()
            if (!answer.ok) {
                set_failure(answer)
                continue
            }
            set_failure(null)
            set_now(Date.now())
            const before = current.current
            if (before === null) {
                show({ lines: answer.body, waiting: null, news: 0 })
                continue
            }
            const busy = pointed.current || (list.current?.contains(document.activeElement) ?? false)
            const known = new Set([...before.lines, ...(before.waiting ?? [])].map(key_of))
            const arrived = answer.body.filter((line) => !known.has(key_of(line)) && line.progress.taken_at === null)
            if (arrived.length > 0) {
                set_said(arrived.length === 1 ? '1 new alert' : `${arrived.length} new alerts`)
                set_fresh(new Set(arrived.map(key_of)))
                alert_people(arrived.length)
            }
            show(merge(before.lines, answer.body, busy))
        } while (again.current)
        reading.current = false
    }, [show])

    useEffect(() => {
        void read()
        const stop = on_changed((changed) => {
            if (changed.what.includes('received')) void read()
        })
        const tick = setInterval(() => set_now(Date.now()), 30_000)
        return () => {
            stop()
            clearInterval(tick)
        }
    }, [read])

    const lines = shown?.lines
    const counts = useMemo(() => (lines === undefined ? null : count_all(lines, props.me, now)), [lines, props.me, now])
    const under_tab = useMemo(() => lines?.filter((line) => belongs(line, tab, props.me, now)) ?? [], [lines, tab, props.me, now])
    const waiting = counts?.unassigned ?? 0
    useEffect(() => {
        // A number and never a name: a title is seen on shared screens and kept in histories.
        document.title = `${waiting > 0 ? `(${waiting}) ` : ''}Live list - Safeguarding desk`
    }, [waiting])

    return (
        <>
            <Heading>Live list</Heading>
            <div role="status" class="govuk-visually-hidden">{said}</div>
            {failure !== null && (
                <div class="desk-banner desk-banner--bad" role="alert"><p class="govuk-body"><strong>{failure.message}</strong> {failure.next}</p></div>
            )}
            {counts !== null && (
                <ul class="desk-tabs" aria-label="Which alerts to show">
                    {tabs.map((one) => (
                        <li key={one.tab}>
                            <button
                                type="button"
                                class="desk-tab"
                                aria-pressed={tab === one.tab}
                                onClick={() => {
                                    set_tab(one.tab)
                                    set_rows(rows_at_once)
                                }}
                            >
                                {one.label} ({counts[one.tab]})
                            </button>
                        </li>
                    ))}
                </ul>
            )}
            {shown?.waiting != null && (
                <div class="desk-banner desk-banner--news desk-no-print">
                    <button type="button" class="desk-plain-button" onClick={() => show({ lines: shown.waiting ?? [], waiting: null, news: 0 })}>
                        {shown.news === 0 ? 'The order has changed. Show the list as it is now' : `Show ${shown.news === 1 ? '1 new alert' : `${shown.news} new alerts`}`}
                    </button>
                </div>
            )}
            {shown === null && failure === null && <p class="govuk-body">Reading the list…</p>}
            {shown !== null && under_tab.length === 0 && <p class="govuk-body">{tab === 'unassigned' ? 'Nothing waits. New alerts appear here by themselves.' : 'None.'}</p>}
            {under_tab.length > 0 && (
                <ol
                    class="desk-list govuk-body"
                    ref={list}
                    onPointerEnter={() => { pointed.current = true }}
                    onPointerLeave={() => { pointed.current = false }}
                >
                    {under_tab.slice(0, rows).map((line) => <Row key={key_of(line)} line={line} me={props.me} now={now} fresh={fresh.has(key_of(line))} />)}
                </ol>
            )}
            {under_tab.length > rows && (
                <button type="button" class="govuk-button govuk-button--secondary govuk-!-margin-top-4" onClick={() => set_rows(rows + 10 * rows_at_once)}>
                    Show more ({(under_tab.length - rows).toLocaleString('en-GB')} are not shown yet)
                </button>
            )}
            <div class="govuk-!-margin-top-6">
                <Explain what="What the deadlines mean">
                    <p>An alert to act on says by when a named person has to take it. The clock stops when somebody takes it, not when it is opened. “Working hours” and “working day” are those of your area’s sharing agreement.</p>
                    <p>“For information” means that you are told, and somebody else acts.</p>
                    <p>“Out of hours” holds what was sent to the Emergency Duty Team because the Family Front Door was shut.</p>
                </Explain>
            </div>
        </>
    )
}
