import { expect, test } from 'vitest'
import { csv_of } from './csv'

const one = (text: string): string => csv_of([[text]]).slice(1, -2)

test('a file of rows: quoted, with the mark of its encoding, quotes doubled', () => {
    expect(csv_of([['a', 'b'], ['say "no"', 'two\nlines']])).toBe('\ufeff"a","b"\r\n"say ""no""","two\nlines"\r\n')
    expect(csv_of([])).toBe('\ufeff')
})
test('no cell is a formula, whatever stands before it', () => {
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '|calc', '%0', '  =cmd', '\t=cmd', '\r=cmd', '\n=cmd', '＝1', '＋1', '－1', '＠a', '=HYPERLINK("http://x","y")'])
        expect(one(formula).startsWith('"\''), formula).toBe(true)
    for (const words of ['Fern', '2017-10-19', '(no)', 'a = b', '']) expect(one(words)).toBe(`"${words}"`)
    expect(one('x",=1+1,"')).toBe('"x"",=1+1,"""')
})
test('what turns a sentence around or hides a word is written out', () => {
    expect(one('\u202Eelbisiv\u200b')).toBe('"[U+202E]elbisiv[U+200B]"')
    expect(one('a\u0000b\u2028c')).toBe('"a[U+0000]b\nc"')
    expect(one('a\tb')).toBe('"a b"')
    expect(one('<b>')).toBe('"<b>"')
})
test('a megabyte is a cell as any', () => {
    expect(one('x'.repeat(1_000_000)).length).toBe(1_000_002)
})
