// Questions whether two records are of one child: what waits, and what was answered and may be taken back. Nothing personal is here.
import type { JSX } from 'preact'
import { agency_name, role_title, type_title, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Explain } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { answered_words } from './claims'
import { claimed_before, read_questions, type QuestionLine as Line } from './questions'
import { why_words } from './words'

export const holder_words = (one: Line, catalogue: Catalogue | null): string => `${role_title(catalogue, one.holder.role)}, ${agency_name(catalogue, one.holder.agency)}`
export const about_words = (one: Line, catalogue: Catalogue | null): string => `${type_title(catalogue, one.type) ?? plain(one.type)}, from ${agency_name(catalogue, one.sender)}`

function Open(props: { one: Line; catalogue: Catalogue | null }): JSX.Element {
    const { one, catalogue } = props
    const before = claimed_before(one)
    return (
        <section class="desk-card">
            <h2 class="govuk-heading-m"><Text of={about_words(one, catalogue)} /></h2>
            {one.due !== null && <p class="govuk-body">{one.overdue && <strong class="govuk-tag govuk-tag--red">Overdue</strong>} <strong>Answer by {time_words(one.due, new Date())}</strong></p>}
            <p class="govuk-body">
                {before === null
                    ? <>{why_words(one.why)} with a child on the list of <Text of={holder_words(one, catalogue)} />.</>
                    : <><Text of={holder_words(one, catalogue)} /> says that it has the child, and so did <Text of={`${role_title(catalogue, before.role)}, ${agency_name(catalogue, before.agency)}`} /> before. Only one of them may.</>}
                {one.state === 'taken_back' && ' An answer was taken back.'}
            </p>
            <p class="govuk-body"><Link to={`/questions/${one.id}`}>{before === null ? 'Compare the two and answer' : 'Read it and answer'}<span class="govuk-visually-hidden">: {about_words(one, catalogue)}</span></Link></p>
        </section>
    )
}

export function Questions(): JSX.Element {
    use_title('Same child?')
    const catalogue = use_catalogue()
    const { got, failure } = use_reading(read_questions, 'tasks')
    const open = got?.questions.filter(({ state }) => state !== 'answered') ?? []
    const answered = got?.questions.filter(({ state }) => state === 'answered') ?? []
    return (
        <>
            <Heading>Is it the same child?</Heading>
            <p class="govuk-body">Two agencies may mean the same child, and nothing strong says so. Until you answer, nobody is told on a guess.</p>
            <Failed failure={failure} />
            {got !== null && open.length === 0 && <p class="govuk-body">No question waits for you.</p>}
            {open.map((one) => <Open key={one.id} one={one} catalogue={catalogue} />)}
            {answered.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">Answered</h2>
                    <ul class="concern-list">
                        {answered.map((one) => (
                            <li class="concern-line" key={one.id}>
                                <p class="govuk-body"><Link to={`/questions/${one.id}`}><Text of={about_words(one, catalogue)} /></Link><br /><span class="desk-quiet"><Text of={holder_words(one, catalogue)} /></span></p>
                                {one.answer !== null && <strong class="govuk-tag govuk-tag--grey">{answered_words(one, one.answer.outcome)}</strong>}
                            </li>
                        ))}
                    </ul>
                </>
            )}
            <Explain what="When such a question is asked">
                <p>A number together with a date of birth, or a full name with date of birth and home, says by itself that it is the same child. Less than that is a guess: the child may be told of to the wrong school, or a danger not seen. So a person of the front door decides, after a look at both sides.</p>
            </Explain>
        </>
    )
}
