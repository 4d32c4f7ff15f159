// A child is before unscheduled care: is a protection plan or care status active, and whom to ring. What was typed and what was
// answered is in the page's memory, and gone with the page.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { agency_name, use_catalogue, type Catalogue } from '../shared/catalogue'
import { DayField } from '../shared/fields'
import { Button, ErrorSummary, Explain, Field, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Link } from '../shared/route'
import { sentence } from '../shared/text'
import { date_words } from '../shared/time'
import { Text } from '../shared/value'

type CareAnswer = Schemas['CareStatusAnswer']
type Status = CareAnswer['statuses'][number]
const status_words: Record<Status['status'], string> = { protection_plan: 'A child protection plan', looked_after: 'The child is looked after by a local authority', unborn_plan: 'A protection plan for an unborn child' }

/** Where on this page the agent's fault stands. */
const field_of: Record<string, string> = { '/reference': 'reference', '/place': 'place', '/subject': 'nhs_number', '/subject/nhs_number': 'nhs_number', '/subject/date_of_birth': 'born', '/subject/surname': 'surname' }
function faults_in(failure: Failure): FieldErrors {
    const wrong: FieldErrors = {}
    for (const { path, message } of failure.faults ?? []) wrong[field_of[path] ?? '_agent'] = sentence(message)
    if (Object.keys(wrong).length === 0) wrong._agent = `${failure.message} ${failure.next}`
    return wrong
}

function Ring(props: { ring: CareAnswer['ring'] }): JSX.Element {
    const { day, night } = props.ring
    const number = (of: string): JSX.Element => <strong>{of === '' ? 'no number is known here' : <Text of={of} />}</strong>
    if (day === night) return <p class="govuk-body">Ring the front door, at night and at weekends the Emergency Duty Team: {number(day)}.</p>
    return <p class="govuk-body">By day ring the front door: {number(day)}.<br />At night and at weekends the Emergency Duty Team: {number(night)}.</p>
}
function Answer(props: { answer: CareAnswer; catalogue: Catalogue | null; on_again: () => void }): JSX.Element {
    const { answer, catalogue } = props
    return (
        <>
            <Heading>{answer.active ? 'A plan or care status is active' : 'Nothing is known here'}</Heading>
            {answer.active ? (
                <>
                    <ul class="govuk-list desk-banner desk-banner--bad govuk-!-margin-bottom-6">
                        {answer.statuses.map((one) => (
                            <li key={`${one.status}/${one.said_by}/${one.since}`}>
                                <strong>{status_words[one.status]}</strong>, since {date_words(one.since)}. <Text of={agency_name(catalogue, one.said_by)} /> says so{one.telephone === '' ? '.' : <>: <Text of={one.telephone} /></>}
                            </li>
                        ))}
                    </ul>
                    <p class="govuk-body">Ring them before the child leaves if anything does not fit: the injury and what is said of it, who is with the child, or that they came late.</p>
                    <Ring ring={answer.ring} />
                    {answer.attendance !== null && <p class="govuk-body">The front door is told that the child is here. <Link to={`/sent/${answer.attendance}`}>See what it was told</Link></p>}
                </>
            ) : (
                <>
                    <p class="govuk-body">That is no all-clear. It says only that no local authority of this area has told your agency of a plan. If you are worried about this child, act as you would without it.</p>
                    <Ring ring={answer.ring} />
                    <p class="govuk-body"><Link to="/concern">Share a concern about the child</Link></p>
                    <p class="govuk-body">Nobody was told that you looked. Your look is in your agency’s record.</p>
                </>
            )}
            <div class="desk-no-print"><Button on_press={props.on_again}>Look up another child</Button></div>
        </>
    )
}

const nothing = { nhs_number: '', born: '', surname: '', reference: '', place: '' }
export function CareStatus(): JSX.Element {
    use_title('Care status')
    const catalogue = use_catalogue()
    const [given, set_given] = useState(nothing)
    const { errors, round, show, clear } = use_errors()
    const [busy, set_busy] = useState(false)
    const [answer, set_answer] = useState<CareAnswer | null>(null)
    const put = (field: keyof typeof given) => (value: string) => set_given({ ...given, [field]: value })
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        const number = given.nhs_number.replace(/[\s-]/g, '')
        if (!/^\d{10}$/.test(number)) wrong.nhs_number = 'Enter the NHS number: 10 digits'
        if (given.born === '' && given.surname.trim() === '') wrong.born = 'Enter the date of birth, or the surname below'
        else if (given.born !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(given.born)) wrong.born = 'Enter a real date, for example 5 4 2013'
        if (given.reference.trim() === '') wrong.reference = 'Enter the number of this visit'
        if (Object.keys(wrong).length > 0) return show(wrong)
        set_busy(true)
        clear()
        const { born, surname, place } = given
        const got = await call('post', '/api/v1/care-status', {
            body: {
                reference: given.reference.trim(), subject: { nhs_number: number, ...(born === '' ? {} : { date_of_birth: born }), ...(surname.trim() === '' ? {} : { surname: surname.trim() }) },
                ...(place.trim() === '' ? {} : { place: place.trim() }),
            },
        })
        set_busy(false)
        if (!got.ok) return show(faults_in(got))
        set_given(nothing)
        set_answer(got.body)
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                {answer !== null ? <Answer answer={answer} catalogue={catalogue} on_again={() => set_answer(null)} /> : (
                    <>
                        <ErrorSummary errors={errors} round={round} />
                        <Heading>Does this child have a plan or care status?</Heading>
                        <p class="govuk-body">For a child who is before you now. If a plan is active, the front door is told that the child is here. If not, nobody is.</p>
                        <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                            <Field id="nhs_number" label="NHS number" hint="10 digits, for example 999 000 0026" numeric width="govuk-input--width-10" value={given.nhs_number} on_input={put('nhs_number')} error={errors.nhs_number} />
                            <DayField id="born" label="Date of birth" hint="Of an unborn child, the mother’s" value={given.born} on_input={put('born')} error={errors.born} />
                            <Field id="surname" label="Surname" hint="If you do not know the date of birth" width="govuk-input--width-20" value={given.surname} on_input={put('surname')} error={errors.surname} />
                            <Field id="reference" label="Number of the visit" hint="In your own system. Looked up again under the same number, nobody is told twice" width="govuk-input--width-10" value={given.reference} on_input={put('reference')} error={errors.reference} />
                            <Field id="place" label="Where the child is (optional)" hint="For example: minor injuries unit" width="govuk-input--width-20" value={given.place} on_input={put('place')} error={errors.place} />
                            <Button type="submit" busy={busy}>Look up</Button>
                        </form>
                        <Explain what="If you do not have the NHS number">
                            <p>Without it nobody is found: a name alone would show one child’s plan for another. If you are worried, do not wait for a number. Ring the front door.</p>
                        </Explain>
                        <Explain what="What is recorded">
                            <p>That you looked, and when, is in your agency’s access record. What you typed is kept only if a plan is active. One person looks up at most 120 children in an hour.</p>
                        </Explain>
                    </>
                )}
            </div>
        </div>
    )
}
