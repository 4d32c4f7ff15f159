import { expect, test } from 'vitest'
import { day_from, instant_from } from './fields'

test('three parts are a day, or what was typed where that is none', () => {
    expect(day_from('5', '4', '2013')).toBe('2013-04-05')
    expect(day_from('', '', '')).toBe('')
    expect(day_from('31', '2', '2013')).toBe('31 2 2013')
    expect(day_from('x', '4', '2013')).toBe('x 4 2013')
})
test('a day and a time of day in the United Kingdom are an instant, or what was typed where they are none', () => {
    expect(instant_from('2026-07-01', '16:30')).toBe('2026-07-01T15:30:00.000Z')
    expect(instant_from('2026-12-01', '9.05')).toBe('2026-12-01T09:05:00.000Z')
    expect(instant_from('', '')).toBe('')
    expect(instant_from('31 2 2026', '16:30')).toBe('31 2 2026 16:30')
    expect(instant_from('2026-07-01', '')).toBe('2026-07-01')
    expect(instant_from('2026-07-01', '25:00')).toBe('2026-07-01 25:00')
})
