// Questions of identity as the front door's agent gives them. Their types are written here while the agent's document
// (agents/runtime/shell/openapi.yaml) does not have them yet; then `Schemas` has them and this goes.
import { call, type Answer, type Schemas } from '../shared/api'

type Look = 'not_asked' | 'waiting' | 'here' | 'gone'
export type QuestionOutcome = 'same' | 'different' | 'cannot_tell'
export type QuestionLine = {
    id: string
    state: 'open' | 'answered' | 'taken_back'
    why: 'weak' | 'contradicted' | 'claimed_twice'
    explanation: string
    notification: string
    sender: string
    type: string
    item: { inbox: string; id: string } | null
    holder: Schemas['Seat']
    relation: string
    due: string | null
    overdue: boolean
    /** `gone`: that agency has not got the record any more. */
    look: { asked_at: string | null; sender: Look; holder: Look }
    answer: { outcome: QuestionOutcome | 'taken_back'; at: string | null; person: string } | null
}
export type Says = { forename: string; surname: string; aliases: { forename: string; surname: string }[]; date_of_birth: string; nhs_number: string; upn: string; former_upns?: string[]; postcode: string; school_urn: string; unborn: boolean }
export type Question = QuestionLine & {
    /** Null until they are here, and again once the question is answered. */
    sender_says: Says | null
    holder_says: Says | null
    match: { class: 'link' | 'question' | 'none'; bits: number; reasons: { code: string; bits: number }[]; strong: string[]; contradictions: string[]; asked: string[] } | null
    /** Null until an answer was taken back and the broker has said whom it had reached. */
    reached: { notification: string; sender: string; type: string; seat: Schemas['Seat']; rungs: string[] }[] | null
}

const ask = call as unknown as <T>(method: 'get' | 'post', path: string, input?: { path?: { id: string }; body?: unknown }) => Promise<Answer<T>>
export const read_questions = (): Promise<Answer<{ questions: QuestionLine[] }>> => ask('get', '/api/v1/questions')
export const read_question = (id: string): Promise<Answer<Question>> => ask('get', '/api/v1/questions/{id}', { path: { id } })
export const look_at_both = (id: string, reason: string): Promise<Answer<{ id: string; asked_at: string }>> => ask('post', '/api/v1/questions/{id}/look', { path: { id }, body: { reason } })
export const answer_question = (id: string, outcome: QuestionOutcome, reason: string): Promise<Answer<{ id: string; outcome: string }>> => ask('post', '/api/v1/questions/{id}/answer', { path: { id }, body: { outcome, reason } })
export const take_answer_back = (id: string, reason: string): Promise<Answer<{ id: string; outcome: string }>> => ask('post', '/api/v1/questions/{id}/take-back', { path: { id }, body: { reason } })
