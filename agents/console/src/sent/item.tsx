// One thing that was sent: who has it, who has opened and taken it, what became of it, and putting it right or taking it back.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { begin_draft } from '../concern/draft'
import { correction_of, type Notification } from '../concern/notification'
import { kept_sections } from '../release/words'
import { ByWhen, sections_in } from '../shared/preview'
import { call, type Schemas } from '../shared/api'
import { agency_name, code_title, role_title, section_entry, section_name, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Emergency } from '../shared/emergency'
import { Button, ErrorSummary, Explain, Radios, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, Opening, use_reading } from '../shared/reading'
import { go, Link } from '../shared/route'
import { sentence } from '../shared/text'
import { full_time, time_words } from '../shared/time'
import { Fields, Text } from '../shared/value'
import { in_reading_order, plain } from '../shared/words'
import { LinkedSaid } from './linked'
import { alarm_words, bad_rungs, furthest, rung_words, state_words } from './words'

type Item = Schemas['SentItem']
type Recipient = Item['recipients'][number]
const use_item = (id: string): ReturnType<typeof use_reading<Item>> => use_reading(() => call('get', '/api/v1/sent/{id}', { path: { id } }), 'sent', id)
const row_correction = 102
const may_change = (item: Item): boolean => item.recalled === null && !['refused', 'withdrawn', 'closed'].includes(item.state)

function Progress(props: { one: Recipient; recalled: boolean; catalogue: Catalogue; now: Date }): JSX.Element {
    const { one, catalogue, now } = props
    const outcome = (code: string): string => code_title(catalogue, 'outcome', code)
    const last = furthest(one.rungs)
    const taken = one.rungs.some(({ rung }) => rung === 'taken' || rung === 'decided')
    const waits = !taken && !props.recalled
    const late = one.act && waits && one.take_by !== null && Date.parse(one.take_by) < now.getTime()
    return (
        <li class="desk-card concern-told">
            <h3 class="govuk-heading-s"><Text of={role_title(catalogue, one.recipient.role)} />{one.name === '' ? '' : <>, <Text of={one.name} /></>}</h3>
            {late && <p class="govuk-body"><strong class="govuk-tag govuk-tag--red">Overdue</strong> <strong>Nobody has taken it on. Ring them{one.telephone === '' ? '' : <>: <Text of={one.telephone} /></>}.</strong></p>}
            {waits && <p class="govuk-body"><ByWhen act={one.act} take_by={one.take_by} estimated={one.take_by_estimated} />.</p>}
            {one.rungs.length === 0 ? <p class="govuk-body">It has not arrived there yet.</p> : (
                <ol class="concern-rungs">
                    {one.rungs.map((rung) => <li key={rung.rung} class={bad_rungs.has(rung.rung) ? 'concern-rungs__bad' : rung === last ? 'concern-rungs__last' : undefined}><Text of={rung_words(rung, now, outcome)} /></li>)}
                </ol>
            )}
            {one.confirmation !== null && one.confirmation.at === null && (
                <p class="govuk-body"><strong>{one.confirmation.of === 'recall' ? 'They have not confirmed that it is removed' : 'They have not taken the correction on'}{one.confirmation.by === null ? '' : `; they have until ${time_words(one.confirmation.by, now)}`}.</strong>{one.telephone !== '' && <> Number to ring: <Text of={one.telephone} /></>}</p>
            )}
            <Explain what="What they got, and why">
                <p>Got: {sections_in(catalogue, one.views).join(', ') || 'that it happened'}.{one.withheld.length > 0 && ` Did not get: ${one.withheld.map((section) => section_name(catalogue, section)).join(', ')}.`}</p>
                <p><Text of={one.why} /> <Text of={one.explanation} /></p>
                <p>Reason in law: <Text of={one.basis_in_words} />. Rule {one.rule}.</p>
                {one.telephone !== '' && <p>Number to ring: <Text of={one.telephone} /></p>}
            </Explain>
        </li>
    )
}

