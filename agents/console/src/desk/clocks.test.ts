import { expect, test } from 'vitest'
import { due_line, due_words, type Clock } from './clocks'

const interview: Clock = {
    name: 'return_interview', label: 'Return interview', law: 'Statutory guidance (2014)',
    by: '2027-01-13T16:20:00.000Z', by_in_words: 'Wednesday 13 January 2027 at 16:20 GMT',
}

test('whoever holds a clock reads by when, and that it is theirs', () => {
    expect(due_words(interview, new Date('2027-01-10T17:00:00Z'))).toBe('Due Wednesday 13 January 2027 at 4:20 pm. Yours to hold.')
    expect(due_line(interview, new Date('2027-01-12T09:00:00Z'))).toBe('Return interview: due 4:20 pm tomorrow')
})

test('what has run out is said so', () => {
    const after = new Date('2027-01-13T16:20:00Z')
    expect(due_words(interview, after)).toBe('Was due Wednesday 13 January 2027 at 4:20 pm. Yours to hold.')
    expect(due_line(interview, after)).toBe('Return interview: was due 4:20 pm today')
})

test('in summer time it is the time on the wall', () => {
    expect(due_words({ ...interview, by: '2027-03-30T20:00:00.000Z' }, new Date('2027-03-28T09:00:00Z'))).toBe('Due Tuesday 30 March 2027 at 9 pm. Yours to hold.')
})
