// What waits for a person's answer: tasks, decisions about what this agency sends, and whom nobody has heard from yet.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { SafeContact } from './opened'
import { is_release, ReleaseCard } from '../release/decide'
import { AnswerForm } from '../shared/answer_form'
import { call, type Schemas } from '../shared/api'
import { agency_name, role_title, type_title, use_catalogue, section_entry, type Catalogue } from '../shared/catalogue'
import { Explain } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Fields, Text } from '../shared/value'
import { in_reading_order, plain, section_title, task_words } from '../shared/words'

type Task = Schemas['Task']
type Held = Schemas['HeldItem']

function Due(props: { at: string | null; overdue: boolean; words: string }): JSX.Element | null {
    if (props.at === null) return null
    return <p class="govuk-body">{props.overdue && <strong class="govuk-tag govuk-tag--red">Overdue</strong>} <strong>{props.words} {time_words(props.at, new Date())}</strong></p>
}

/** The answers that each kind of task takes. */
function task_choices(kind: Task['kind']): { value: Schemas['TaskOutcome']; label: string }[] {
    const told = { value: 'told_by_other_means' as const, label: 'I told them another way, for example by telephone' }
    const dealt_with = { value: 'done' as const, label: 'It is dealt with' }
    if (kind === 'not_connected') return [told]
    if (kind === 'severed') return [{ value: 'done', label: 'I asked them, and acted on what they said' }]
    if (kind === 'pass_on') return [{ value: 'done', label: 'I passed it on here' }, told, { value: 'refused', label: 'They are not to be told' }]
    if (kind === 'unknown_person') return [{ value: 'done', label: 'The name was right, or I have recorded the conflict anew' }]
    return [told, dealt_with]
}
/** What somebody does, one after the other. */
const to_do: Partial<Record<Task['kind'], string[]>> = {
    not_connected: ['Ring them. They get nothing through this service.', 'Tell them what the alert says, and no more of it than they need.', 'Record here that you have told them.'],
    pass_on: ['Open the alert and read it. Its sender may not know who works with the child.', 'If they are to know, choose “Pass this on to those who work with the child” there. You see who would be told before it goes.', 'Record here that you passed it on, that you told them another way, or that they are not to be told.'],
    severed: ['Ring the number and ask whether the team meant to sever an identity. From now on what anybody says of it reaches them and not you. Do not ask for the child’s new name.', 'If they know nothing of it, have the security lead stop their key at once, and treat it as an incident.', 'Record here what they said.'],
    both_conflicted: ['Nobody of that agency may receive this: both who would have it are in conflict with the child’s interests.', 'Decide with the designated officer who is to be told instead, and ring them.', 'Record here what you did.'],
    unknown_person: ['Look at the name again with whoever gave it to you. Until it is right the conflict keeps nobody out.', 'If it was wrong, record the conflict anew with the right name and end the first.', 'Record here what you found.'],
    not_sent: ['Ring the agency that decided not to send it, if a child may be in danger without it.', 'Record here what came of it.'],
}
function TaskCard(props: { task: Task; catalogue: Catalogue | null; on_done: () => Promise<void> }): JSX.Element {
    const { task, catalogue } = props
    const about = [task.role === '' ? '' : role_title(catalogue, task.role), task.agency === null ? '' : agency_name(catalogue, task.agency)].filter((part) => part !== '').join(', ')
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m">{task_words(task.kind)}{about === '' ? '' : <>: <Text of={about} /></>}</h2>
            <Due at={task.due} overdue={task.overdue} words="By" />
            {task.kind !== 'unknown_person' && <p class="govuk-body"><Text of={`${type_title(catalogue, task.type) ?? plain(task.type)}, from ${agency_name(catalogue, task.sender)}`} /></p>}
            {task.person !== undefined && <p class="govuk-body">The name in the conflict: <strong><Text of={task.person} /></strong></p>}
            {task.rule !== '' && <p class="govuk-body"><Text of={task.explanation} /></p>}
            {task.asked !== undefined && <p class="govuk-body">They decided so{task.asked.at === null ? '' : ` ${time_words(task.asked.at, new Date())}`}, because: <Text of={plain(task.asked.reason)} /></p>}
            {task.telephone !== '' && <p class="govuk-body">Number to ring: <strong><Text of={task.telephone} /></strong></p>}
            {to_do[task.kind] !== undefined && <ol class="govuk-list govuk-list--number">{to_do[task.kind]?.map((step) => <li key={step}>{step}</li>)}</ol>}
            {task.kind !== 'unknown_person' && <p class="govuk-body"><Link to={`/alert/${encodeURIComponent(task.sender)}/${task.notification}`}>Open the alert that this is about</Link></p>}
            <AnswerForm
                id={task.id}
                legend="What was done?"
                choices={task_choices(task.kind)}
                reason_hint="Whom you spoke to, or why you decided so. This stays with your agency’s records."
                send={(outcome, reason) => call('post', '/api/v1/tasks/{id}', { path: { id: task.id }, body: { outcome: outcome as Schemas['TaskOutcome'], reason } })}
                on_done={props.on_done}
            />
        </section>
    )
}
export function Tasks(): JSX.Element {
    use_title('Tasks')
    const catalogue = use_catalogue()
    const { got, failure, again } = use_reading(() => call('get', '/api/v1/tasks'), 'tasks')
    const [said, set_said] = useState('')
    const done = async (): Promise<void> => {
        await again()
        set_said('Your answer is recorded.')
        document.getElementById('main')?.focus()
    }
    return (
        <>
            <Heading>Tasks</Heading>
            <div role="status">{said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body">{said}</p></div>}</div>
            <Failed failure={failure} />
            {got !== null && got.tasks.length === 0 && <p class="govuk-body">Nothing waits for you.</p>}
            {got?.tasks.map((task) => is_of_identity(task) ? <IdentityTask key={task.id} task={task} catalogue={catalogue} /> : <TaskCard key={task.id} task={task} catalogue={catalogue} on_done={done} />)}
            <Explain what="What these tasks are">
                <p>“Not connected” means that somebody has to be told who is not part of this service yet. Ring them, and record that you have.</p>
                <p>“Pass on” means that somebody who works with the child was found, of whom the sender may not know, and only a person may decide whether they are told.</p>
            </Explain>
        </>
    )
}

/** Answered where both sides are seen beside one another, and nowhere else. */
const is_of_identity = ({ kind }: Task): boolean => (kind as string) === 'possible_match'
function IdentityTask(props: { task: Task; catalogue: Catalogue | null }): JSX.Element {
    const { task, catalogue } = props
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m">{task_words(task.kind)}</h2>
            <Due at={task.due} overdue={task.overdue} words="Answer by" />
            <p class="govuk-body"><Text of={`${type_title(catalogue, task.type) ?? plain(task.type)}, from ${agency_name(catalogue, task.sender)}`} /></p>
            <p class="govuk-body">It may be a child on the list of <Text of={[task.role === '' ? '' : role_title(catalogue, task.role), task.agency === null ? '' : agency_name(catalogue, task.agency)].filter((part) => part !== '').join(', ')} />.</p>
            <p class="govuk-body"><Link to={`/questions/${task.id}`}>Compare the two and answer</Link></p>
        </section>
    )
}

