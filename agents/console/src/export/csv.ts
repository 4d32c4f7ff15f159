// Rows as a file for a spreadsheet. What came from outside is text there too: no cell is run as a formula, and what the eye cannot
// see is written out, as on the pages.
import { visible } from '../shared/text'

/** Also as a keyboard of another script writes them, which spreadsheets take for the same. */
const formula_begins = /^[\s]*[=+\-@|%＝＋－＠]/
function cell(text: string): string {
    const shown = text.replace(/\r\n?|\u2028|\u2029/g, '\n').split('\n').map((line) => visible(line.replace(/\t/g, ' '))).join('\n')
    return `"${formula_begins.test(shown) ? "'" : ''}${shown.replace(/"/g, '""')}"`
}
/** With the mark by which spreadsheets know the encoding. */
export const csv_of = (rows: readonly (readonly string[])[]): string => `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
