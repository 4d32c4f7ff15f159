// The pages of one concern, one thing on each. They ask what the catalogue's fields and the rules of the type ask for.
import type { ComponentChildren, JSX } from 'preact'
import { choices_of, duty, type Catalogue, type Me } from '../shared/catalogue'
import { Emergency } from '../shared/emergency'
import { Explain, Field } from '../shared/form'
import { Text } from '../shared/value'
import { is_answered, text_at, type Answers } from './answers'
import { Checks, Choose, DateBoxes, Question, type Change } from './fields'
import { is_asked, kinds_for, may_begin, roles_for, type Plan, type Step } from './layout'

export type StepProps = { step: Step; plan: Plan; catalogue: Catalogue; me: Me; answers: Answers; errors: Record<string, string>; change: Change; correcting: boolean }

const yes_no = [{ value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }]
function Questions(props: StepProps & { keys?: RegExp; optional?: boolean }): JSX.Element {
    const shown = props.step.asked.filter(({ key }) => (props.keys === undefined || props.keys.test(key)) && is_asked(key, props.answers, props.plan))
    return <>{shown.map((asked) => <Question key={asked.key} asked={asked} answers={props.answers} change={props.change} errors={props.errors} optional={props.optional} />)}</>
}

/** The first page, before a type is chosen: there is no plan yet. */
export function What(props: { catalogue: Catalogue; me: Me; answers: Answers; errors: Record<string, string>; change: Change; type: string; choose: (type: string) => void; plan: Plan | null }): JSX.Element {
    const { catalogue, me, plan } = props
    const types = may_begin(catalogue, me)
    const kinds = plan === null ? [] : kinds_for(plan.type, me)
    const roles = plan === null ? [] : roles_for(plan.type, text_at(props.answers, 'kind'), me)
    const common = { answers: props.answers, change: props.change, errors: props.errors }
    return (
        <>
            <Emergency catalogue={catalogue}><p class="govuk-body">This service does not replace a call. Share what you know here afterwards.</p></Emergency>
            <Choose {...common} answers={{ type: props.type }} change={(_, value) => props.choose(String(value))} id="type" legend="It is about" choices={types.map(({ type, title }) => ({ value: type, label: title }))} />
            {kinds.length > 0 && <Choose {...common} id="kind" legend="Which is it?" choices={kinds} />}
            {roles.length > 1 && <Choose {...common} id="role" legend="In which role do you send this?" choices={roles} />}
            <Explain what="I am not sure whether to share">
                <p>You need no proof. A worry that turns out to be nothing harms less than one that nobody knew of.</p>
                <p>You can ask for advice without naming the child: ring the <Text of={duty(catalogue).title} />{duty(catalogue).telephone === '' ? '' : `, ${duty(catalogue).telephone}`}.</p>
            </Explain>
        </>
    )
}

function Child(props: StepProps): JSX.Element {
    const own = props.catalogue.agencies.find(({ agency }) => agency === props.me.agency)
    const has_roll = own !== undefined && own.urn !== ''
    return (
        <>
            <p class="govuk-body">Give what you know. What you leave out does not stop this from being sent.</p>
            <Questions {...props} keys={/^idn\.(forenames|surname|known_as|date_of_birth|sex)$/} />
            {has_roll && <Choose {...props} id="own_school" legend={`Does the child go to ${own.name}?`} choices={yes_no} />}
            <Choose {...props} id="unborn" legend="Is the child still to be born?" choices={yes_no} />
            <Questions {...props} keys={/^idn\.due_date$/} />
            <Explain what="Why numbers help: NHS number and UPN">
                <p>The NHS number (10 digits) and the unique pupil number, UPN (13 characters, in your pupil records), tell two children of the same name apart. With one of them those who work with the child are found for certain.</p>
            </Explain>
            <Questions {...props} keys={/^idn\.(nhs_number|upn)$/} />
            <Questions {...props} keys={/^adr\./} />
        </>
    )
}

