import type { JSX } from 'preact'
import { grouped } from '../identity/compare'
import type { Schemas } from '../shared/api'
import { role_title, type Catalogue } from '../shared/catalogue'
import { date_words } from '../shared/time'
import { Text } from '../shared/value'

type KeptOut = Schemas['KeptOut']
type Child = Schemas['ConflictLine']['child']

/** "Fern Testcase, born 19 October 2017"; a number where there is no name. */
export function child_words(child: Child): string {
    const name = `${child.forename} ${child.surname}`.trim()
    const born = child.date_of_birth === '' ? '' : `born ${date_words(child.date_of_birth)}`
    const number = child.nhs_number !== '' ? `NHS number ${grouped(child.nhs_number)}` : child.upn !== '' ? `pupil number ${child.upn}` : ''
    return [name === '' ? number : name, born].filter((part) => part !== '').join(', ')
}
export function WhoIsKeptOut(props: { of: KeptOut[]; catalogue: Catalogue | null }): JSX.Element {
    const role_of = (one: KeptOut): string => {
        const seat = props.catalogue?.agencies.find(({ agency }) => agency === one.agency)?.inboxes.find(({ inbox }) => inbox === one.inbox)
        return seat === undefined ? `the inbox ${one.inbox ?? ''}` : role_title(props.catalogue, seat.role)
    }
    return (
        <ul class="govuk-list govuk-list--bullet">
            {props.of.map((one) => (
                <li key={`${one.agency}/${one.inbox ?? one.person ?? ''}`}>
                    <strong><Text of={one.agency_name} /></strong>: {one.inbox === null ? <>every inbox that <Text of={one.person_name ?? one.person ?? ''} /> opens</> : <Text of={role_of(one)} />}
                </li>
            ))}
        </ul>
    )
}
