// Who would be told what, before anything is sent: the agent's decision in the agent's words.
import type { JSX } from 'preact'
import type { Schemas } from './api'
import { agency_name, role_title, section_name, section_of_view, type Catalogue } from './catalogue'
import { Explain } from './form'
import { sentence } from './text'
import { time_words } from './time'
import { Text } from './value'
import { in_reading_order } from './words'

type Preview = Schemas['Preview']
type Told = Preview['who'][number]
const now_words = (at: string): string => time_words(at, new Date())

export function ByWhen(props: { act: boolean; take_by: string | null; estimated: boolean }): JSX.Element {
    const { act, take_by } = props
    if (take_by === null) return <>{act ? 'Has to act' : 'Is told'}</>
    return <>{act ? 'A named person there has to take it on by' : 'Is told, and should see it by'} <strong>{props.estimated ? 'about ' : ''}{now_words(take_by)}</strong></>
}
export function sections_in(catalogue: Catalogue | null, views: readonly string[]): string[] {
    const sections = [...new Set(views.map((view) => section_of_view(catalogue, view)))]
    return [...in_reading_order(sections), ...sections.filter((section) => section === 'sfc')].map((section) => section_name(catalogue, section))
}
function Recipient(props: { told: Told; catalogue: Catalogue | null; said: Set<string> | undefined }): JSX.Element {
    const { told, catalogue } = props
    const gets = sections_in(catalogue, told.views.filter((view) => props.said?.has(section_of_view(catalogue, view)) ?? true))
    const has = new Set(told.views.map((view) => section_of_view(catalogue, view)))
    const not = [...(props.said ?? told.withheld)].filter((section) => !has.has(section))
    return (
        <li class="desk-card concern-told">
            <h3 class="govuk-heading-s"><Text of={role_title(catalogue, told.recipient.role)} />{told.name === '' ? '' : <>, <Text of={told.name} /></>}</h3>
            <p class="govuk-body"><ByWhen act={told.act} take_by={told.take_by} estimated={told.take_by_estimated} />.</p>
            <p class="govuk-body">Gets: {gets.length === 0 ? 'that it happened' : gets.join(', ')}.</p>
            {not.length > 0 && <p class="govuk-body">Does not get: {not.map((section) => section_name(catalogue, section)).join(', ')}.</p>}
            <p class="govuk-body">Why: <Text of={told.why} /></p>
            {!told.certain && <p class="govuk-body desk-quiet">Whether and what this one is told may change when somebody is found who works with the child.</p>}
            <Explain what="The rule and the reason in law">
                <p><Text of={told.explanation} /></p>
                <p>Reason in law for sharing: <Text of={told.basis_in_words} />. Rule {told.rule}.</p>
                {told.telephone !== '' && <p>Number to ring: <Text of={told.telephone} /></p>}
            </Explain>
        </li>
    )
}

/** `said`: the sections that were filled in; of the others there is nothing to get. */
export function PreviewShown(props: { preview: Preview; catalogue: Catalogue | null; said?: Set<string> }): JSX.Element {
    const { preview, catalogue, said } = props
    const reached = new Set(preview.who.flatMap((told) => told.views.map((view) => section_of_view(catalogue, view))))
    // Where nothing goes at all, that is said once.
    const nobody = preview.who.length === 0 ? [] : [...(said ?? [])].filter((section) => !reached.has(section))
    const seat = (of: { agency: string; role: string }): string => `${role_title(catalogue, of.role)}, ${agency_name(catalogue, of.agency)}`
    return (
        <>
            {preview.refusal !== null && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6">
                    <p class="govuk-body"><strong>As it stands, this will not be sent. <Text of={sentence(preview.refusal.message)} /></strong></p>
                    {preview.refusal.instead.length > 0 && <ul class="govuk-list govuk-list--bullet">{preview.refusal.instead.map((one) => <li key={one.code}><Text of={one.message} /></li>)}</ul>}
                </div>
            )}
            {preview.warnings.map((one) => <p key={one.code} class="govuk-inset-text"><Text of={one.message} /></p>)}
            <h2 class="govuk-heading-m">Who is told, with what and why</h2>
            {preview.who.length === 0 && <p class="govuk-body">{preview.refusal === null ? 'Nobody is told at once.' : 'Nobody.'}</p>}
            <ul class="concern-list">{preview.who.map((told) => <Recipient key={`${told.recipient.agency}/${told.recipient.role}`} told={told} catalogue={catalogue} said={said} />)}</ul>
            {preview.refusal === null && <p class="govuk-body"><Text of={preview.others} /></p>}
            {preview.decided_by_a_person.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">A person decides first</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {preview.decided_by_a_person.map((one) => (
                            <li key={`${one.recipient.agency}/${one.recipient.role}/${one.decider.role}`}>
                                Whether {seat(one.recipient)} is told: {seat(one.decider)} decides{one.decide_by === null ? '' : ` by ${now_words(one.decide_by)}`}. <Text of={one.explanation} />
                            </li>
                        ))}
                    </ul>
                </>
            )}
            {preview.not_connected.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">Not connected yet: somebody has to ring</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {preview.not_connected.map((one) => <li key={one.role}><Text of={role_title(catalogue, one.role)} />: {one.telephone === '' ? 'no number is known' : <Text of={one.telephone} />}{one.tell_by === null ? '' : `, by ${now_words(one.tell_by)}`}</li>)}
                    </ul>
                </>
            )}
            {(nobody.length > 0 || preview.not_told.length > 0) && (
                <>
                    <h2 class="govuk-heading-m">What is not shared</h2>
                    <ul class="govuk-list govuk-list--bullet">
                        {nobody.map((section) => <li key={section}>{section_name(catalogue, section)}: goes to nobody named here. It stays with your agency.</li>)}
                        {preview.not_told.map((one) => <li key={`${one.recipient.agency}/${one.recipient.role}`}>{seat(one.recipient)} is not told: <Text of={one.message} /></li>)}
                    </ul>
                </>
            )}
            {preview.incomplete && <p class="govuk-inset-text">Something is missing. It is sent all the same, because a child may be in danger, and marked as incomplete.</p>}
            {preview.floor && <p class="govuk-inset-text">The area’s rules are not in force just now: only the front door and the duty team are told. Ring them as well.</p>}
        </>
    )
}
