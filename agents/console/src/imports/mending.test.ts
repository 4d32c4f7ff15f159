import { expect, test } from 'vitest'
import { column_of, columns_to_show, other_faults, rows_to_mend, rows_to_send, type RejectedFile } from './mending'

const fault = (record: number, field: string, record_lost = true): RejectedFile['fault_list'][number] => ({ record, line: record + 2, field, rule: 'bad_date', message: 'This is not a date', record_lost })
const file = (of: Partial<RejectedFile>): RejectedFile => ({
    id: '', revision: 1, state: 'open', agency: 'police', role: 'pol', file: 'one.csv', format: 'misper-csv', title: 'CSV', received_at: '2027-01-13T09:30:00.000Z', whole_file: false,
    records: 3, rejected_records: 2, faults: 2, mend: 'here', mended: null, set_aside: null, next_words: '', faults_left_out: 0, text: null,
    table: { columns: ['reportid', 'DOB'], rows: [{ record: 1, values: ['A', '31/02/2013'] }, { record: 2, values: ['B', '2013-04-05'] }, { record: 3, values: ['C', '?', 'more'] }] },
    fault_list: [fault(1, 'dob'), fault(3, '/subject/date_of_birth'), fault(0, ''), fault(9, 'dob', false)], ...of,
})

test('a row with something wrong is mended, one that is right goes along as it came', () => {
    const { wrong, right } = rows_to_mend(file({}))
    expect([wrong.map(({ record }) => record), right]).toEqual([[1, 3], 1])
    expect(rows_to_send(file({}), new Map([[1, ['A', '2013-02-28']]]), new Set())).toEqual([{ record: 1, values: ['A', '2013-02-28'] }, { record: 2, values: ['B', '2013-04-05'] }, { record: 3, values: ['C', '?', 'more'] }])
})
test('what somebody leaves out is not sent', () => {
    expect(rows_to_send(file({}), new Map(), new Set([1, 3])).map(({ record }) => record)).toEqual([2])
})
test('where not every fault is named, every row may be the wrong one', () => {
    expect(rows_to_mend(file({ faults_left_out: 1 })).wrong.length).toBe(3)
})
test('faults of the file, and of records that were used all the same, stand at no row', () => {
    expect(other_faults(file({})).map(({ record }) => record)).toEqual([0, 9])
})
test('a fault stands at its column however the header writes it; where that is not known, all of the row is shown', () => {
    expect(column_of(['reportid', ' DOB'], 'dob')).toBe(1)
    const { wrong: [one, other] } = rows_to_mend(file({}))
    const many = ['reportid', 'dob', ...Array.from({ length: 8 }, (_, at) => `c${at}`)]
    const whole = { ...one!, values: many }
    expect(columns_to_show(many, whole).first).toEqual([1])
    expect(columns_to_show(many, whole).rest).toHaveLength(9)
    expect(columns_to_show(many, { ...whole, faults: other!.faults }).first).toHaveLength(10)
    expect(columns_to_show(['reportid', 'DOB'], other!)).toEqual({ first: [0, 1, 2], rest: [] })
})
