// The words of a question about involvement: two agencies say that they have the child, and only one of them may. What is answered
// is whether the second claim counts too.
import type { QuestionLine } from './questions'
import { claimed_before } from './questions'
import { outcome_words, why_words, type Outcome } from './words'

const outcomes: Record<Outcome, string> = { same: 'Its claim counts too', different: 'Its claim does not count', cannot_tell: 'It cannot be told', taken_back: 'The answer was taken back' }
export const answered_words = (one: QuestionLine, outcome: Outcome): string => (claimed_before(one) === null ? outcome_words(outcome) : outcomes[outcome])
export const caption_words = (one: QuestionLine): string => (claimed_before(one) === null ? why_words(one.why) : 'Two agencies have the child on their list')
export const asked_words_of = (one: QuestionLine): string => (claimed_before(one) === null ? 'Is it the same child?' : 'Does the second claim count too?')
export function choices_of(one: QuestionLine, holder: string): { value: string; label: string; hint: string }[] {
    if (claimed_before(one) !== null) {
        return [
            { value: 'same', label: 'Yes, both have the child', hint: `${holder} is told as well, until one of them takes the child off its list` },
            { value: 'different', label: 'No, the first has the child alone', hint: `${holder} is not told` },
            { value: 'cannot_tell', label: 'I cannot tell', hint: `${holder} is not told. You may answer yes or no when you know more` },
        ]
    }
    return [
        { value: 'same', label: 'Yes, it is the same child', hint: `${holder} is then told, as far as the rules allow` },
        { value: 'different', label: 'No, they are different children', hint: 'Nobody there is told' },
        { value: 'cannot_tell', label: 'I cannot tell', hint: 'Nobody there is told. You may answer yes or no when you know more' },
    ]
}
const lower = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1)
export const said_after = (one: QuestionLine, choice: string): string => (choice === 'cannot_tell' ? 'Recorded: it cannot be told for now.' : `Recorded: ${lower(answered_words(one, choice as Outcome))}.`)
