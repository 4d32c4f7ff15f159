import type { Schemas } from '../shared/api'
import { agency_name, code_title, type Catalogue } from '../shared/catalogue'

export type Line = Schemas['AgreementLine']
const states: Record<Line['status'], { words: string; colour: string }> = {
    given: { words: 'Agreed', colour: 'green' }, refused: { words: 'Refused', colour: 'red' }, not_sought: { words: 'Not asked', colour: 'grey' },
    withdrawn: { words: 'Taken back', colour: 'red' }, expired: { words: 'Run out', colour: 'yellow' },
}
export const state_of = (status: Line['status']): { words: string; colour: string } => states[status]
export const form_words = (form: string): string => (form === 'written' ? 'In writing' : form === 'verbal' ? 'By word of mouth' : '')
/** "A parent with parental responsibility agreed that Own School and Hub know". */
export function said_words(one: Line, catalogue: Catalogue | null): string {
    if (one.status === 'not_sought' && one.not_sought_reason !== '') return code_title(catalogue, 'not_sought_reason', one.not_sought_reason)
    const whom = one.named_agencies.map((agency) => agency_name(catalogue, agency)).join(', ')
    return [one.giver === '' ? '' : code_title(catalogue, 'giver', one.giver), whom === '' ? '' : `for ${whom}`].filter((part) => part !== '').join(', ')
}
