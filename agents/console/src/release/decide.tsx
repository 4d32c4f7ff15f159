// The two decisions about a protected address, one page for each: who would have it and why, what they would be shown, yes or no.
// That two different people say yes is the agent's rule; here a refusal is said in plain words.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { SafeContact } from '../desk/opened'
import { call, type Failure, type Schemas } from '../shared/api'
import { AnswerForm } from '../shared/answer_form'
import { agency_name, role_title, section_entry, section_name, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Explain } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, Opening, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Fields, Text } from '../shared/value'
import { in_reading_order } from '../shared/words'
import { WhatGoes, release_type, second_question } from './words'

export type Release = Schemas['HeldItem']
export const is_release = (one: Schemas['HeldItem'] | Schemas['Task']): one is Release => one.type === release_type && 'questions' in one
export const is_second = (held: Release): boolean => held.questions.some(({ rule }) => rule === second_question)

/** On the list of decisions: enough to know what it is. The address itself is on the page behind it. */
export function ReleaseCard(props: { held: Release; catalogue: Catalogue | null }): JSX.Element {
    const { held, catalogue } = props
    const due = held.questions.map(({ decide_by }) => decide_by).find((at) => at !== null) ?? null
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m">Release of a protected address</h2>
            {due !== null && <p class="govuk-body">{held.questions.some(({ overdue }) => overdue) && <strong class="govuk-tag govuk-tag--red">Overdue</strong>} <strong>Decide by {time_words(due, new Date())}</strong></p>}
            <p class="govuk-body">For: <Text of={[...new Set(held.questions.map(({ recipient }) => `${role_title(catalogue, recipient.role)}, ${agency_name(catalogue, recipient.agency)}`))].join('; ')} /></p>
            <p class="govuk-body">{is_second(held) ? 'One person has said yes. A second person, who is somebody else, decides.' : 'Two people decide. The first has not answered yet.'}</p>
            <p class="govuk-body"><Link to={`/release/${held.id}`}>Read it and decide</Link></p>
        </section>
    )
}

function Fact(props: { of: string; children: JSX.Element | string }): JSX.Element {
    return <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{props.of}</dt><dd class="govuk-summary-list__value">{props.children}</dd></div>
}

const same_person = 'You cannot give this answer. The second yes has to come from somebody else: not from whoever gave the first, and not from a colleague whom they added to the desk or who added them. Ask another manager, or say no if it must not go.'
function in_words(held: Release, failure: Failure): string {
    return failure.code === 'not_entitled' && is_second(held) ? same_person : `${failure.message} ${failure.next}`
}

