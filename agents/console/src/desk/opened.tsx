// An alert that is open: safe contact and the child's own words before anything else.
import type { ComponentChildren, JSX } from 'preact'
import type { Schemas } from '../shared/api'
import { agency_name, code_title, role_title, section_entry, section_of_view, type Catalogue } from '../shared/catalogue'
import { Button, Explain } from '../shared/form'
import { Heading } from '../shared/frame'
import { Link } from '../shared/route'
import { session } from '../shared/session'
import { use_store } from '../shared/store'
import { full_time, time_words } from '../shared/time'
import { Fields, Text } from '../shared/value'
import { in_reading_order, plain, section_of, section_title, urgency_words } from '../shared/words'
import { is_school } from '../school/kind'
import { Actions, Take, type Item } from './alert_actions'
import { due_words } from './clocks'
import { NamedPeople } from './linked_people'
import { Reports } from './reports'
import { steps_of } from './steps'

export type OpenedProps = { item: Item; me: string; path: string; said: string; catalogue: Catalogue | null; my_roles: string[]; advice?: ((item: Item) => JSX.Element) | undefined; on_done: (said: string) => Promise<void> }

function Fact(props: { of: string; children: ComponentChildren }): JSX.Element {
    return <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{props.of}</dt><dd class="govuk-summary-list__value">{props.children}</dd></div>
}
function Section(props: { title: string; class?: string; note?: ComponentChildren; children: ComponentChildren }): JSX.Element {
    return <section class={props.class}><h2 class="govuk-heading-m">{props.title}</h2>{props.note}{props.children}</section>
}
const object = (of: unknown): Record<string, unknown> => (typeof of === 'object' && of !== null ? (of as Record<string, unknown>) : {})

export function SafeContact(props: { of: Record<string, unknown> | undefined; catalogue: Catalogue | null }): JSX.Element {
    return (
        <Section title="Before you contact anybody" class="desk-safe">
            {props.of === undefined ? <p class="govuk-body">No safe-contact instructions came. Ask the sender before any contact.</p> : <Fields of={props.of} words={section_entry(props.catalogue, 'sfc')?.fields} />}
        </Section>
    )
}

function State(props: OpenedProps): JSX.Element {
    const { item, me } = props
    const { progress } = item
    const who = (person: string, name: string | null | undefined): JSX.Element => (person === me ? <>you</> : <Text of={name ?? person} />)
    return (
        <>
            <div>{progress.taken_by === null ? 'Nobody has taken this yet' : <>Taken by {who(progress.taken_by, progress.taken_by_name)}{progress.taken_at === null ? '' : `, ${full_time(progress.taken_at)}`}</>}</div>
            {item.assigned_to !== null && item.assigned_to !== progress.taken_by && <div>On the desk of {who(item.assigned_to, item.assigned_to_name)}</div>}
        </>
    )
}

function Steps(props: OpenedProps): JSX.Element {
    const { item } = props
    const at = `${encodeURIComponent(item.sender)}/${item.id}`
    return (
        <nav class="desk-no-print" aria-label="Next steps">
            <h2 class="govuk-heading-s govuk-!-margin-bottom-1">Next steps</h2>
            <ul class="govuk-list">
                <li><Link to={`/chronology/${at}`}>See all that this desk holds about the child</Link></li>
                {steps_of(props.catalogue, item.type, props.my_roles).map((step) => <li key={step.type + step.how}><Link to={`/send/${at}/${step.how}/${step.type}`}>{step.label}</Link></li>)}
                <li><Link to={`/send/${at}`}>Send something else about this child</Link></li>
            </ul>
        </nav>
    )
}

/** The first page is the live list, or that of a school. */
export function BackToFirst(): JSX.Element {
    const who = use_store(session)
    return <Link to="/" class="govuk-back-link">{who.is === 'in' && is_school(who.session.me) ? 'Your school' : 'Live list'}</Link>
}