const is_item = (one: Held | Task): one is Held => 'questions' in one
const whom_it_concerns = (catalogue: Catalogue | null, task: Task): string =>
    task.agency === null ? role_title(catalogue, task.role) : `${role_title(catalogue, task.role)}, ${agency_name(catalogue, task.agency)}`
function HeldCard(props: { held: Held | Task; catalogue: Catalogue | null; on_done: () => Promise<void> }): JSX.Element {
    const { held, catalogue } = props
    const sections = is_item(held) ? (held.sections ?? {}) : {}
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m"><Text of={type_title(catalogue, held.type) ?? plain(held.type)} /></h2>
            {is_item(held) ? (
                <>
                    {held.questions.map((question) => (
                        <div key={`${question.recipient.agency}/${question.recipient.role}`}>
                            <Due at={question.decide_by} overdue={question.overdue} words="Decide by" />
                            <p class="govuk-body"><strong>May <Text of={`${role_title(catalogue, question.recipient.role)}, ${agency_name(catalogue, question.recipient.agency)}`} />, have this?</strong> <Text of={question.explanation} /></p>
                        </div>
                    ))}
                    {sections.sfc !== undefined && <SafeContact of={sections.sfc} catalogue={catalogue} />}
                    {in_reading_order(Object.keys(sections)).map((section) => (
                        <div key={section}><h3 class="govuk-heading-s">{section_title(section)}</h3><Fields of={sections[section] ?? {}} words={section_entry(catalogue, section)?.fields} /></div>
                    ))}
                </>
            ) : (
                <>
                    <Due at={held.due} overdue={held.overdue} words="Decide by" />
                    <p class="govuk-body"><strong>May <Text of={whom_it_concerns(catalogue, held)} /> have this?</strong> <Text of={held.explanation} /></p>
                    {held.item == null ? <p class="govuk-body">Nothing of it has come to you. Ring <Text of={held.telephone} />.</p> : <p class="govuk-body"><Link to={`/alert/${encodeURIComponent(held.sender)}/${held.notification}`}>Read what it is about</Link></p>}
                </>
            )}
            <AnswerForm
                id={held.id}
                legend="May it be sent?"
                choices={[{ value: 'yes', label: 'Yes, send it' }, { value: 'no', label: 'No, do not send it' }]}
                reason_hint="Recorded with your decision. It stays with your agency and those who keep such records."
                send={(choice, reason) => call('post', '/api/v1/held/{id}', { path: { id: held.id }, body: { allow: choice === 'yes', reason } })}
                on_done={props.on_done}
            />
        </section>
    )
}
export function Decisions(): JSX.Element {
    use_title('Decisions')
    const catalogue = use_catalogue()
    const { got, failure, again } = use_reading(() => call('get', '/api/v1/held'), 'held')
    const [said, set_said] = useState('')
    const done = async (): Promise<void> => {
        await again()
        set_said('Your decision is recorded.')
        document.getElementById('main')?.focus()
    }
    return (
        <>
            <Heading>Decisions that wait for you</Heading>
            <div role="status">{said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body">{said}</p></div>}</div>
            <Failed failure={failure} />
            {got !== null && got.held.length === 0 && <p class="govuk-body">Nothing waits for you.</p>}
            {got?.held.map((held) => is_release(held) ? <ReleaseCard key={held.id} held={held} catalogue={catalogue} /> : <HeldCard key={held.id} held={held} catalogue={catalogue} on_done={done} />)}
            <Explain what="Why a person decides">
                <p>The sharing agreement leaves some decisions to a person, for example when a parent does not agree and no harm is suspected. Nothing is sent until you answer. If nobody answers in time, it is escalated and never thrown away.</p>
            </Explain>
        </>
    )
}

export function Unconfirmed(): JSX.Element {
    use_title('Not confirmed')
    const catalogue = use_catalogue()
    const { got, failure } = use_reading(() => call('get', '/api/v1/unconfirmed'), 'sent')
    return (
        <>
            <Heading>Taken back or put right, and not confirmed</Heading>
            <Failed failure={failure} />
            <p class="govuk-body">Ring whoever has not confirmed that a message is gone, or that its correction was taken.</p>
            {got !== null && got.unconfirmed.length === 0 && <p class="govuk-body">Everybody has confirmed.</p>}
            {got?.unconfirmed.map((one) => (
                <section class="desk-card" key={one.id}>
                    <h2 class="govuk-heading-m"><Text of={type_title(catalogue, one.type) ?? plain(one.type)} />: {one.of === 'recall' ? 'taken back' : 'put right'}</h2>
                    {one.recipients.map((who) => (
                        <div key={`${who.recipient.agency}/${who.recipient.role}`}>
                            <p class="govuk-body"><strong><Text of={who.name || who.recipient.agency} /></strong>: ring <Text of={who.telephone} /></p>
                            <Due at={who.by} overdue={who.overdue} words="Confirm by" />
                        </div>
                    ))}
                </section>
            ))}
        </>
    )
}