function Question(props: { held: Release; catalogue: Catalogue; on_done: (choice: string) => Promise<void> }): JSX.Element {
    const { held, catalogue } = props
    const second = is_second(held)
    // Who asks: by the seat in which it was sent. Their name is in the agency's own record.
    const asker = use_reading(() => call('get', '/api/v1/sent/{id}', { path: { id: held.id } }), 'sent', held.id).got
    const sections = (held.sections ?? {}) as Record<string, Record<string, unknown>>
    const due = held.questions.map(({ decide_by }) => decide_by).find((at) => at !== null) ?? null
    const seats = [...new Map(held.questions.map(({ recipient }) => [`${recipient.agency}/${recipient.role}`, recipient])).values()]
    return (
        <>
            <Heading caption={second ? 'Second of two decisions' : 'First of two decisions'}>Release of a protected address</Heading>
            <div class="govuk-warning-text">
                <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
                <strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">Warning: </span>Whoever learns this address can find people who are in hiding.</strong>
            </div>
            <div class="desk-facts">
                <dl class="govuk-summary-list">
                    <Fact of="Who would have it"><ul class="govuk-list">{seats.map((seat) => <li key={`${seat.agency}/${seat.role}`}><strong><Text of={role_title(catalogue, seat.role)} /></strong>, <Text of={agency_name(catalogue, seat.agency)} /></li>)}</ul></Fact>
                    <Fact of="Why"><Text of={held.asked_because ?? 'No reason is kept any more'} /></Fact>
                    {asker === null ? <></> : <Fact of="Who asks"><Text of={`Somebody of ${agency_name(catalogue, asker.agency)}, for ${role_title(catalogue, asker.role)}${asker.created_at === null ? '' : `, ${time_words(asker.created_at, new Date())}`}`} /></Fact>}
                    {due === null ? <></> : <Fact of="Decide by"><>{held.questions.some(({ overdue }) => overdue) && <><strong class="govuk-tag govuk-tag--red">Overdue</strong>{' '}</>}{time_words(due, new Date())}</></Fact>}
                    <Fact of="So far">{second ? 'One person has said yes. Your yes releases it.' : 'Nobody has answered yet. After your yes a manager, who is somebody else, decides too.'}</Fact>
                </dl>
            </div>
            <SafeContact of={sections.sfc} catalogue={catalogue} />
            <h2 class="govuk-heading-m">What it says</h2>
            {in_reading_order(Object.keys(sections)).map((section) => (
                <section key={section}><h3 class="govuk-heading-s">{section_name(catalogue, section)}</h3><Fields of={sections[section] ?? {}} words={section_entry(catalogue, section)?.fields} /></section>
            ))}
            <WhatGoes />
            <AnswerForm
                id={held.id}
                legend="May they have the address?"
                choices={[{ value: 'yes', label: 'Yes, release it to them' }, { value: 'no', label: 'No, keep it from them', hint: 'One no is enough: nothing goes' }]}
                reason_hint="Recorded with your decision. It stays with your agency and those who keep such records."
                confirms={(choice) => choice === 'yes'}
                send={(choice, reason) => call('post', '/api/v1/held/{id}', { path: { id: held.id }, body: { allow: choice === 'yes', reason } })}
                on_done={props.on_done}
                says={(failure) => in_words(held, failure)}
            />
            <Explain what="Who may give which answer">
                <p>First your agency’s safeguarding lead, then a manager. They have to be two people. Whoever added a colleague to the desk has seen how that colleague signs in at first, so the two of them count as one person here.</p>
            </Explain>
        </>
    )
}

function Done(props: { id: string; said: 'yes' | 'no'; was_second: boolean }): JSX.Element {
    const { said, was_second } = props
    const title = said === 'no' ? 'The address is not released' : was_second ? 'The address is released' : 'Your yes is recorded'
    return (
        <>
            <div class="govuk-panel govuk-panel--confirmation"><Heading plain>{title}</Heading></div>
            {said === 'no' ? <p class="govuk-body">Nobody gets it. Whoever asked sees that it was refused, and may ask anew with another reason.</p>
                : was_second ? <p class="govuk-body">It goes to those who were named and to nobody else. It can be taken back like anything that was sent.</p>
                : <p class="govuk-body"><strong>Nothing goes yet.</strong> A manager who is somebody else has to say yes as well. You cannot give both.</p>}
            <p class="govuk-body"><Link to={`/sent/${props.id}`}>See how far it is</Link></p>
            <p class="govuk-body"><Link to="/decisions">Decisions that wait for you</Link></p>
        </>
    )
}

export function DecideRelease(props: { id: string }): JSX.Element {
    use_title('Release of a protected address')
    const catalogue = use_catalogue()
    const { got, failure } = use_reading(() => call('get', '/api/v1/held'), 'held', props.id)
    const [done, set_done] = useState<{ said: 'yes' | 'no'; was_second: boolean } | null>(null)
    const held = got?.held.filter(is_release).find(({ id }) => id === props.id)
    const is_over = got !== null && held === undefined
    const is_asked = held !== undefined && catalogue !== null
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                {done !== null ? <Done id={props.id} {...done} /> : (
                    <>
                        <Link to="/decisions" class="govuk-back-link">Decisions</Link>
                        {is_asked || is_over ? <Failed failure={failure} /> : <Opening failure={failure} />}
                        {held !== undefined && catalogue !== null && (
                            <Question
                                key={is_second(held) ? 'second' : 'first'} held={held} catalogue={catalogue}
                                on_done={async (choice) => set_done({ said: choice === 'yes' ? 'yes' : 'no', was_second: is_second(held) })}
                            />
                        )}
                        {is_over && (
                            <>
                                <Heading>This does not wait for you</Heading>
                                <p class="govuk-body">It was answered, taken back, or somebody else is asked. <Link to={`/sent/${props.id}`}>See how far it is</Link></p>
                            </>
                        )}
                    </>
                )}
            </div>
        </div>
    )
}
