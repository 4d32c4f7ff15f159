import { expect, test } from 'vitest'
import { visible } from './text'

test('a right-to-left override is shown and turns nothing around', () => {
    expect(visible('not\u202Eelbisiv')).toBe('not[U+202E]elbisiv')
})
test('control characters are shown, line ends stay', () => {
    expect(visible('a\u0000b\u001b[31m\nc\td')).toBe('a[U+0000]b[U+001B][31m\nc\td')
})
test('ordinary names of any script are left alone', () => {
    expect(visible('Zoë Nguyễn محمد 李 O’Brien')).toBe('Zoë Nguyễn محمد 李 O’Brien')
})
