// One record: what counts now, who relied on it, and after it was taken back who has not confirmed and what the rules say without it.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { agency_name, code_title, role_title, type_title, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Button, Explain } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, Opening, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { full_time, time_words } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { form_words, state_of } from './words'

type Record = Schemas['AgreementRecord']
type Item = Schemas['AgreementItem']
type Seat = Schemas['AgreementSeat']

function Row(props: { title: string; children: string }): JSX.Element | null {
    if (props.children === '') return null
    return <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{props.title}</dt><dd class="govuk-summary-list__value"><Text of={props.children} /></dd></div>
}
function Seats(props: { title: string; of: Seat[]; catalogue: Catalogue | null; ring: boolean }): JSX.Element | null {
    if (props.of.length === 0) return null
    return (
        <>
            <h3 class="govuk-heading-s">{props.title}</h3>
            <ul class="govuk-list govuk-list--bullet">
                {props.of.map((one) => (
                    <li key={`${one.recipient.agency}/${one.recipient.role}`}>
                        <Text of={role_title(props.catalogue, one.recipient.role)} />, <Text of={one.name === '' ? one.recipient.agency : one.name} />
                        {one.at != null && `, ${time_words(one.at, new Date())}`}{props.ring && one.telephone !== '' && <>. Number to ring: <strong><Text of={one.telephone} /></strong></>}
                    </li>
                ))}
            </ul>
        </>
    )
}
function Sent(props: { item: Item; catalogue: Catalogue | null; withdrawn: boolean }): JSX.Element {
    const { item, catalogue } = props
    const without = item.without_agreement
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m"><Link to={`/sent/${item.id}`}><Text of={type_title(catalogue, item.type) ?? plain(item.type)} /></Link></h2>
            {item.relying.length === 0 && <p class="govuk-body">Nobody was told because of this agreement.</p>}
            {!props.withdrawn && <Seats title="Who was told because they agreed" of={item.relying} catalogue={catalogue} ring={false} />}
            {item.not_confirmed.length > 0 && item.confirm_by !== null && <p class="govuk-body"><strong>They have to confirm by {time_words(item.confirm_by, new Date())} that they stop using it.</strong></p>}
            <Seats title="Have not confirmed yet" of={item.not_confirmed} catalogue={catalogue} ring />
            <Seats title="Have stopped using it" of={item.confirmed} catalogue={catalogue} ring={false} />
            {without !== null && (
                <>
                    <h3 class="govuk-heading-s">Without the agreement</h3>
                    <p class="govuk-body"><Text of={without.message} /></p>
                    {without.instead.length > 0 && <ul class="govuk-list govuk-list--bullet">{without.instead.map((one) => <li key={one.code}><Text of={one.message} /></li>)}</ul>}
                </>
            )}
        </section>
    )
}
function Withdraw(props: { id: string; on_done: () => Promise<void> }): JSX.Element {
    const [asked, set_asked] = useState(false)
    const [busy, set_busy] = useState(false)
    const [failure, set_failure] = useState<Failure | null>(null)
    const withdraw = async (): Promise<void> => {
        set_busy(true)
        const answer = await call('post', '/api/v1/agreements/{id}/withdraw', { path: { id: props.id } })
        set_busy(false)
        if (answer.ok) return props.on_done()
        set_failure(answer)
    }
    return (
        <section class="desk-actions">
            <h2 class="govuk-heading-m">The family takes it back</h2>
            <Failed failure={failure} />
            <p class="govuk-body">What has not gone is stopped. Whoever was told because they agreed has to stop using what they have, and to confirm it. What was known before is not undone.</p>
            {asked ? (
                <>
                    <p class="govuk-body"><strong>Did the family say so, or somebody who may speak for them? It cannot be undone: if they agree again, that is a new record.</strong></p>
                    <div class="govuk-button-group">
                        <Button kind="warning" busy={busy} on_press={() => void withdraw()}>Yes, they take it back</Button>
                        <Button kind="secondary" on_press={() => set_asked(false)}>No, leave it</Button>
                    </div>
                </>
            ) : <Button kind="secondary" on_press={() => set_asked(true)}>They take it back</Button>}
        </section>
    )
}

export function OneAgreement(props: { id: string }): JSX.Element {
    use_title('What a family agreed to')
    const catalogue = use_catalogue()
    const { got: one, failure, again } = use_reading<Record>(() => call('get', '/api/v1/agreements/{id}', { path: { id: props.id } }), 'sent', props.id)
    const [said, set_said] = useState('')
    const done = async (): Promise<void> => {
        await again()
        set_said('It is recorded that the family takes it back.')
        document.getElementById('main')?.focus()
        window.scrollTo(0, 0)
    }
    if (one === null) return <><Link to="/agreements" class="govuk-back-link">Agreements</Link><Opening failure={failure} not_here="This is not here" /></>
    const state = state_of(one.status)
    const code = (vocabulary: string, of: string): string => (of === '' ? '' : code_title(catalogue, vocabulary, of))
    const time = (at: string | null): string => (at === null ? '' : full_time(at))
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Link to="/agreements" class="govuk-back-link">Agreements</Link>
                <div role="status">{said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body"><strong>{said}</strong></p></div>}</div>
                <Heading>What the family said</Heading>
                <p class="govuk-body"><strong class={`govuk-tag govuk-tag--${state.colour}`}>{state.words}</strong></p>
                <Failed failure={failure} />
                {one.message !== null && <p class="govuk-inset-text"><Text of={one.message} /></p>}
                <dl class="govuk-summary-list">
                    <Row title="Who answered">{code('giver', one.giver)}</Row>
                    <Row title="Why they were not asked">{code('not_sought_reason', one.not_sought_reason)}</Row>
                    <Row title="How">{form_words(one.form)}</Row>
                    <Row title="To what">{code('purpose', one.purpose)}</Row>
                    <Row title="Who may know">{one.named_agencies.map((agency) => agency_name(catalogue, agency)).join(', ')}</Row>
                    <Row title="Differing voices">{[one.other_holder_objects ? 'Somebody else with parental responsibility objects' : '', one.child_and_parent_differ ? 'Child and parent differ' : ''].filter((part) => part !== '').join('. ')}</Row>
                    <Row title="Said">{time(one.said_at)}</Row>
                    <Row title="Who asked">{one.sought_by ?? ''}</Row>
                    <Row title="Where the form is">{one.evidence ?? ''}</Row>
                    <Row title="Runs out">{time(one.expires_at)}</Row>
                    <Row title="Recorded">{time(one.recorded_at)}</Row>
                    <Row title="Taken back">{time(one.withdrawn_at)}</Row>
                </dl>
                {one.referral === null && <p class="govuk-body">Nothing that you may see was sent under it yet.</p>}
                {one.notifications.map((item) => <Sent key={item.id} item={item} catalogue={catalogue} withdrawn={one.withdrawn_at !== null} />)}
                {one.status === 'given' && <Withdraw id={one.id} on_done={done} />}
                <Explain what="What an agreement does and does not do">
                    <p>It is a yes to a service, for this referral. Where a child may be suffering harm another rule applies, and sharing goes on without it.</p>
                </Explain>
            </div>
        </div>
    )
}