function Whom(props: { item: Item; catalogue: Catalogue }): JSX.Element {
    const { item, catalogue } = props
    const now = new Date()
    const seat = (of: { agency: string; role: string }): string => `${role_title(catalogue, of.role)}, ${agency_name(catalogue, of.agency)}`
    return (
        <>
            {item.alarms.map((one) => (
                <div key={one.alarm} class="desk-banner desk-banner--bad govuk-!-margin-bottom-6"><p class="govuk-body"><strong>{alarm_words(one.alarm)}</strong>{one.ring === '' ? '' : <> Ring: <Text of={one.ring} /></>}</p></div>
            ))}
            {item.refusal !== null && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6">
                    <p class="govuk-body"><strong>It was not sent. <Text of={sentence(item.refusal.message)} /></strong></p>
                    {item.refusal.instead.length > 0 && <ul class="govuk-list govuk-list--bullet">{item.refusal.instead.map((one) => <li key={one.code}><Text of={one.message} /></li>)}</ul>}
                </div>
            )}
            {item.recalled !== null && <div class="desk-banner desk-banner--news"><p class="govuk-body"><strong>Taken back {time_words(item.recalled.at, now)}: {code_title(catalogue, 'recall_reason', item.recalled.reason)}.</strong>{item.recalled.confirm_by !== null && ` Everybody has to confirm by ${time_words(item.recalled.confirm_by, now)}.`}</p></div>}
            {item.warnings.map((one) => <p key={one.code} class="govuk-inset-text"><Text of={one.message} /></p>)}
            <LinkedSaid of={item.linked} />
            {item.recipients.length > 0 && <h2 class="govuk-heading-m">Who has it</h2>}
            {item.recipients.length === 0 && item.refusal === null && item.held.length === 0 && <p class="govuk-body">Nobody has it yet. This page shows it as soon as it is worked out who gets it.</p>}
            <ul class="concern-list">{item.recipients.map((one) => <Progress key={`${one.recipient.agency}/${one.recipient.role}`} one={one} recalled={item.recalled !== null} catalogue={catalogue} now={now} />)}</ul>
            {item.held.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">Waits for a person’s decision</h2>
                    <ul class="govuk-list govuk-list--bullet">{item.held.map((one) => <li key={`${one.recipient.agency}/${one.recipient.role}`}>Whether {seat(one.recipient)} is told: {seat(one.decider)} decides{one.decide_by === null ? '' : ` by ${time_words(one.decide_by, now)}`}. <Text of={one.explanation} /></li>)}</ul>
                </>
            )}
            {item.not_connected.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">Not connected yet: somebody has to ring</h2>
                    <ul class="govuk-list govuk-list--bullet">{item.not_connected.map((one) => <li key={one.role}><Text of={role_title(catalogue, one.role)} />{one.telephone === '' ? '' : <>: <Text of={one.telephone} /></>}{one.tell_by === null ? '' : `, by ${time_words(one.tell_by, now)}`}</li>)}</ul>
                </>
            )}
            {item.refused.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">Who was not told</h2>
                    <ul class="govuk-list govuk-list--bullet">{item.refused.map((one) => <li key={`${one.recipient.agency}/${one.recipient.role}`}>{seat(one.recipient)}: <Text of={one.message} /></li>)}</ul>
                </>
            )}
        </>
    )
}

function Words(props: { id: string; catalogue: Catalogue }): JSX.Element {
    const [said, set_said] = useState<Notification | null>(null)
    const [failure, set_failure] = useState<Parameters<typeof Failed>[0]['failure']>(null)
    const read = async (): Promise<void> => {
        const answer = await call('get', '/api/v1/sent/{id}/content', { path: { id: props.id } })
        if (answer.ok) set_said(answer.body.notification)
        else set_failure(answer)
    }
    if (said === null) {
        return (
            <div class="desk-no-print">
                <Failed failure={failure} />
                <Button kind="secondary" on_press={() => void read()}>Show what was said</Button>
                <p class="govuk-hint">Reading it again is recorded.</p>
            </div>
        )
    }
    const sections = (said.sections ?? {}) as Record<string, Record<string, unknown>>
    return (
        <>
            <h2 class="govuk-heading-m">What was said</h2>
            {[...in_reading_order(Object.keys(sections)), ...Object.keys(sections).filter((section) => section === 'sfc')].map((section) => (
                <section key={section}><h3 class="govuk-heading-s">{section_name(props.catalogue, section)}</h3><Fields of={sections[section] ?? {}} words={section_entry(props.catalogue, section)?.fields} /></section>
            ))}
        </>
    )
}

