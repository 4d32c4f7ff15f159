// What an agency's own systems give: lists that wait for a person, and files that were not taken.
import type { JSX } from 'preact'
import { Heading, use_title } from '../shared/frame'
import { Link, type Page } from '../shared/route'
import { Rejected } from './rejected'
import { RejectedClosed, RejectedLines } from './rejected_list'
import { WaitingRolls } from './rolls'

function Imports(): JSX.Element {
    use_title('Imports')
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading>Imports</Heading>
                <WaitingRolls />
                <h2 class="govuk-heading-m">Files that were not taken</h2>
                <p class="govuk-body">What the agent could not use, wholly or in part. Mend it here, or in the system that it came from and give it again: what was taken already is known and not sent twice.</p>
                <RejectedLines state="open" />
                <p class="govuk-body"><Link to="/imports/closed">Mended or set aside</Link></p>
                <p class="govuk-body">If it cannot wait, <Link to="/concern">share it by hand</Link>. If a child is in danger, ring first.</p>
            </div>
        </div>
    )
}
export const imports_navigation = [{ to: '/imports', label: 'Imports', also: /^\/imports\// }]
export function imports_pages(): Page[] {
    return [
        { path: /^\/imports$/, show: () => <Imports /> },
        { path: /^\/imports\/closed$/, show: () => <RejectedClosed /> },
        { path: /^\/imports\/rejected\/([0-9a-f-]{36})$/, show: ([id = '']) => <Rejected key={id} id={id} /> },
    ]
}