function Happened(props: StepProps): JSX.Element {
    return (
        <>
            <Questions {...props} keys={/^evt\.what$/} />
            <DateBoxes {...props} id="when.date" legend="When did it happen?" hint="For example, 5 4 2027. If you do not know, the day you heard of it" />
            <Field id="when.time" label="At what time? (optional)" hint="24 hours, for example 14:30" width="govuk-input--width-5" value={text_at(props.answers, 'when.time')} on_input={(value) => props.change('when.time', value)} error={props.errors['when.time']} />
            <Questions {...props} keys={/^(?!evt\.what$)/} optional />
            <p class="govuk-hint">Write what was seen and heard, and by whom. Keep facts and your own view apart, for example “She said …”, “I think …”.</p>
        </>
    )
}

function Worry(props: StepProps): JSX.Element {
    const { catalogue, step, answers } = props
    const has = (fact: string): boolean => step.facts.includes(fact)
    return (
        <>
            <Choose {...props} id="vital" legend="Is a life, or a serious injury, at stake now?" choices={yes_no} />
            <div role="status">{text_at(answers, 'vital') === 'yes' && <Emergency catalogue={catalogue}><p class="govuk-body">Do not wait for an answer from this service. Go on here when you have rung: nothing that is missing will hold this back.</p></Emergency>}</div>
            {has('harm') && (
                <>
                    <Choose {...props} id="harm" legend="Do you think the child is harmed?" choices={choices_of(catalogue, 'harm')} />
                    <Explain what="What “harm” means here">
                        <p>Significant harm: abuse or neglect that damages a child’s health or development. You suspect it when you have good reason to, not only when you are sure.</p>
                        <p>Where harm is suspected, nobody’s agreement is needed to tell those who protect children.</p>
                    </Explain>
                </>
            )}
            <Questions {...props} optional />
            {has('level') && (
                <>
                    <Choose {...props} id="level" legend="Which level of need is it, as you see it?" choices={choices_of(catalogue, 'level')} />
                    <Explain what="What the levels are"><p>Your area’s levels of need, from 1 (what every child gets) to 4 (social care). Level 4 holds both help that a family agrees to and protection that needs no agreement: your answer about harm tells the two apart. If you do not know, say so.</p></Explain>
                </>
            )}
            {has('risk_grade') && <Choose {...props} id="risk_grade" legend="How great is the risk?" choices={choices_of(catalogue, 'risk_grade')} />}
            {has('rag') && (
                <>
                    <Choose {...props} id="rag" legend="How urgent is it, as you see it? (optional)" choices={choices_of(catalogue, 'rag')} />
                    <Explain what="What the colours mean"><p>A proposal to whoever decides: red is the most urgent, then amber, green and blue. Before you send you see by when somebody must have taken it on.</p></Explain>
                </>
            )}
            {has('markers') && <Checks {...props} id="markers" legend="Does any of this apply?" hint="These change who is told, and how fast" choices={catalogue.markers.filter(({ code }) => props.plan.type.markers.includes(code) && code !== 'passed_on').map(({ code, title }) => ({ value: code, label: title }))} />}
        </>
    )
}

