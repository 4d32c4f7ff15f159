// A file that intake did not use, as a person mends it: which records are wrong and where, and what is sent back.
import type { Schemas } from '../shared/api'

export type RejectedFile = Schemas['RejectedFile']
export type RecordFault = Schemas['RecordFault']
export type MendRow = { record: number; values: readonly string[]; faults: RecordFault[] }

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()
/** Where in the row a fault is; -1: the agent names something that is no column. */
export const column_of = (columns: readonly string[], field: string): number => (field === '' ? -1 : columns.findIndex((one) => same(one, field)))
/** Rows may be longer than the header. */
export const column_title = (columns: readonly string[], at: number): string => (columns[at] ?? '').trim() || `Column ${at + 1}, which has no heading`

/** Rows with something wrong, to be mended; `right`: how many go back as they came, since the list counts as a whole. */
export function rows_to_mend(file: RejectedFile): { wrong: MendRow[]; right: number } {
    const by_record = new Map<number, RecordFault[]>()
    for (const fault of file.fault_list) if (fault.record_lost) by_record.set(fault.record, [...(by_record.get(fault.record) ?? []), fault])
    const rows = file.table?.rows ?? []
    // Faults may have been left out of a long list: then any row may be a wrong one.
    const all = file.faults_left_out > 0
    const wrong = rows.filter(({ record }) => all || by_record.has(record)).map(({ record, values }) => ({ record, values, faults: by_record.get(record) ?? [] }))
    return { wrong, right: rows.length - wrong.length }
}
/** What stands at no row: about the file as a whole, or about a record that is not there to be mended. */
export function other_faults(file: RejectedFile): RecordFault[] {
    const rows = new Set(file.table?.rows.map(({ record }) => record) ?? [])
    return file.fault_list.filter(({ record, record_lost }) => !rows.has(record) || !record_lost)
}
/** Every row goes back, as it was changed or as it came, but for those that somebody leaves out. */
export function rows_to_send(file: RejectedFile, changed: ReadonlyMap<number, readonly string[]>, left_out: ReadonlySet<number>): { record: number; values: string[] }[] {
    return (file.table?.rows ?? []).filter(({ record }) => !left_out.has(record)).map(({ record, values }) => ({ record, values: [...(changed.get(record) ?? values)] }))
}
const columns_at_once = 8
/** Of a row: those at which something is wrong, and the rest; all of them where it is not known which. */
export function columns_to_show(columns: readonly string[], row: MendRow): { first: number[]; rest: number[] } {
    const every = Array.from({ length: Math.max(columns.length, row.values.length) }, (_, at) => at)
    const wrong = new Set(row.faults.map(({ field }) => column_of(columns, field)))
    // A short row is seen whole: it is easier to know whose it is.
    const is_plain = every.length > columns_at_once && row.faults.length > 0 && !wrong.has(-1) && row.values.length === columns.length
    return is_plain ? { first: every.filter((at) => wrong.has(at)), rest: every.filter((at) => !wrong.has(at)) } : { first: every, rest: [] }
}
