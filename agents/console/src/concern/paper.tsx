// The same questions on paper, for when nothing works: made of the same definitions as the pages. Print it while all is well.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { choices_of, role_title, use_catalogue, use_catalogue_failure, type Catalogue, type Me } from '../shared/catalogue'
import { Select } from '../shared/fields'
import { Button } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Opening } from '../shared/reading'
import { go } from '../shared/route'
import { Text } from '../shared/value'
import { may_begin, plan_of, type Asked, type Plan } from './layout'
import { fact_titles, vocabulary } from './summary'

function Box(props: { title: string; lines?: number; choices?: string[]; hint?: string }): JSX.Element {
    return (
        <div class="paper-field">
            <p class="paper-field__title"><strong>{props.title}</strong>{props.hint === undefined || props.hint === '' ? '' : ` (${props.hint})`}</p>
            {props.choices === undefined ? <div class={`paper-box ${(props.lines ?? 1) > 1 ? 'paper-box--tall' : ''}`} /> : <ul class="paper-choices">{props.choices.map((one) => <li key={one}><span class="paper-tick" aria-hidden="true" /> {one}</li>)}</ul>}
        </div>
    )
}
function Asking(props: { asked: Asked }): JSX.Element {
    const { field } = props.asked
    if (field.kind === 'choice') return <Box title={field.title} choices={field.choices.map(({ title }) => title)} />
    if (field.kind === 'yes_no') return <Box title={field.title} choices={['Yes', 'No']} />
    return <Box title={field.title} hint={field.hint} lines={field.kind === 'long_text' || field.kind === 'list' ? 4 : 1} />
}
function Fact(props: { fact: string; plan: Plan; catalogue: Catalogue }): JSX.Element | null {
    const { fact, plan, catalogue } = props
    const title = fact_titles[fact] ?? fact
    const words = vocabulary[fact]
    if (fact === 'type' || fact === 'role' || fact === 'when.time') return null
    if (fact === 'kind') return plan.type.kinds.length === 0 ? null : <Box title={title} choices={plan.type.kinds.map((kind) => kind.title)} />
    if (fact === 'when.date') return <Box title="Date and time" />
    if (fact === 'markers') return <Box title="Does any of this apply?" choices={catalogue.markers.filter(({ code }) => plan.type.markers.includes(code)).map((one) => one.title)} />
    if (fact === 'named_agencies') return <Box title={title} lines={2} />
    return <Box title={title} choices={words === undefined ? ['Yes', 'No'] : choices_of(catalogue, words).map(({ label }) => label)} />
}

export function PaperForm(props: { me: Me; type: string }): JSX.Element {
    const catalogue = use_catalogue()
    const failure = use_catalogue_failure()
    const [chosen, choose] = useState(props.type)
    use_title('Paper form')
    if (catalogue === null) return <Opening failure={failure} />
    const types = may_begin(catalogue, props.me)
    const type = types.find((one) => one.type === chosen) ?? types[0]
    if (type === undefined) return <><Heading>Paper form</Heading><p class="govuk-body">You send in no role, so there is no form for you.</p></>
    const plan = plan_of(catalogue, type)
    const numbers = [catalogue.front_door.day, catalogue.front_door.night].map((role) => ({ role, telephone: catalogue.roles.find((one) => one.role === role)?.telephone ?? '' }))
    return (
        <div class="paper">
            <div class="desk-no-print">
                <Heading>Paper form for when nothing works</Heading>
                <p class="govuk-body">Print it now and keep it where you find it. When the network, the power or this service is down: ring first, then fill it in, and share it here when it works again.</p>
                <Select id="type" label="Form for" value={type.type} choices={types.map((one) => ({ value: one.type, label: one.title }))} on_choose={(next) => { choose(next); go(`/concern/paper/${next}`) }} />
                <Button on_press={() => window.print()}>Print</Button>
            </div>
            <h2 class="govuk-heading-l"><Text of={type.title} /></h2>
            <p class="govuk-body"><strong>Danger now: ring 999 first.</strong> Then:</p>
            <ul class="govuk-list govuk-list--bullet">{numbers.map(({ role, telephone }) => <li key={role}><Text of={role_title(catalogue, role)} />: <strong>{telephone === '' ? '........................' : <Text of={telephone} />}</strong></li>)}</ul>
            <p class="govuk-body">From: {props.me.agency_name}. Written by: ........................................ Date and time: ........................</p>
            <p class="govuk-body">Told by telephone to: ........................................ Date and time: ........................</p>
            {plan.steps.filter((step) => step.facts.length + step.asked.length > 0 && step.id !== 'check').map((step) => {
                const sections = new Map<string, Asked[]>()
                for (const one of step.asked) sections.set(one.section, [...(sections.get(one.section) ?? []), one])
                if (step.id === 'what' && type.kinds.length === 0) return null
                return (
                    <section class="paper-page" key={step.id}>
                        <h3 class="govuk-heading-m">{step.title}</h3>
                        {step.facts.map((fact) => <Fact key={fact} fact={fact} plan={plan} catalogue={catalogue} />)}
                        {step.id === 'more'
                            ? [...sections].map(([section, asked]) => (
                                <div key={section}><h4 class="govuk-heading-s">{catalogue.sections.find((one) => one.section === section)?.title ?? section}</h4><Box title={asked.map(({ field }) => field.title).join(', ')} lines={4} /></div>
                            ))
                            : step.asked.map((one) => <Asking key={one.key} asked={one} />)}
                    </section>
                )
            })}
            <p class="govuk-body">This paper names a child. Lock it away; shred it once it is in the record.</p>
        </div>
    )
}
