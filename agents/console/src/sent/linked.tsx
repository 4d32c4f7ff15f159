// Whom a notification of ours named beside the child, and of whom the front door can find nothing by it.
import type { JSX } from 'preact'
import type { Schemas } from '../shared/api'
import { Text } from '../shared/value'
import { relation_words } from '../desk/linked_model'

export function LinkedSaid(props: { of: Schemas['LinkedSaid'][] }): JSX.Element | null {
    const missed = props.of.filter(({ used }) => !used)
    const first = missed[0]
    if (first === undefined) return null
    return (
        <div class="govuk-inset-text">
            <p class="govuk-body">Not found by what you gave of them: {missed.map(({ relation }) => relation_words(relation)).join(', ')}.</p>
            <p class="govuk-body"><Text of={first.message} />.</p>
        </div>
    )
}
