// One question: both sides beside one another, why the matcher asks, the answer, and taking it back with whom it had reached.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { AnswerForm } from '../shared/answer_form'
import { agency_name, role_title, type_title, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Button, ErrorSummary, Explain, TextArea, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, Opening, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { session } from '../shared/session'
import { use_store } from '../shared/store'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { side_by_side, type Compared } from './compare'
import { answered_words, asked_words_of, caption_words, choices_of, said_after } from './claims'
import { about_words, holder_words } from './list'
import { answer_question, claimed_before, look_at_both, read_question, read_questions, take_answer_back, type Question, type QuestionOutcome, type Says } from './questions'
import { against_words, asked_words, evidence_words, strong_words, weight_words } from './words'

type Props = { question: Question; catalogue: Catalogue | null; on_done: (said: string) => Promise<void> }

function Reason(props: { id: string; legend: string; hint: string; press: string; kind?: 'warning'; send: (reason: string) => Promise<{ ok: true } | { ok: false; message: string; next: string }>; on_done: () => Promise<void> }): JSX.Element {
    const [reason, set_reason] = useState('')
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const submit = async (): Promise<void> => {
        if (busy) return
        if (reason.trim() === '') return show({ [props.id]: 'Say why' })
        set_busy(true)
        const answer = await props.send(reason.trim())
        set_busy(false)
        if (answer.ok) return props.on_done()
        show({ _agent: `${answer.message} ${answer.next}` })
    }
    return (
        <form noValidate class="desk-no-print" onSubmit={(event) => { event.preventDefault(); void submit() }}>
            <ErrorSummary errors={errors} round={round} />
            <TextArea id={props.id} label={props.legend} hint={props.hint} rows={2} max={1000} value={reason} on_input={set_reason} error={errors[props.id]} />
            <Button type="submit" busy={busy} kind={props.kind ?? 'secondary'}>{props.press}</Button>
        </form>
    )
}

const verdicts: Record<Compared['verdict'], { words: string; colour: string }> = {
    same: { words: 'Same', colour: 'green' }, different: { words: 'Different', colour: 'red' }, one_side: { words: 'One side only', colour: 'grey' }, neither: { words: 'Not known', colour: 'grey' },
}
function Sides(props: { sender: Says; holder: Says; question: Question; catalogue: Catalogue | null }): JSX.Element {
    const { question, catalogue } = props
    const school = (urn: string): string => catalogue?.agencies.find((one) => one.urn === urn)?.name ?? urn
    return (
        // Stacked where it is narrow; the roles keep it a table for a screen reader all the same.
        <table class="govuk-table desk-sides" role="table">
            <caption class="govuk-table__caption govuk-table__caption--m">Side by side</caption>
            <thead class="govuk-table__head" role="rowgroup">
                <tr class="govuk-table__row" role="row">
                    <td class="govuk-table__header" role="cell" />
                    <th scope="col" role="columnheader" class="govuk-table__header"><Text of={agency_name(catalogue, question.sender)} /> says</th>
                    <th scope="col" role="columnheader" class="govuk-table__header">On the list of <Text of={agency_name(catalogue, question.holder.agency)} /></th>
                </tr>
            </thead>
            <tbody class="govuk-table__body" role="rowgroup">
                {side_by_side(props.sender, props.holder, school).map((line) => (
                    <tr class="govuk-table__row" role="row" key={line.title}>
                        <th scope="row" role="rowheader" class="govuk-table__header"><span>{line.title}</span> <strong class={`govuk-tag govuk-tag--${verdicts[line.verdict].colour}`}>{verdicts[line.verdict].words}</strong></th>
                        <td role="cell" class="govuk-table__cell">{line.sender === '' ? <span class="desk-quiet">Not known</span> : <Text of={line.sender} />}</td>
                        <td role="cell" class="govuk-table__cell">{line.holder === '' ? <span class="desk-quiet">Not known</span> : <Text of={line.holder} />}</td>
                    </tr>
                ))}
            </tbody>
        </table>
    )
}
function Matcher(props: { match: NonNullable<Question['match']> }): JSX.Element {
    const { match } = props
    const weighed = [...match.reasons].sort((a, b) => Math.abs(b.bits) - Math.abs(a.bits))
    return (
        <section>
            <h2 class="govuk-heading-m">Why a person is asked</h2>
            <ul class="govuk-list govuk-list--bullet">
                {match.asked.map((code) => <li key={code}><strong>{asked_words(code)}.</strong></li>)}
                {match.contradictions.map((code) => <li key={code}><strong>Against it:</strong> {against_words(code)}.</li>)}
                {match.strong.map((code) => <li key={code}><strong>For it:</strong> {strong_words(code)}.</li>)}
                {match.asked.length + match.contradictions.length + match.strong.length === 0 && <li>Nothing strong enough agrees.</li>}
            </ul>
            {weighed.length > 0 && (
                <Explain what="What was weighed">
                    <ul class="govuk-list govuk-list--bullet">{weighed.map(({ code, bits }) => <li key={code}>{evidence_words(code)}: {weight_words(bits)}</li>)}</ul>
                    <p>It is a machine’s weighing of what is written. It does not know the children: you decide.</p>
                </Explain>
            )}
        </section>
    )
}

const ask_again_after_ms = 3_600_000
function Look(props: Props): JSX.Element {
    const { question, catalogue } = props
    const { look } = question
    const waits = [look.sender === 'waiting' ? agency_name(catalogue, question.sender) : '', look.holder === 'waiting' ? holder_words(question, catalogue) : ''].filter((one) => one !== '')
    // What has not come within the hour may be asked for again.
    const is_late = look.asked_at !== null && (look.sender === 'waiting' || look.holder === 'waiting') && Date.now() - Date.parse(look.asked_at) > ask_again_after_ms
    if (look.asked_at === null || is_late || (look.sender === 'not_asked' && look.holder === 'not_asked')) {
        return (
            <section>
                {is_late && look.asked_at !== null && <p class="govuk-inset-text">Asked {time_words(look.asked_at, new Date())}, and it has not come. Ring them, or ask once more.</p>}
                <h2 class="govuk-heading-m">See both sides</h2>
                <p class="govuk-body">Nobody’s details are shown before somebody asks. Both agencies’ systems answer by themselves, usually within seconds; that you asked, and why, is recorded.</p>
                <Reason
                    id="look-reason" legend="Why do you look?" hint="For example: to know whether this school has to be told." press="See both sides"
                    send={(reason) => look_at_both(question.id, reason)} on_done={() => props.on_done('Both sides were asked.')}
                />
            </section>
        )
    }
    const gone = [look.sender === 'gone' ? agency_name(catalogue, question.sender) : '', look.holder === 'gone' ? holder_words(question, catalogue) : ''].filter((one) => one !== '')
    return (
        <>
            {gone.length > 0 && <p class="govuk-inset-text"><Text of={gone.join(' and ')} /> {gone.length === 1 ? 'has' : 'have'} not got the record any more, or only in a form that says nothing. Ring them.</p>}
            {waits.length > 0 && (
                <div class="desk-banner desk-banner--news" role="status">
                    <p class="govuk-body"><strong>Asked {time_words(look.asked_at, new Date())}. Not here yet: <Text of={waits.join(' and ')} />.</strong> This page shows it when it comes. If it cannot wait, ring them.</p>
                </div>
            )}
            {question.sender_says !== null && question.holder_says !== null && <Sides sender={question.sender_says} holder={question.holder_says} question={question} catalogue={catalogue} />}
            {question.match !== null && <Matcher match={question.match} />}
        </>
    )
}

function Answer(props: Props): JSX.Element {
    const { question, catalogue } = props
    const is_unseen = question.sender_says === null || question.holder_says === null
    const was_unsure = question.state === 'answered'
    return (
        <section class="desk-actions">
            {is_unseen && <p class="govuk-inset-text">You have not seen both sides here. Answer only if you know it, for example because you rang both agencies.</p>}
            <AnswerForm
                id="answer"
                legend={asked_words_of(question)}
                choices={choices_of(question, holder_words(question, catalogue)).filter(({ value }) => !(was_unsure && value === 'cannot_tell'))}
                reason_hint="What told you so. It stays with your agency and those who keep such records."
                send={(outcome, reason) => answer_question(question.id, outcome as QuestionOutcome, reason)}
                on_done={(choice) => props.on_done(said_after(question, choice))}
            />
        </section>
    )
}

const rung_words: Record<string, string> = { accepted: 'on its way', stored: 'it had arrived', opened: 'somebody had opened it', handed_over: 'it was in their own system', taken: 'a named person had taken it on', decided: 'they had decided' }
function Reached(props: { question: Question; catalogue: Catalogue | null }): JSX.Element {
    const { question, catalogue } = props
    if (question.reached === null) return <p class="govuk-body" role="status">Whom the answer had reached is not known yet. This page shows it when it is.</p>
    if (question.reached.length === 0) return <p class="govuk-body"><strong>It had reached nobody.</strong></p>
    return (
        <>
            <h2 class="govuk-heading-m">Whom it had reached</h2>
            <p class="govuk-body">Their copies are asked back, and each has to confirm. What somebody has read cannot be unread: ring those who had opened it.</p>
            <ul class="govuk-list govuk-list--bullet">
                {question.reached.map((one) => {
                    const agency = catalogue?.agencies.find(({ agency: id }) => id === one.seat.agency)
                    const far = [...one.rungs].reverse().find((rung) => rung in rung_words)
                    return (
                        <li key={`${one.notification}/${one.seat.agency}/${one.seat.role}`}>
                            <strong><Text of={role_title(catalogue, one.seat.role)} />, <Text of={agency?.name ?? one.seat.agency} /></strong>: <Text of={type_title(catalogue, one.type) ?? plain(one.type)} />
                            {far === undefined ? ', not arrived yet' : `, ${rung_words[far]}`}{agency === undefined || agency.telephone === '' ? '' : <>. Number to ring: <Text of={agency.telephone} /></>}
                        </li>
                    )
                })}
            </ul>
        </>
    )
}

function Answered(props: Props): JSX.Element | null {
    const { question } = props
    const who = use_store(session)
    if (question.answer === null) return null
    const { outcome, at, person } = question.answer
    const by = who.is === 'in' && who.session.me.person === person ? 'by you' : 'by a colleague'
    return (
        <>
            <div class="desk-facts">
                <p class="govuk-body"><strong>{answered_words(question, outcome)}.</strong> {outcome === 'taken_back' ? 'Taken back' : 'Answered'} {by}{at === null ? '' : `, ${time_words(at, new Date())}`}.</p>
            </div>
            {question.state === 'taken_back' && <Reached {...props} />}
        </>
    )
}
function TakeBack(props: Props): JSX.Element {
    const { question } = props
    return (
        <section class="desk-actions">
            <h2 class="govuk-heading-m">The answer was wrong</h2>
            <p class="govuk-body">{question.answer?.outcome === 'same' ? 'Take it back: whoever was told of the child because of it is asked to remove it, and you see whom it had reached.' : 'Take it back, and answer anew.'}</p>
            <Reason
                id="back-reason" legend="Why do you take it back?" hint="It stays with your agency and those who keep such records." press="Take the answer back" kind="warning"
                send={(reason) => take_answer_back(question.id, reason)} on_done={() => props.on_done('The answer is taken back.')}
            />
        </section>
    )
}

/** What still comes by itself: both sides after a look, and whom an answer had reached. */
const is_waiting = (one: Question): boolean => one.look.sender === 'waiting' || one.look.holder === 'waiting' || (one.state === 'taken_back' && one.reached === null)
/** The list says that a record is here, where the question itself finds that it is gone. */
const look_seen = (look: Question['look']): string => [look.asked_at, look.sender, look.holder].join('/').replaceAll('gone', 'here')
const again_after_ms = 1000
const again_at_most_ms = 30_000

export function OneQuestion(props: { id: string }): JSX.Element {
    use_title('Same child?')
    const catalogue = use_catalogue()
    const { got: question, failure, again } = use_reading(() => read_question(props.id), 'tasks', props.id)
    const [said, set_said] = useState('')
    const waits = question !== null && is_waiting(question)
    const seen = question === null ? '' : look_seen(question.look)
    useEffect(() => {
        if (!waits) return
        let timer: ReturnType<typeof setTimeout>
        const watch = async (wait_ms: number): Promise<void> => {
            // Reading the question is a look at both sides; its line in the list is none.
            const answer = await read_questions()
            const line = answer.ok ? answer.body.questions.find(({ id }) => id === props.id) : undefined
            if (line !== undefined && (line.state === 'taken_back' || look_seen(line.look) !== seen)) await again()
            timer = setTimeout(() => void watch(Math.min(wait_ms * 2, again_at_most_ms)), wait_ms)
        }
        timer = setTimeout(() => void watch(again_after_ms * 2), again_after_ms)
        return () => clearTimeout(timer)
    }, [waits, seen, again])
    const done = async (words: string): Promise<void> => {
        await again()
        set_said(words)
        document.getElementById('main')?.focus()
        window.scrollTo(0, 0)
    }
    if (question === null) {
        return <><Link to="/questions" class="govuk-back-link">Same child?</Link><Opening failure={failure} not_here="This question is not here" /></>
    }
    const before = claimed_before(question)
    const may_answer = question.state !== 'answered' || question.answer?.outcome === 'cannot_tell'
    const common: Props = { question, catalogue, on_done: done }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Link to="/questions" class="govuk-back-link">Same child?</Link>
                <div role="status">{said !== '' && <div class="desk-banner desk-banner--news"><p class="govuk-body"><strong>{said}</strong></p></div>}</div>
                <Heading caption={caption_words(question)}>{asked_words_of(question)}</Heading>
                <Failed failure={failure} />
                <p class="govuk-body"><Text of={question.explanation} />.</p>
                <div class="desk-facts">
                    <dl class="govuk-summary-list">
                        <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{before === null ? 'The one child' : 'What depends on it'}</dt><dd class="govuk-summary-list__value"><Text of={about_words(question, catalogue)} />{question.item === null ? <div>It has not come to you. Ring the sender.</div> : <div><Link to={`/alert/${question.item.id.split('/').map(encodeURIComponent).join('/')}`}>Read it</Link></div>}</dd></div>
                        <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{before === null ? 'The other' : 'The second claim'}</dt><dd class="govuk-summary-list__value">On the list of <Text of={holder_words(question, catalogue)} /></dd></div>
                        {before !== null && <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">The first claim</dt><dd class="govuk-summary-list__value">On the list of <Text of={`${role_title(catalogue, before.role)}, ${agency_name(catalogue, before.agency)}`} /></dd></div>}
                        {question.due !== null && may_answer && <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Answer by</dt><dd class="govuk-summary-list__value">{question.overdue && <><strong class="govuk-tag govuk-tag--red">Overdue</strong>{' '}</>}{time_words(question.due, new Date())}</dd></div>}
                    </dl>
                </div>
                <Answered {...common} />
                {may_answer && <Look key={question.look.asked_at ?? ''} {...common} />}
                {may_answer && <Answer key={`${question.state}/${question.answer?.at ?? ''}`} {...common} />}
                {question.state === 'answered' && <TakeBack {...common} />}
            </div>
        </div>
    )
}
