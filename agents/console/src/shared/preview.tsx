// Who would be told what, before anything is sent: the agent's decision in the agent's words.
import type { JSX } from 'preact'
import type { Schemas } from './api'
import { agency_words, role_words, type Catalogue } from './catalogue'
import { Explain } from './form'
import { time_words } from './time'
import { Text } from './value'
import { section_title } from './words'

type Preview = Schemas['Preview']
const seat_key = (seat: Schemas['Seat']): string => `${seat.agency}/${seat.role}`

export function PreviewShown(props: { preview: Preview; catalogue: Catalogue }): JSX.Element {
    const { preview, catalogue } = props
    const view_title = (view: string): string => catalogue.views.find((one) => one.view === view)?.title ?? section_title(view)
    const list = (views: string[], title: (one: string) => string): JSX.Element => <ul class="govuk-list govuk-list--bullet">{views.map((one) => <li key={one}><Text of={title(one)} /></li>)}</ul>
    return (
        <>
            {preview.refusal !== null && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6">
                    <p class="govuk-body"><strong>Nothing would be sent.</strong> <Text of={preview.refusal.message} /></p>
                    {preview.refusal.instead.map((one) => <p class="govuk-body" key={one.code}><Text of={one.message} /></p>)}
                </div>
            )}
            {preview.warnings.map((one) => <div class="govuk-inset-text" key={one.code}><Text of={one.message} /></div>)}
            {preview.floor && <div class="govuk-inset-text">The sharing agreement is not in force now. What you see is the least that is always shared.</div>}
            <h2 class="govuk-heading-m">Who is told</h2>
            {preview.who.length === 0 && <p class="govuk-body">Nobody, as far as this agent can tell now.</p>}
            {preview.who.map((one) => (
                <section class="desk-card" key={seat_key(one.recipient)}>
                    <h3 class="govuk-heading-s"><Text of={`${role_words(catalogue, one.recipient.role)}, ${one.name || agency_words(catalogue, one.recipient.agency)}`} /></h3>
                    <p class="govuk-body">
                        {one.act ? 'Acts on it' : 'Is told; somebody else acts'}
                        {one.take_by === null ? '' : `, ${one.take_by_estimated ? 'about ' : 'by '}${time_words(one.take_by, new Date())}`}.{' '}
                        {!one.certain && 'This may change when those who work with the child are known.'}
                    </p>
                    <p class="govuk-body"><Text of={one.why} /></p>
                    <p class="govuk-body govuk-!-margin-bottom-1"><strong>Gets</strong></p>
                    {list(one.views, view_title)}
                    {one.withheld.length > 0 && <p class="govuk-body govuk-!-margin-bottom-1"><strong>Is not given</strong></p>}
                    {one.withheld.length > 0 && list(one.withheld, section_title)}
                    <Explain what="The rule">
                        <p><Text of={one.explanation} /></p>
                        <p>Rule {one.rule}. Lawful basis: <Text of={one.basis_in_words} />.</p>
                    </Explain>
                </section>
            ))}
            <p class="govuk-body"><Text of={preview.others} /></p>
            {preview.decided_by_a_person.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">A person decides first</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {preview.decided_by_a_person.map((one) => (
                            <li key={seat_key(one.recipient)}>
                                <Text of={`${role_words(catalogue, one.decider.role)} decides whether ${role_words(catalogue, one.recipient.role)}, ${agency_words(catalogue, one.recipient.agency)}, is told`} />
                                {one.decide_by === null ? '' : `, by ${time_words(one.decide_by, new Date())}`}. <Text of={one.explanation} />
                            </li>
                        ))}
                    </ul>
                </>
            )}
            {preview.not_connected.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">You have to ring</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {preview.not_connected.map((one) => <li key={one.role}><Text of={role_words(catalogue, one.role)} />: nobody of them is connected. Number: <Text of={one.telephone === '' ? 'not known' : one.telephone} /></li>)}
                    </ul>
                </>
            )}
            {preview.not_told.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">Who is not told</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {preview.not_told.map((one) => <li key={`${seat_key(one.recipient)}/${one.code}`}><Text of={`${role_words(catalogue, one.recipient.role)}, ${agency_words(catalogue, one.recipient.agency)}`} />: <Text of={one.message} /></li>)}
                    </ul>
                </>
            )}
        </>
    )
}
