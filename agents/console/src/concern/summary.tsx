// What was answered, in words, page by page: to check before sending, and to print.
import type { JSX } from 'preact'
import { agency_name, code_title, type Catalogue, type Me } from '../shared/catalogue'
import { Link } from '../shared/route'
import { Text } from '../shared/value'
import { date_words } from '../shared/time'
import { iso_date, list_at, text_at, type Answers } from './answers'
import { is_asked, type Plan, type Step } from './layout'

const yes_no_words: Record<string, string> = { yes: 'Yes', no: 'No' }
export const fact_titles: Record<string, string> = {
    type: 'It is about', kind: 'Which', role: 'Sent in the role of', unborn: 'Still to be born', own_school: 'Goes to this school', 'when.date': 'When', vital: 'Life or serious injury at stake now',
    harm: 'Harm', level: 'Level of need', risk_grade: 'Risk', rag: 'Urgency', markers: 'Applies', purpose: 'What you ask for', status: 'What the family said about a service', giver: 'Who answered',
    not_sought_reason: 'Why they were not asked', named_agencies: 'Agreed to', other_holder_objects: 'Somebody else with parental responsibility objects', child_and_parent_differ: 'Child and parent differ',
}
export const vocabulary: Record<string, string> = { harm: 'harm', level: 'level', risk_grade: 'risk_grade', rag: 'rag', purpose: 'purpose', status: 'agreement_status', giver: 'giver', not_sought_reason: 'not_sought_reason', kind: 'kind' }

const day_words = (text: string): string => {
    const iso = iso_date(text)
    return iso === null ? text : date_words(iso)
}
function fact_words(fact: string, plan: Plan, answers: Answers, catalogue: Catalogue, me: Me): string[] {
    const text = text_at(answers, fact)
    if (fact === 'type') return [plan.type.title]
    if (fact === 'role') return text === '' ? [] : [me.roles.find(({ role }) => role === text)?.title ?? text]
    if (fact === 'when.date') return text === '' ? [] : [[day_words(text), text_at(answers, 'when.time')].filter((part) => part !== '').join(', ')]
    if (fact === 'markers') return list_at(answers, fact).map((code) => catalogue.markers.find((one) => one.code === code)?.title ?? code)
    if (fact === 'named_agencies') return list_at(answers, fact).map((agency) => agency_name(catalogue, agency))
    if (text === '') return []
    const words = vocabulary[fact]
    return [words === undefined ? yes_no_words[text] ?? text : code_title(catalogue, words, text)]
}

export type Row = { key: string; title: string; words: string[] }
export function rows_of(step: Step, plan: Plan, answers: Answers, catalogue: Catalogue, me: Me): Row[] {
    const rows: Row[] = []
    const add = (key: string, title: string, words: string[]): void => {
        if (words.length > 0) rows.push({ key, title, words })
    }
    for (const fact of step.facts) if (fact !== 'when.time' && is_asked(fact, answers, plan)) add(fact, fact_titles[fact] ?? fact, fact_words(fact, plan, answers, catalogue, me))
    for (const { key, field } of step.asked) {
        if (!is_asked(key, answers, plan)) continue
        const text = text_at(answers, key)
        if (field.kind === 'list') add(key, field.title, list_at(answers, key).map((line) => line.trim()).filter((line) => line !== ''))
        else if (text === '') continue
        else if (field.kind === 'date') add(key, field.title, [day_words(text)])
        else if (field.kind === 'yes_no') add(key, field.title, [yes_no_words[text] ?? text])
        else if (field.kind === 'choice') add(key, field.title, [field.choices.find(({ code }) => code === text)?.title ?? text])
        else add(key, field.title, [text])
    }
    return rows
}

export function Summary(props: { plan: Plan; answers: Answers; catalogue: Catalogue; me: Me; change_at: ((step: string) => string) | null }): JSX.Element {
    const { plan, answers, catalogue, me } = props
    return (
        <>
            {plan.steps.filter(({ id }) => id !== 'check').map((step) => {
                const rows = rows_of(step, plan, answers, catalogue, me)
                return (
                    <section class="concern-summary" key={step.id}>
                        <div class="concern-summary__head">
                            <h3 class="govuk-heading-s">{step.title}</h3>
                            {props.change_at !== null && <Link to={props.change_at(step.id)}>Change<span class="govuk-visually-hidden">: {step.title}</span></Link>}
                        </div>
                        {rows.length === 0 ? <p class="govuk-body desk-quiet">Nothing is said here.</p> : (
                            <dl class="govuk-summary-list">
                                {rows.map(({ key, title, words }) => (
                                    <div class="govuk-summary-list__row" key={key}>
                                        <dt class="govuk-summary-list__key">{title}</dt>
                                        <dd class="govuk-summary-list__value">
                                            {words.length === 1 ? <Text of={words[0] ?? ''} /> : <ul class="govuk-list govuk-list--bullet">{words.map((one, at) => <li key={at}><Text of={one} /></li>)}</ul>}
                                        </dd>
                                    </div>
                                ))}
                            </dl>
                        )}
                    </section>
                )
            })}
        </>
    )
}
