// The form of one thing that is sent about a child. Its parts follow from the catalogue's entry of the type.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { choices_of, role_title, section_entry, type Catalogue } from '../shared/catalogue'
import { Checkboxes } from '../shared/fields'
import { Button, ErrorSummary, Explain, Radios, type FieldErrors } from '../shared/form'
import { field_id, SectionForm, without_empty, type SectionValues } from '../shared/section_form'
import { Seats } from '../shared/seats'
import { Fields } from '../shared/value'
import { section_title } from '../shared/words'
import { asked_fields, copied, fact_names, offered, send_roles, type CatalogueType, type Draft, type FactName, type Item } from './send_model'

type FormProps = {
    draft: Draft
    type: CatalogueType
    catalogue: Catalogue
    item: Item
    my_roles: string[]
    errors: FieldErrors
    round: number
    busy: boolean
    on_change: (draft: Draft) => void
    on_done: () => void
}
export const fact_legends: Record<FactName, string> = {
    level: 'What level of need is it?', harm: 'Is the child harmed?', purpose: 'Why do you share this?', rag: 'How urgent is it?', risk_grade: 'How high is the risk?',
}

function Facts(props: FormProps): JSX.Element {
    const { draft, type, catalogue, errors } = props
    const choices = (vocabulary: string): { value: string; label: string }[] => choices_of(catalogue, vocabulary)
    const agree = (part: Partial<Draft['agreement']>): void => props.on_change({ ...draft, agreement: { ...draft.agreement, ...part } })
    return (
        <>
            {fact_names.filter((name) => type.conditional[name]).map((name) => (
                <Radios
                    key={name} id={name} legend={fact_legends[name]} value={draft.facts[name]} choices={choices(name)} error={errors[name]}
                    on_choose={(value) => props.on_change({ ...draft, facts: { ...draft.facts, [name]: value } })}
                />
            ))}
            {type.conditional.agreement && (
                <>
                    <Radios id="status" legend="What did the family say?" hint="It is never asked where asking would put the child at risk." value={draft.agreement.status} choices={choices('agreement_status')} on_choose={(status) => agree({ status })} error={errors.status} />
                    {draft.agreement.status === 'not_sought' && <Radios id="not_sought_reason" legend="Why were they not asked?" value={draft.agreement.not_sought_reason} choices={choices('not_sought_reason')} on_choose={(not_sought_reason) => agree({ not_sought_reason })} error={errors.not_sought_reason} />}
                    {['given', 'refused', 'withdrawn'].includes(draft.agreement.status) && <Radios id="giver" legend="Who said so?" value={draft.agreement.giver} choices={choices('giver')} on_choose={(giver) => agree({ giver })} error={errors.giver} />}
                </>
            )}
        </>
    )
}

function SectionsOfAlert(props: FormProps): JSX.Element {
    const { draft, catalogue, type, item } = props
    const given = offered(catalogue, type, item, draft.how).filter(({ section }) => draft.sections[section] !== undefined)
    return (
        <>
            <Checkboxes
                id="chosen" legend="What goes with it?" hint="In the sender’s own words. Each agency gets no more of it than the sharing agreement allows." error={props.errors.chosen}
                chosen={draft.chosen} choices={given.map(({ section, title }) => ({ value: section, label: title }))} on_change={(chosen) => props.on_change({ ...draft, chosen })}
            />
            <Explain what="Read what each part says">
                {given.map(({ section }) => <section key={section}><h3 class="govuk-heading-s">{section_title(section)}</h3><Fields of={draft.sections[section] ?? {}} words={section_entry(catalogue, section)?.fields} /></section>)}
            </Explain>
        </>
    )
}

/** What was copied from the alert is read first, and changed only where somebody asks to. */
function SectionToFill(props: { section: Catalogue['sections'][number]; type: string; values: SectionValues; errors: FieldErrors; on_change: (values: SectionValues) => void }): JSX.Element {
    const { section, values, errors } = props
    const [changes, set_changes] = useState(!copied.includes(section.section) || Object.keys(without_empty(values)).length === 0)
    const is_wrong = Object.keys(errors).some((id) => id.startsWith(field_id(section.section, '')))
    const id = `section-${section.section}`
    return (
        <section aria-labelledby={id} class="desk-card">
            <h2 class="govuk-heading-m" id={id} tabIndex={-1}>{section.title}</h2>
            {errors[id] !== undefined && <p class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {errors[id]}</p>}
            {changes || is_wrong ? <SectionForm section={section} fields={asked_fields(props.type, section)} values={values} errors={errors} on_change={props.on_change} /> : (
                <>
                    <p class="govuk-body desk-quiet">From the alert.</p>
                    <Fields of={without_empty(values)} words={section.fields} />
                    <button type="button" class="desk-plain-button" onClick={() => set_changes(true)}>Change<span class="govuk-visually-hidden"> {section.title}</span></button>
                </>
            )}
        </section>
    )
}
function SectionsToFill(props: FormProps): JSX.Element {
    const { draft, catalogue, type, item, errors } = props
    const all = offered(catalogue, type, item, draft.how)
    const needed = new Set(type.sections.filter((one) => one.needed).map(({ section }) => section))
    const shown = all.filter(({ section }) => draft.chosen.includes(section))
    const more = all.filter(({ section }) => !needed.has(section))
    return (
        <>
            <Checkboxes
                id="chosen" legend="What do you say?" hint="Say no more than they need." error={errors.chosen} chosen={draft.chosen} choices={more.map(({ section, title }) => ({ value: section, label: title }))}
                on_change={(chosen) => props.on_change({ ...draft, chosen: all.map(({ section }) => section).filter((section) => needed.has(section) || chosen.includes(section)) })}
            />
            {shown.map((section) => (
                <SectionToFill
                    key={section.section} section={section} type={type.type} values={draft.sections[section.section] ?? {}} errors={errors}
                    on_change={(values) => props.on_change({ ...draft, sections: { ...draft.sections, [section.section]: values } })}
                />
            ))}
        </>
    )
}

export function SendForm(props: FormProps): JSX.Element {
    const { draft, type, catalogue, errors } = props
    const roles = send_roles(catalogue, type, draft.how, props.item, props.my_roles)
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); props.on_done() }}>
            <ErrorSummary errors={errors} round={props.round} />
            {roles.length > 1 && <Radios id="role" legend="For whom do you send this?" value={draft.role} choices={roles.map((role) => ({ value: role, label: role_title(catalogue, role) }))} on_choose={(role) => props.on_change({ ...draft, role })} error={errors.role} />}
            {draft.how === 'new' && type.kinds.length > 1 && <Radios id="kind" legend="Which kind?" value={draft.kind} choices={type.kinds.map(({ kind, title }) => ({ value: kind, label: title }))} on_choose={(kind) => props.on_change({ ...draft, kind })} error={errors.kind} />}
            {draft.how === 'new' && <Seats id="addressed" label="Whom do you mean? Choose an agency" heading="You mean" chosen={draft.addressed} catalogue={catalogue} error={errors.addressed} on_change={(addressed) => props.on_change({ ...draft, addressed })} />}
            <Facts {...props} />
            {draft.how === 'pass-on' ? <SectionsOfAlert {...props} /> : <SectionsToFill {...props} />}
            <Button type="submit" busy={props.busy}>See who would be told</Button>
        </form>
    )
}
