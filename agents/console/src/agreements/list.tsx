import type { JSX } from 'preact'
import { call } from '../shared/api'
import { use_catalogue } from '../shared/catalogue'
import { Explain } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { said_words, state_of } from './words'

export function Agreements(): JSX.Element {
    use_title('Agreements')
    const catalogue = use_catalogue()
    const { got, failure } = use_reading(() => call('get', '/api/v1/agreements'), 'sent')
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading>What families agreed to</Heading>
                <p class="govuk-body">What a family said about one referral. It counts for that referral and for no other, and they can take it back at any time.</p>
                <p class="desk-no-print"><Link to="/agreements/new" class="govuk-button">Record what a family said</Link></p>
                <Failed failure={failure} />
                {got !== null && got.agreements.length === 0 && <p class="govuk-body">Nothing is recorded yet.</p>}
                <ul class="concern-list">
                    {got?.agreements.map((one) => {
                        const state = state_of(one.status)
                        return (
                            <li class="concern-line" key={one.id}>
                                <p class="govuk-body">
                                    <Link to={`/agreements/${one.id}`}>{one.said_at === null ? 'What they said' : `Said ${time_words(one.said_at, new Date())}`}</Link>
                                    <br /><span class="desk-quiet"><Text of={said_words(one, catalogue)} /></span>
                                </p>
                                <strong class={`govuk-tag govuk-tag--${state.colour}`}>{state.words}</strong>
                            </li>
                        )
                    })}
                </ul>
                <Explain what="When no agreement is needed">
                    <p>Where a child may be suffering harm, information is shared without it: agreement is to a service, and never the reason in law. What the concern itself says about agreement counts for it; here you add what the family says later.</p>
                </Explain>
            </div>
        </div>
    )
}
