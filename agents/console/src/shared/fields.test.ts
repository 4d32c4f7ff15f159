import { expect, test } from 'vitest'
import { day_from } from './fields'

test('three parts are a day, or what was typed where that is none', () => {
    expect(day_from('5', '4', '2013')).toBe('2013-04-05')
    expect(day_from('', '', '')).toBe('')
    expect(day_from('31', '2', '2013')).toBe('31 2 2013')
    expect(day_from('x', '4', '2013')).toBe('x 4 2013')
})