export function SentOne(props: { id: string }): JSX.Element {
    use_title('Sent')
    const { got: item, failure } = use_item(props.id)
    const catalogue = use_catalogue()
    const [wrong, set_wrong] = useState<Parameters<typeof Failed>[0]['failure']>(null)
    const correct = async (of: Item, words: Catalogue): Promise<void> => {
        const answer = await call('get', '/api/v1/sent/{id}/content', { path: { id: of.id } })
        const type = words.types.find(({ row }) => row === row_correction)
        if (!answer.ok) return set_wrong(answer)
        if (type !== undefined) go(`/concern/${begin_draft(correction_of(of.id, answer.body.notification, type.type, words))}/check`)
    }
    if (item === null || catalogue === null) return <><Link to="/sent" class="govuk-back-link">Sent</Link><Opening failure={failure} /></>
    const state = state_words(item.state)
    return (
        <>
            <Link to="/sent" class="govuk-back-link">Sent</Link>
            <Heading caption={item.created_at === null ? undefined : `Sent ${full_time(item.created_at)}`}><Text of={item.title ?? plain(item.type)} /></Heading>
            <p class="govuk-body"><strong class={`govuk-tag govuk-tag--${state.colour}`}>{state.words}</strong></p>
            <Failed failure={failure ?? wrong} />
            {item.supersedes !== null && <p class="govuk-body"><Link to={`/sent/${item.supersedes}`}>This puts right what was sent before</Link></p>}
            {item.about != null && (
                <p class="govuk-body">
                    <Link to={`/alert/${encodeURIComponent(item.about.sender)}/${item.about.id}`}>The alert that this is about</Link>
                    {item.about.taken_back && <strong> It was taken back since. Tell whoever acts on your word.</strong>}
                </p>
            )}
            {item.answers !== undefined && item.answers.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">What came back</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {item.answers.map((one) => <li key={one.id}><Link to={`/alert/${encodeURIComponent(one.sender)}/${one.id}`}><Text of={one.title} /></Link> from <Text of={agency_name(catalogue, one.sender)} />{one.accepted_at === null ? '' : `, ${full_time(one.accepted_at)}`}</li>)}
                    </ul>
                </>
            )}
            <Whom item={item} catalogue={catalogue} />
            <Words id={item.id} catalogue={catalogue} />
            {may_change(item) && kept_sections(item, catalogue).length > 0 && (
                <div class="desk-actions">
                    <h2 class="govuk-heading-m">Its address is protected</h2>
                    <p class="govuk-body">Nobody has it. If somebody must, ask two people of your agency to release it.</p>
                    <p class="govuk-body"><Link to={`/sent/${item.id}/release`}>Ask for the address to be released</Link></p>
                </div>
            )}
            {may_change(item) && (
                <div class="desk-actions">
                    <h2 class="govuk-heading-m">Something in it is wrong</h2>
                    <p class="govuk-body">Put it right: everybody who has it gets the right words, and sees what was wrong struck through.</p>
                    <Button kind="secondary" on_press={() => void correct(item, catalogue)}>Put it right</Button>
                    <p class="govuk-body">It should never have gone, or went to the wrong people: take it back. It is removed there, and each has to confirm it. What somebody has read cannot be unread.</p>
                    <p class="govuk-body"><Link to={`/sent/${item.id}/take-back`}>Take it back</Link></p>
                </div>
            )}
            {may_change(item) && <p class="govuk-body desk-no-print"><Link to={`/agreements/new/${item.id}`}>Record what the family says about it now</Link></p>}
            <div class="desk-no-print"><Button kind="secondary" on_press={() => window.print()}>Print</Button></div>
        </>
    )
}

