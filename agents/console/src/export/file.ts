// Gives the person a file. Its name says what kind it is and the day, never of whom; its address is the browser's own and ends at once.
export type Form = 'csv' | 'json'
const types: Record<Form, string> = { csv: 'text/csv;charset=utf-8', json: 'application/json' }

export const file_name = (of: string, form: Form, at: Date): string => `${of}-${at.toLocaleDateString('sv-SE', { timeZone: 'Europe/London' })}.${form}`
export function give_file(name: string, form: Form, content: string): void {
    const address = URL.createObjectURL(new Blob([content], { type: types[form] }))
    const link = document.createElement('a')
    link.href = address
    link.download = name
    document.body.append(link)
    link.click()
    link.remove()
    // The browser has taken it by then; what is kept of it in memory goes.
    setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