export function Opened(props: OpenedProps): JSX.Element {
    const { item, catalogue } = props
    const now = new Date()
    const views = item.views as Record<string, unknown>
    const words = (view: string): Schemas['CatalogueField'][] | undefined => section_entry(catalogue, section_of_view(catalogue, view))?.fields
    const was = item.replaces === null ? {} : (item.replaces.was as Record<string, unknown>)
    const safe = Object.keys(views).find((view) => section_of(view) === 'sfc')
    const kept = item.unchanged.filter((one) => section_of(one.view) !== 'sfc')
    const safe_before = item.unchanged.find((one) => section_of(one.view) === 'sfc')
    return (
        <>
            <BackToFirst />
            <div role="status">{props.said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body"><strong>{props.said}</strong></p></div>}</div>
            <Heading caption={<Text of={`From ${agency_name(catalogue, item.sender)}`} />}><Text of={item.title ?? plain(item.type)} /></Heading>
            {item.replaced_by !== null && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6" role="alert">
                    <p class="govuk-body"><strong>Parts of this were wrong.</strong> <Link to={`/alert/${encodeURIComponent(item.sender)}/${item.replaced_by}`}>Read the correction</Link></p>
                </div>
            )}
            {item.replaces !== null && (
                <div class="desk-banner desk-banner--news"><p class="govuk-body">This puts an earlier message right. What was wrong is struck through. <Link to={`/alert/${encodeURIComponent(item.sender)}/${item.replaces.id}`}>Read the earlier one</Link></p></div>
            )}
            <SafeContact of={safe !== undefined ? object(views[safe]) : safe_before?.content ?? undefined} catalogue={catalogue} />
            {item.marks.map((mark) => <p key={mark.code} class="govuk-inset-text"><Text of={mark.message} /></p>)}
            {props.advice?.(item)}
            <div class="desk-facts">
                <dl class="govuk-summary-list">
                    {item.progress.decided_at !== null && (
                        <Fact of="Outcome">
                            <strong>{code_title(catalogue, 'outcome', item.progress.outcome ?? '')}</strong>, {full_time(item.progress.decided_at)}
                            {item.outcome_reason !== null && <div><Text of={item.outcome_reason} /></div>}
                        </Fact>
                    )}
                    <Fact of="Who has it"><State {...props} /></Fact>
                    {item.take_by !== null && (
                        <Fact of={item.act ? 'To be taken by' : 'To be seen by'}>
                            {item.take_by_estimated && 'About '}{time_words(item.take_by, now)}
                            {item.act ? ` (${urgency_words(item.urgency)})` : ''}
                            {item.take_by_in_words !== null && <div class="desk-quiet"><Text of={item.take_by_in_words} /></div>}
                        </Fact>
                    )}
                    {item.clocks.map((clock) => (
                        <Fact key={clock.name} of={clock.label}>
                            <strong>{due_words(clock, now)}</strong>
                            <div class="desk-quiet"><Text of={clock.by_in_words} /></div>
                            {clock.law !== '' && <div class="desk-quiet"><Text of={clock.law} /></div>}
                            <div class="desk-quiet">Nothing here reminds you of it: note it where you keep such dates.</div>
                        </Fact>
                    ))}
                    <Fact of="What you do">{item.act ? 'You act on this' : 'You are told of this. Somebody else acts'}</Fact>
                    {item.occurred_at !== null && <Fact of="Happened">{full_time(item.occurred_at)}</Fact>}
                    {item.accepted_at !== null && <Fact of="Received">{full_time(item.accepted_at)}</Fact>}
                    {item.episode !== undefined && <Fact of="Episode"><Text of={item.episode.summary} /></Fact>}
                    <Fact of="Why you have it"><Text of={item.why.you} /></Fact>
                    {item.why.passed_on_from !== null && <Fact of="Whose words"><Text of={`${role_title(catalogue, item.why.passed_on_from.role)}, ${agency_name(catalogue, item.why.passed_on_from.agency)}`} />, passed on by the front door</Fact>}
                    {item.case_number !== null && <Fact of="Your case number"><Text of={item.case_number} /></Fact>}
                </dl>
                <Take {...props} />
            </div>
            {in_reading_order(Object.keys(views)).map((view) => (
                <Section key={view} title={section_title(view)} class={section_of(view) === 'voi' ? 'desk-voice' : undefined}>
                    <Fields of={object(views[view])} was={was[view] === undefined ? undefined : object(was[view])} words={words(view)} />
                </Section>
            ))}
            {kept.map((one) => (
                <Section
                    key={one.view}
                    title={section_title(one.view)}
                    note={<p class="govuk-body desk-quiet">Not changed{one.occurred_at === null ? '' : ` since ${full_time(one.occurred_at)}`}. <Text of={one.message} /></p>}
                >
                    {one.content === null ? null : <Fields of={one.content} words={words(one.view)} />}
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
            <NamedPeople item={item} />
            <Steps {...props} />
            <Actions {...props} />
            <Reports item={item} path={props.path} catalogue={catalogue} on_done={props.on_done} />
            <div class="desk-no-print"><Button kind="secondary" on_press={() => window.print()}>Print</Button></div>
        </>
    )
}
