// Why the matcher asks, in words: its codes are those of agents/runtime/identity. One that is not here is shown as it is written.
import { plain } from '../shared/words'

const strong: Record<string, string> = {
    nhs_number_and_birth_date: 'NHS number and date of birth are the same', nhs_number_and_surname: 'NHS number and surname are the same', upn_and_birth_date: 'Pupil number and date of birth are the same',
    name_birth_date_and_postcode: 'Full name, date of birth and postcode are the same', name_birth_date_and_school: 'Full name, date of birth and school are the same',
}
const against: Record<string, string> = {
    other_nhs_number: 'They have different NHS numbers', other_upn: 'They have different pupil numbers', other_sex: 'Their sex is recorded differently', other_birth_date: 'Their dates of birth differ',
    other_forename: 'Their first names differ', other_pregnancy: 'The due dates are apart or not known', born_and_unborn: 'One child is born and the other is not',
}
const asked: Record<string, string> = {
    possible_twins: 'They may be twins: surname, date of birth and home agree, the first name does not', same_name_and_home: 'Same name and home with another date of birth: brothers or sisters, or a mistake',
    same_name_and_birth_date: 'Same name and date of birth without the same home: names repeat, and people move', shared_number: 'Both have the same number, and nothing else is strong enough: one of them may have it by mistake',
    strong_but_contradicted: 'Something strong agrees, and something else contradicts it',
}
const evidence: Record<string, string> = {
    forename_same: 'The first name is the same', forename_similar: 'The first names are alike', forename_initial: 'The first names begin alike', forename_differs: 'The first names differ',
    surname_same: 'The surname is the same', surname_similar: 'The surnames are alike', surname_differs: 'The surnames differ', names_swapped: 'First name and surname are the other way round', name_in_the_other_field: 'A name stands in the other’s place',
    birth_date_same: 'The date of birth is the same', birth_month_agrees: 'Year and month of birth are the same', birth_day_and_month_swapped: 'Day and month of birth are the other way round', birth_year_agrees: 'The year of birth is the same',
    birth_date_one_slip: 'The dates of birth differ in one digit', birth_date_two_parts: 'Two parts of the date of birth are the same', birth_date_differs: 'The dates of birth differ',
    postcode_same: 'The postcode is the same', postcode_one_slip: 'The postcodes differ in one letter or digit', address_same: 'The address is the same', address_similar: 'The addresses are alike', place_same: 'The place is the same', contact_same: 'The contact is the same',
    home_differs: 'The homes differ', sex_same: 'The sex is the same', sex_differs: 'The sex is recorded differently', nhs_number_same: 'The NHS number is the same', nhs_number_differs: 'The NHS numbers differ', upn_same: 'The pupil number is the same',
    upn_differs: 'The pupil numbers differ', unverified_upn_same: 'A pupil number that nobody has checked is the same', uln_same: 'The learner number is the same', school_same: 'The school is the same',
}
export const strong_words = (code: string): string => strong[code] ?? plain(code)
export const against_words = (code: string): string => against[code] ?? plain(code)
export const asked_words = (code: string): string => asked[code] ?? plain(code)
export const evidence_words = (code: string): string => evidence[code] ?? plain(code)

/** Bits are how much likelier something is among true pairs: from these on it says much. */
const much = 7
export const weight_words = (bits: number): string => (bits >= much ? 'speaks strongly for it' : bits > 0 ? 'speaks for it' : bits <= -much ? 'speaks strongly against it' : 'speaks against it')

export type Outcome = 'same' | 'different' | 'cannot_tell' | 'taken_back'
const outcomes: Record<Outcome, string> = { same: 'It is the same child', different: 'They are different children', cannot_tell: 'It cannot be told', taken_back: 'The answer was taken back' }
export const outcome_words = (outcome: Outcome): string => outcomes[outcome]
export const why_words = (why: 'weak' | 'contradicted' | 'claimed_twice'): string =>
    ({ weak: 'A weak match', contradicted: 'A match with a contradiction', claimed_twice: 'Two agencies claim the child' })[why]