export function TakeBack(props: { id: string }): JSX.Element {
    use_title('Take back')
    const catalogue = use_catalogue()
    const [reason, set_reason] = useState('')
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const send = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (reason === '') wrong.reason = 'Choose why you take it back'
        else {
            set_busy(true)
            const answer = await call('post', '/api/v1/sent/{id}/recall', { path: { id: props.id }, body: { reason } })
            set_busy(false)
            if (answer.ok) return go(`/sent/${props.id}`)
            wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                <Link to={`/sent/${props.id}`} class="govuk-back-link">Back</Link>
                <Heading>Take back what was sent</Heading>
                <p class="govuk-body">Everybody who has it, or would get it, is told to remove it and to confirm. If a protected address or a child’s placement went to the wrong place, ring the people it could put in danger now.</p>
                <Emergency catalogue={catalogue} />
                <form noValidate onSubmit={(event) => { event.preventDefault(); void send() }}>
                    <Radios id="reason" legend="Why?" value={reason} choices={(catalogue?.words.recall_reason ?? []).map(({ code, title }) => ({ value: code, label: title }))} on_choose={set_reason} error={errors.reason} />
                    <Button type="submit" kind="warning" busy={busy}>Take it back</Button>
                </form>
            </div>
        </div>
    )
}

/** The first page after sending. */
export function SentDone(props: { id: string }): JSX.Element {
    use_title('Sent')
    const { got: item, failure } = use_item(props.id)
    const catalogue = use_catalogue()
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <div class="govuk-panel govuk-panel--confirmation"><Heading plain>{item !== null && item.refusal !== null ? 'Kept, but not sent' : item?.state === 'held' ? 'Kept: a person decides first' : 'It is sent'}</Heading></div>
                <Failed failure={failure} />
                <p class="govuk-body">Your agency’s agent has it, and it cannot be lost. You can close this page.</p>
                <h2 class="govuk-heading-m">What happens next</h2>
                {item !== null && catalogue !== null && (
                    <>
                        <ul class="govuk-list govuk-list--bullet">
                            {item.recipients.map((one) => <li key={`${one.recipient.agency}/${one.recipient.role}`}><Text of={role_title(catalogue, one.recipient.role)} />{one.name === '' ? '' : <>, <Text of={one.name} /></>}: <ByWhen act={one.act} take_by={one.take_by} estimated={one.take_by_estimated} />.</li>)}
                            {item.recipients.length === 0 && item.refusal === null && <li>It is being worked out who gets it. This takes a moment, or until the link to the broker is back.</li>}
                            {item.held.map((one) => <li key={`${one.decider.agency}/${one.decider.role}`}>{role_title(catalogue, one.decider.role)} decides{one.decide_by === null ? '' : ` by ${time_words(one.decide_by, new Date())}`}.</li>)}
                            {item.not_connected.map((one) => <li key={one.role}><strong>Somebody has to ring <Text of={role_title(catalogue, one.role)} />{one.telephone === '' ? '' : <>, <Text of={one.telephone} /></>}.</strong></li>)}
                        </ul>
                        {item.refusal !== null && <p class="govuk-body"><strong><Text of={sentence(item.refusal.message)} /></strong></p>}
                    </>
                )}
                <p class="govuk-body">You see who has taken it on, and what became of it, under <Link to={`/sent/${props.id}`}>what was sent</Link>.</p>
                <p class="govuk-body">If nobody has taken it on by then, ring them. If anything gets worse, do not wait.</p>
                <Emergency catalogue={catalogue} />
                <h2 class="govuk-heading-m">What you do now</h2>
                <ul class="govuk-list govuk-list--bullet">
                    <li>Write it into your own record of the child, with the time.</li>
                    <li>Keep the child in view today, and do what your safety plan says.</li>
                    <li>Tell the family what you have done, unless that would put somebody at risk.</li>
                </ul>
            </div>
        </div>
    )
}
