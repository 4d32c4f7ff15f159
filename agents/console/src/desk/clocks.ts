// Time limits in law that a desk holds itself, in words. They are stated; nothing here reminds anybody.
import type { Schemas } from '../shared/api'
import { full_time, time_words } from '../shared/time'

export type Clock = Schemas['Clock']

const has_passed = (clock: Clock, now: Date): boolean => new Date(clock.by) <= now

/** For the opened alert, under its label: "Due Wednesday 13 January 2027 at 4:20 pm. Yours to hold." */
export function due_words(clock: Clock, now: Date): string {
    return `${has_passed(clock, now) ? 'Was due' : 'Due'} ${full_time(clock.by)}. Yours to hold.`
}

/** For a line of the list: "Return interview: due 4:20 pm tomorrow". */
export function due_line(clock: Clock, now: Date): string {
    return `${clock.label}: ${has_passed(clock, now) ? 'was due' : 'due'} ${time_words(clock.by, now)}`
}