function Family(props: StepProps): JSX.Element {
    const { catalogue, step, plan, answers } = props
    const asks = (fact: string): boolean => step.facts.includes(fact) && is_asked(fact, answers, plan)
    const harm = text_at(answers, 'harm')
    return (
        <>
            {asks('purpose') && <Choose {...props} id="purpose" legend="What do you ask for?" choices={choices_of(catalogue, 'purpose')} />}
            {step.asked.filter(({ key }) => key === 'con.who_has_been_told').map((asked) => <Question {...props} key={asked.key} asked={asked} label="Who knows that you share this?" hint="For example the child, the mother; or nobody, and why" optional />)}
            {asks('status') && (
                <>
                    <h2 class="govuk-heading-m">Agreement to a service</h2>
                    <p class="govuk-body">
                        {harm === 'suspected' || harm === 'likely_or_actual' ? 'You suspect harm: no agreement is needed to share this. Tell the family what you do, unless that would put somebody at risk.' : 'Ask the family before help is arranged, unless that would put somebody at risk.'}
                    </p>
                    <Choose {...props} id="status" legend="What did the family say about a service?" choices={choices_of(catalogue, 'agreement_status')} />
                    {asks('giver') && <Choose {...props} id="giver" legend="Who answered?" choices={choices_of(catalogue, 'giver')} />}
                    {asks('not_sought_reason') && <Choose {...props} id="not_sought_reason" legend="Why were they not asked?" hint="Only these reasons count in law" choices={choices_of(catalogue, 'not_sought_reason')} />}
                    {asks('other_holder_objects') && <Choose {...props} id="other_holder_objects" legend="Does somebody else with parental responsibility object? (optional)" choices={yes_no} />}
                    {asks('child_and_parent_differ') && <Choose {...props} id="child_and_parent_differ" legend="Do the child and the parent say different things? (optional)" choices={yes_no} />}
                    {asks('named_agencies') && <Checks {...props} id="named_agencies" legend="To which agencies did they agree?" hint="Only these are told on the strength of the agreement" choices={catalogue.agencies.filter(({ agency }) => agency !== props.me.agency).map(({ agency, name }) => ({ value: agency, label: name }))} />}
                    <Explain what="Agreement, consent and the law">
                        <p>Agreement to a service means that the family wants help. It is not the reason in law why information may be shared: that reason is worked out for each recipient, and you see it before you send.</p>
                        <p>Parental responsibility: the rights and duties of a parent in law. Several people can have it, and not always the one the child lives with.</p>
                    </Explain>
                </>
            )}
            <Questions {...props} keys={/^con\.(?!who_has_been_told$)/} optional />
        </>
    )
}

function Voice(props: StepProps): JSX.Element {
    return (
        <>
            <p class="govuk-body">Write the child’s own words, as they were said. Nobody changes them on the way. If there are none, say why.</p>
            <Questions {...props} />
        </>
    )
}
function Contact(props: StepProps): JSX.Element {
    return (
        <>
            <p class="govuk-body">This goes with the message to everybody who gets it. A letter or a call to the wrong person can put a child in danger.</p>
            <Questions {...props} keys={/^sfc\./} optional />
            <Questions {...props} keys={/^pro\./} />
        </>
    )
}

function More(props: StepProps): JSX.Element {
    const by_section = new Map<string, StepProps['step']['asked']>()
    const shown_before = new Set(props.plan.steps.filter(({ id }) => id !== 'more').flatMap(({ asked }) => asked.map(({ section }) => section)))
    for (const one of props.step.asked) by_section.set(one.section, [...(by_section.get(one.section) ?? []), one])
    return (
        <>
            <p class="govuk-body">All of this is optional. Open what you know something about; go on when there is nothing.</p>
            {[...by_section].map(([section, asked]) => {
                const entry = props.catalogue.sections.find((one) => one.section === section)
                const open = asked.some(({ key }) => is_answered(props.answers, key) || props.errors[key] !== undefined)
                return (
                    <details class="govuk-details" key={section} open={open || undefined}>
                        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">{shown_before.has(section) ? 'More: ' : ''}{entry?.title ?? section}</span></summary>
                        <div class="govuk-details__text">
                            {entry?.needs_release === true && <p>Stays here. It goes to nobody unless two people of your agency release it.</p>}
                            <Questions {...props} step={{ ...props.step, asked }} />
                        </div>
                    </details>
                )
            })}
        </>
    )
}

export function StepBody(props: StepProps): JSX.Element {
    const shown: Record<string, (of: StepProps) => ComponentChildren> = { child: Child, happened: Happened, worry: Worry, family: Family, voice: Voice, contact: Contact, more: More }
    const Shown = shown[props.step.id]
    return Shown === undefined ? <></> : <>{Shown(props)}</>
}
