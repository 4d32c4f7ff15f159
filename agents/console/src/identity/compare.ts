// Two descriptions of a child beside one another, line by line. What is the same is only what is written alike; the judgement is
// the person's.
import { date_words } from '../shared/time'
import type { Says } from './questions'

export type Compared = { title: string; sender: string; holder: string; verdict: 'same' | 'different' | 'one_side' | 'neither' }

const letters = (text: string): string => text.normalize('NFC').toLowerCase().replace(/[\s’']/g, '')
function compared(title: string, sender: string, holder: string): Compared {
    const verdict = sender === '' && holder === '' ? 'neither' : sender === '' || holder === '' ? 'one_side' : letters(sender) === letters(holder) ? 'same' : 'different'
    return { title, sender, holder, verdict }
}
const also = ({ aliases }: Says): string => aliases.map(({ forename, surname }) => `${forename} ${surname}`.trim()).filter((name) => name !== '').join(', ')
export const grouped = (number: string): string => (/^\d{10}$/.test(number) ? number.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3') : number)

/** `school`: the name of the school with this number. Lines of which neither side knows anything are left out. */
export function side_by_side(sender: Says, holder: Says, school: (urn: string) => string): Compared[] {
    return [
        compared('First names', sender.forename, holder.forename),
        compared('Surname', sender.surname, holder.surname),
        compared('Other names', also(sender), also(holder)),
        compared('Date of birth', date_words(sender.date_of_birth), date_words(holder.date_of_birth)),
        compared('NHS number', grouped(sender.nhs_number), grouped(holder.nhs_number)),
        compared('Pupil number (UPN)', sender.upn, holder.upn),
        compared('Earlier pupil numbers', (sender.former_upns ?? []).join(', '), (holder.former_upns ?? []).join(', ')),
        compared('Postcode', sender.postcode, holder.postcode),
        compared('School', sender.school_urn === '' ? '' : school(sender.school_urn), holder.school_urn === '' ? '' : school(holder.school_urn)),
        compared('Born?', sender.unborn ? 'Not born yet' : 'Born', holder.unborn ? 'Not born yet' : 'Born'),
    ].filter(({ title, verdict }) => verdict !== 'neither' && !(title === 'Born?' && verdict === 'same'))
}
