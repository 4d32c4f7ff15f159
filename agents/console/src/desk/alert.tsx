import type { ComponentChildren, JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { on_changed } from '../shared/events'
import { Button, ErrorSummary, Explain, Radios, type FieldErrors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Link } from '../shared/route'
import { full_time, time_words } from '../shared/time'
import { Fields, Text } from '../shared/value'
import { in_reading_order, outcome_words, outcomes, plain, section_of, section_title, urgency_words } from '../shared/words'

type Item = Schemas['ReceivedItem']

function Fact(props: { of: string; children: ComponentChildren }): JSX.Element {
    return <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{props.of}</dt><dd class="govuk-summary-list__value">{props.children}</dd></div>
}
function Section(props: { title: string; class?: string; note?: ComponentChildren; children: ComponentChildren }): JSX.Element {
    return <section class={props.class}><h2 class="govuk-heading-m">{props.title}</h2>{props.note}{props.children}</section>
}
const object = (of: unknown): Record<string, unknown> => (typeof of === 'object' && of !== null ? (of as Record<string, unknown>) : {})

function SafeContact(props: { of: Record<string, unknown> | undefined }): JSX.Element {
    return (
        <Section title="Before you contact anybody" class="desk-safe">
            {props.of === undefined ? <p class="govuk-body">No safe-contact instructions came. Ask the sender before any contact.</p> : <Fields of={props.of} />}
        </Section>
    )
}

function State(props: { item: Item; me: string }): JSX.Element {
    const { progress } = props.item
    if (progress.decided_at !== null) return <>{outcome_words(progress.outcome ?? '')}, {full_time(progress.decided_at)}</>
    if (progress.taken_by !== null) return <>{progress.taken_by === props.me ? 'You have taken this' : <>Taken by <Text of={progress.taken_by} /></>}{progress.taken_at === null ? '' : `, ${full_time(progress.taken_at)}`}</>
    return <>Nobody has taken this yet</>
}

function Actions(props: { item: Item; me: string; path: string; on_done: (said: string) => Promise<void> }): JSX.Element {
    const { item, me } = props
    const [errors, set_errors] = useState<FieldErrors>({})
    const [round, set_round] = useState(0)
    const [outcome, set_outcome] = useState('')
    const [busy, set_busy] = useState(false)
    const query = { inbox: item.inbox }
    const fail = (wrong: FieldErrors): void => {
        set_errors(wrong)
        set_round((n) => n + 1)
    }
    const doing = async (work: () => Promise<void>): Promise<void> => {
        set_busy(true)
        set_errors({})
        await work()
        set_busy(false)
    }
    const take = async (): Promise<void> => {
        const answer = await call('post', '/api/v1/received/{id}/taken', { path: { id: props.path }, query })
        if (!answer.ok) return fail({ _agent: `${answer.message} ${answer.next}` })
        // Two people may press at the same moment: whoever was first has it, and the other is told.
        await props.on_done(answer.body.taken_by === me ? 'You have taken this alert.' : `A colleague (${answer.body.taken_by}) took this alert before you. It is theirs.`)
    }
    const decide = async (): Promise<void> => {
        if (outcome === '') return fail({ outcome: 'Choose what happens next' })
        const answer = await call('post', '/api/v1/received/{id}/decided', { path: { id: props.path }, query, body: { outcome } })
        if (!answer.ok) return fail({ _agent: `${answer.message} ${answer.next}` })
        await props.on_done('Your decision is recorded. The sender sees it.')
    }
    const stop = async (): Promise<void> => {
        const answer = await call('post', '/api/v1/received/{id}/stopped', { path: { id: props.path }, query })
        if (!answer.ok) return fail({ _agent: `${answer.message} ${answer.next}` })
        await props.on_done('Recorded: your agency uses this no more.')
    }
    const { progress, agreement_withdrawn } = item
    return (
        <div class="desk-actions">
            <ErrorSummary errors={errors} round={round} />
            {agreement_withdrawn !== null && agreement_withdrawn.confirmed_at === null && (
                <>
                    <h2 class="govuk-heading-m">The family has withdrawn its agreement</h2>
                    <p class="govuk-body"><Text of={agreement_withdrawn.message} /></p>
                    <Button kind="warning" busy={busy} on_press={() => void doing(stop)}>Confirm that we use this no more</Button>
                </>
            )}
            {progress.taken_by === null && (
                <>
                    <h2 class="govuk-heading-m">Take it</h2>
                    <p class="govuk-body">You become the named person. The sender and your colleagues see it, and the clock stops.</p>
                    <Button busy={busy} on_press={() => void doing(take)}>Take this alert</Button>
                </>
            )}
            {progress.decided_at === null && progress.taken_by === me && (
                <form noValidate onSubmit={(event) => { event.preventDefault(); void doing(decide) }}>
                    <Radios
                        id="outcome"
                        legend="What happens next?"
                        hint="The sender sees this. Write the reasons into your own case system: they are not sent from here."
                        value={outcome}
                        choices={outcomes.map(([value, label]) => ({ value, label }))}
                        on_choose={set_outcome}
                        error={errors.outcome}
                    />
                    <Button type="submit" busy={busy}>Record the decision</Button>
                </form>
            )}
        </div>
    )
}

function Opened(props: { item: Item; me: string; path: string; advice?: ((item: Item) => JSX.Element) | undefined; said: string; on_done: (said: string) => Promise<void> }): JSX.Element {
    const { item, me } = props
    const now = new Date()
    const views = item.views as Record<string, unknown>
    const was = item.replaces === null ? {} : (item.replaces.was as Record<string, unknown>)
    const safe = Object.keys(views).find((view) => section_of(view) === 'sfc')
    const kept = item.unchanged.filter((one) => section_of(one.view) !== 'sfc')
    const safe_before = item.unchanged.find((one) => section_of(one.view) === 'sfc')
    return (
        <>
            <Link to="/" class="govuk-back-link">Live list</Link>
            <div role="status">{props.said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body"><strong>{props.said}</strong></p></div>}</div>
            <Heading caption={`From ${item.sender}`}><Text of={item.title ?? plain(item.type)} /></Heading>
            {item.replaced_by !== null && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6">
                    <p class="govuk-body"><strong>Parts of this were wrong.</strong> <Link to={`/alert/${encodeURIComponent(item.sender)}/${item.replaced_by}`}>Read the correction</Link></p>
                </div>
            )}
            {item.replaces !== null && (
                <div class="desk-banner desk-banner--news"><p class="govuk-body">This puts an earlier message right. What was wrong is struck through. <Link to={`/alert/${encodeURIComponent(item.sender)}/${item.replaces.id}`}>Read the earlier one</Link></p></div>
            )}
            <SafeContact of={safe !== undefined ? object(views[safe]) : safe_before?.content ?? undefined} />
            {props.advice?.(item)}
            <div class="desk-facts">
            <dl class="govuk-summary-list">
                <Fact of="Who has it"><State item={item} me={me} /></Fact>
                {item.take_by !== null && (
                    <Fact of={item.act ? 'To be taken by' : 'To be seen by'}>
                        {item.take_by_estimated && 'About '}{time_words(item.take_by, now)}
                        {item.act ? ` (${urgency_words(item.urgency)})` : ''}
                        {item.take_by_in_words !== null && <div class="desk-quiet"><Text of={item.take_by_in_words} /></div>}
                    </Fact>
                )}
                <Fact of="What you do">{item.act ? 'You act on this' : 'You are told of this. Somebody else acts'}</Fact>
                {item.occurred_at !== null && <Fact of="Happened">{full_time(item.occurred_at)}</Fact>}
                {item.accepted_at !== null && <Fact of="Received">{full_time(item.accepted_at)}</Fact>}
                {item.episode !== undefined && <Fact of="Episode"><Text of={item.episode.summary} /></Fact>}
                <Fact of="Why you have it"><Text of={item.why.you} /></Fact>
                {item.why.passed_on_from !== null && <Fact of="Whose words">{item.why.passed_on_from.agency}, passed on by the front door</Fact>}
            </dl>
            </div>
            {in_reading_order(Object.keys(views)).map((view) => (
                <Section key={view} title={section_title(view)} class={section_of(view) === 'voi' ? 'desk-voice' : undefined}>
                    <Fields of={object(views[view])} was={was[view] === undefined ? undefined : object(was[view])} />
                </Section>
            ))}
            {kept.map((one) => (
                <Section
                    key={one.view}
                    title={section_title(one.view)}
                    note={<p class="govuk-body desk-quiet">Not changed{one.occurred_at === null ? '' : ` since ${full_time(one.occurred_at)}`}. <Text of={one.message} /></p>}
                >
                    {one.content === null ? null : <Fields of={one.content} />}
                </Section>
            ))}
            {item.withheld.length > 0 && (
                <Section title="What you were not given">
                    <ul class="govuk-list govuk-list--bullet">
                        {item.withheld.map((one) => <li key={one.section}><strong>{one.title ?? section_title(one.section)}.</strong> <Text of={one.message} /> Ask: <Text of={one.ask} /></li>)}
                    </ul>
                </Section>
            )}
            <Explain what="The rule that allowed this to be shared with you">
                <p><Text of={item.why.explanation} /></p>
                <p>Rule {item.why.rule} of policy version {item.why.policy_version}. Lawful basis: <Text of={item.why.basis_in_words} />.</p>
            </Explain>
            <Actions item={item} me={me} path={props.path} on_done={props.on_done} />
            <div class="desk-no-print"><Button kind="secondary" on_press={() => window.print()}>Print</Button></div>
        </>
    )
}

export function Alert(props: { sender: string; id: string; me: string; advice?: (item: Item) => JSX.Element }): JSX.Element {
    use_title('Alert')
    const path = `${props.sender}/${props.id}`
    const [item, set_item] = useState<Item | null>(null)
    const [failure, set_failure] = useState<Failure | null>(null)
    const [said, set_said] = useState('')
    const seen = useRef('')
    const read = useCallback(async (): Promise<void> => {
        const answer = await call('get', '/api/v1/received/{id}', { path: { id: path } })
        if (answer.ok) {
            set_item(answer.body)
            set_failure(null)
        } else {
            // What was taken back leaves the page at once. A lost link leaves what is shown.
            if (answer.status !== 0 && answer.status !== 503) set_item(null)
            set_failure(answer)
        }
    }, [path])
    // Reading an item is recorded as a look, so it is read again only when its line in the list says that it has changed.
    const check = useCallback(async (): Promise<void> => {
        let cursor: string | undefined
        let line: Schemas['ReceivedLine'] | undefined
        do {
            const answer = await call('get', '/api/v1/received', { query: { cursor } })
            if (!answer.ok) return
            line = answer.body.received.find((one) => one.id === props.id && one.sender === props.sender)
            cursor = answer.body.next ?? undefined
        } while (line === undefined && cursor !== undefined)
        const state = line === undefined ? 'gone' : JSON.stringify([line.progress.taken_by, line.progress.decided_at, line.progress.recalled_at, line.replaced_by, line.agreement_withdrawn, line.episode])
        if (seen.current !== '' && seen.current !== state) await read()
        seen.current = state
    }, [props.id, props.sender, read])
    useEffect(() => {
        seen.current = ''
        void read().then(check)
        return on_changed((changed) => {
            if (changed.what.includes('received')) void check()
        })
    }, [read, check])
    const done = useCallback(async (words: string): Promise<void> => {
        await read()
        await check()
        set_said(words)
        document.getElementById('main')?.focus()
        window.scrollTo(0, 0)
    }, [read, check])

    if (item === null && failure === null) return <p class="govuk-body">Opening…</p>
    if (item === null && failure !== null) {
        return (
            <>
                <Link to="/" class="govuk-back-link">Live list</Link>
                <div role="alert">
                    <Heading>{failure.status === 410 ? 'This was taken back' : 'This cannot be opened'}</Heading>
                    <p class="govuk-body"><Text of={failure.message} /></p>
                    <p class="govuk-body">{failure.status === 410 ? 'Do not use or pass on anything that you remember or have printed of it.' : <Text of={failure.next} />}</p>
                </div>
            </>
        )
    }
    return (
        <>
            {failure !== null && <div class="desk-banner desk-banner--bad" role="alert"><p class="govuk-body"><strong>{failure.message}</strong> {failure.next}</p></div>}
            {item !== null && <Opened item={item} me={props.me} path={path} advice={props.advice} said={said} on_done={done} />}
        </>
    )
}
