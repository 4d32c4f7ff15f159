// How far something is that was sent, in words a person can act on. Rungs and states are those of agents/README.md.
import type { Schemas } from '../shared/api'
import { time_words } from '../shared/time'

type Rung = Schemas['RungReached']
type State = Schemas['SentState']
const rungs: Record<Rung['rung'], string> = {
    accepted: 'The broker has it', stored: 'It has arrived there', opened: 'Somebody has opened it', handed_over: 'It is in their own system',
    taken: 'A named person has taken it on', decided: 'They have decided', refused: 'It was refused there', undecryptable: 'It cannot be opened there: ring them',
    not_connected: 'They are not connected: somebody has to ring', expired: 'Nobody fetched it in time: ring them', recalled: 'They confirmed that it is removed',
    agreement_stopped: 'They confirmed that they use it no more',
}
export const bad_rungs = new Set<Rung['rung']>(['refused', 'undecryptable', 'not_connected', 'expired'])
export function rung_words(one: Rung, now: Date, outcome: (code: string) => string): string {
    const at = one.at === null ? '' : `, ${time_words(one.at, now)}`
    if (one.rung === 'decided' && one.code) return `Outcome: ${outcome(one.code)}${at}`
    return `${rungs[one.rung]}${at}`
}
/** The furthest that counts for the sender. */
export const furthest = (of: readonly Rung[]): Rung | undefined => [...of].sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''))[of.length - 1]

const states: Record<State, { words: string; colour: string }> = {
    waiting: { words: 'On its way', colour: 'blue' }, planning: { words: 'On its way', colour: 'blue' }, held: { words: 'Waits for a person’s decision', colour: 'yellow' },
    sealed: { words: 'On its way', colour: 'blue' }, accepted: { words: 'Sent', colour: 'green' }, recalled: { words: 'Taken back', colour: 'red' }, closed: { words: 'Finished', colour: 'grey' },
    refused: { words: 'Not sent', colour: 'red' }, withdrawn: { words: 'Taken back before it went', colour: 'grey' }, blocked: { words: 'Stopped: a person has to act', colour: 'red' },
}
export const state_words = (state: State): { words: string; colour: string } => states[state]

const alarms: Record<string, string> = {
    not_accepted: 'It has not reached the broker in time.', not_stored: 'It has not arrived at everybody in time.', not_taken: 'Nobody has taken it on in time.',
    held_overdue: 'The decision that it waits for is overdue.', not_confirmed: 'Not everybody has confirmed that it is removed or put right.', publish_refused: 'The broker refuses it.',
    about_taken_back: 'What it was sent about has been taken back. Look whether it has to be taken back or put right as well.',
    duplicate_conflict: 'The broker holds something else under its number.',
}
export const alarm_words = (alarm: string): string => alarms[alarm] ?? 'Something is wrong with it.'
