import { expect, test } from 'vitest'
import { date_words, full_time, time_words } from './time'

const friday = new Date('2026-11-27T10:00:00Z')
test('a time of the same UK day says today, with the hour in words', () => {
    expect(time_words('2026-11-27T17:00:00Z', friday)).toBe('5 pm today')
    expect(time_words('2026-11-27T12:00:00Z', friday)).toBe('midday today')
    expect(time_words('2026-11-28T09:05:00Z', friday)).toBe('9:05 am tomorrow')
})
test('within a week the weekday is enough, after that the date stands too', () => {
    expect(time_words('2026-12-01T17:00:00Z', friday)).toBe('5 pm Tuesday')
    expect(time_words('2026-12-04T17:00:00Z', friday)).toBe('5 pm on Friday 4 December 2026')
    expect(time_words('2026-11-24T17:00:00Z', friday)).toBe('5 pm on Tuesday 24 November 2026')
})
test('summer time is UK local time, and its midnight decides the day', () => {
    expect(time_words('2026-07-01T23:30:00Z', new Date('2026-07-01T12:00:00Z'))).toBe('12:30 am tomorrow')
    expect(full_time('2026-07-01T16:00:00Z')).toBe('Wednesday 1 July 2026 at 5 pm')
})
test('dates as far as they are known, other text untouched', () => {
    expect(date_words('2011-09-14')).toBe('14 September 2011')
    expect(date_words('2013-04')).toBe('April 2013')
    expect(date_words('about twelve')).toBe('about twelve')
    expect(date_words('2011-99-99')).toBe('2011-99-99')
})
