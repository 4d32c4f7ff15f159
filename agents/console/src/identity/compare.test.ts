import { expect, test } from 'vitest'
import { side_by_side } from './compare'
import type { Says } from './questions'

const says = (of: Partial<Says>): Says => ({ forename: '', surname: 'Dunmore', aliases: [], date_of_birth: '2016-03-01', nhs_number: '', upn: '', postcode: '', school_urn: '', unborn: false, ...of })
const verdicts = (a: Partial<Says>, b: Partial<Says>): [string, string][] => side_by_side(says(a), says(b), (urn) => `School ${urn}`).map(({ title, verdict }) => [title, verdict])

test('what is written alike is the same, whatever capitals, spaces and apostrophes', () => {
    expect(verdicts({ surname: "O’Dea", postcode: 'WR1 1AA' }, { surname: "O'DEA", postcode: 'wr11aa' })).toEqual([['Surname', 'same'], ['Date of birth', 'same'], ['Postcode', 'same']])
})
test('what one side does not know is no difference', () => {
    expect(verdicts({ forename: 'M' }, { forename: 'Mia', nhs_number: '9990000026' })).toEqual([['First names', 'different'], ['Surname', 'same'], ['Date of birth', 'same'], ['NHS number', 'one_side']])
})
test('whether a child is born is said only where it differs', () => {
    expect(verdicts({ unborn: true }, {}).at(-1)).toEqual(['Born?', 'different'])
})
test('other names, dates and schools are in words', () => {
    const [, other, born, school] = side_by_side(says({ school_urn: '123456' }), says({ aliases: [{ forename: 'Mimi', surname: 'Dunmore' }], school_urn: '123456' }), (urn) => `School ${urn}`)
    expect([other?.holder, born?.sender, school?.holder]).toEqual(['Mimi Dunmore', '1 March 2016', 'School 123456'])
})
