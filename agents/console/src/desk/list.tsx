import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { use_catalogue } from '../shared/catalogue'
import { link, stream } from '../shared/events'
import { Explain } from '../shared/form'
import { Heading } from '../shared/frame'
import { session } from '../shared/session'
import { use_store } from '../shared/store'
import { key_of, tabs_of, type Tab } from './list_model'
import { Row } from './row'
import { use_live_list } from './use_live_list'

const nothing: Partial<Record<Tab, string>> = {
    open: 'Nothing waits. New alerts appear here by themselves.',
    overdue: 'Nothing is late.',
    mine: 'Nothing is on your desk.',
}

export function DeskList(props: { me: string }): JSX.Element {
    const who = use_store(session)
    const inboxes = useMemo(() => (who.is === 'in' ? who.session.me.inboxes : []), [who.is === 'in' ? who.session.me.person : ''])
    const catalogue = use_catalogue()
    const list = useRef<HTMLOListElement>(null)
    const pointed = useRef(false)
    const is_held_still = useRef(() => pointed.current || (list.current?.contains(document.activeElement) ?? false))
    const live = use_live_list(inboxes, is_held_still)
    const { shown, counts, tab, rows } = live
    const broker = use_store(link)
    const own = use_store(stream)
    const is_live = own.up && broker?.up === true

    const waiting = counts?.tabs.open ?? '0'
    useEffect(() => {
        // A number and never a name: a title is seen on shared screens and kept in histories.
        document.title = `${waiting === '0' ? '' : `(${waiting}) `}Live list - Safeguarding desk`
    }, [waiting])
    const visible = useMemo(() => shown?.lines.slice(0, rows) ?? [], [shown, rows])

    return (
        <>
            <Heading>Live list</Heading>
            <div role="status" class="govuk-visually-hidden">{live.said}</div>
            {live.failure !== null && (
                <div class="desk-banner desk-banner--bad" role="alert"><p class="govuk-body"><strong>{live.failure.message}</strong> {live.failure.next}</p></div>
            )}
            {counts !== null && (
                <ul class="desk-tabs" aria-label="Which alerts to show">
                    {tabs_of(inboxes).map((one) => (
                        <li key={one.tab}>
                            <button type="button" class="desk-tab" aria-pressed={tab === one.tab} onClick={() => live.choose(one.tab)}>
                                {one.label}{counts.tabs[one.tab] === undefined ? '' : ` (${counts.tabs[one.tab]})`}
                            </button>
                        </li>
                    ))}
                </ul>
            )}
            {/* Its place is kept: a banner that comes must not push another row under the pointer. */}
            <div class="desk-news desk-no-print">
                {shown?.waiting != null && (
                    <div class="desk-banner desk-banner--news">
                        <button type="button" class="desk-plain-button" onClick={live.show_waiting}>
                            {shown.news === 0 ? 'The order has changed. Show the list as it is now' : `Show ${shown.news === 1 ? '1 new alert' : `${shown.news} new alerts`}`}
                        </button>
                    </div>
                )}
                {is_live && shown !== null && shown.waiting === null && visible.length > 0 && <p class="govuk-body desk-quiet">New alerts appear by themselves. Rows stay in place while you point at them.</p>}
            </div>
            {shown === null && live.failure === null && <p class="govuk-body">Reading the list…</p>}
            {shown !== null && visible.length === 0 && <p class="govuk-body">{nothing[tab] ?? 'None.'}</p>}
            {visible.length > 0 && (
                <ol
                    class="desk-list govuk-body"
                    ref={list}
                    aria-busy={live.busy ? 'true' : undefined}
                    onPointerEnter={() => { pointed.current = true }}
                    onPointerLeave={() => { pointed.current = false }}
                >
                    {visible.map((line) => <Row key={key_of(line)} line={line} me={props.me} now={live.now} fresh={live.fresh.has(key_of(line))} catalogue={catalogue} />)}
                </ol>
            )}
            {shown !== null && (shown.lines.length > rows || live.more) && (
                <button type="button" class="govuk-button govuk-button--secondary govuk-!-margin-top-4 desk-no-print" onClick={live.show_more}>Show more</button>
            )}
            <div class="govuk-!-margin-top-6">
                <Explain what="What the lists and deadlines mean">
                    <p>An alert to act on says by when a named person has to take it. The clock stops when somebody takes it, not when it is opened. “Working hours” and “working day” are those of your area’s sharing agreement.</p>
                    <p>“For information” means that you are told, and somebody else acts.</p>
                    <p>“On nobody’s desk” is what nobody has taken and nobody was handed. “Mine” is what you have taken or were handed, until it is decided.</p>
                    <p>“Out of hours” holds what was sent to the Emergency Duty Team because the Family Front Door was shut.</p>
                    <p>The numbers count messages. Reports of one event that somebody has put together count once, with the deadline of the earliest; each is still opened by itself. A missing episode that has ended is one line, however many messages it had.</p>
                </Explain>
            </div>
        </>
    )
}
