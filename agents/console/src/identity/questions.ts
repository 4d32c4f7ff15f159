// Questions of identity as the front door's agent gives them.
import { call, type Answer, type Schemas } from '../shared/api'

export type QuestionLine = Schemas['Question']
export type Question = Schemas['QuestionShown']
export type Says = NonNullable<Schemas['QuestionIdentity']>
export type QuestionOutcome = Schemas['QuestionAnswerRequest']['outcome']

/** Of a question about involvement: who said before that they have the child, where only one may say so. Null of every other. */
export const claimed_before = (one: QuestionLine): Schemas['Seat'] | null => one.conflicts_with ?? null

export const read_questions = (): Promise<Answer<Schemas['QuestionList']>> => call('get', '/api/v1/questions')
export const read_question = (id: string): Promise<Answer<Question>> => call('get', '/api/v1/questions/{id}', { path: { id } })
export const look_at_both = (id: string, reason: string): Promise<Answer<Schemas['QuestionAsked']>> => call('post', '/api/v1/questions/{id}/look', { path: { id }, body: { reason } })
export const answer_question = (id: string, outcome: QuestionOutcome, reason: string): Promise<Answer<Schemas['QuestionAnswered']>> => call('post', '/api/v1/questions/{id}/answer', { path: { id }, body: { outcome, reason } })
export const take_answer_back = (id: string, reason: string): Promise<Answer<Schemas['QuestionAnswered']>> => call('post', '/api/v1/questions/{id}/take-back', { path: { id }, body: { reason } })
