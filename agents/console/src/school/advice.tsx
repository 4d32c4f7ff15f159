// What a school does with a notice today. The words are a proposal: the area's own guidance comes before them.
import type { JSX } from 'preact'
import type { Schemas } from '../shared/api'

const by_type: Record<string, string[]> = {
    domestic_abuse_incident: [
        'Tell the staff who see the child today what they need in order to be kind: not what happened.',
        'Watch and listen. Do not ask the child about it; write down what they say of their own accord.',
        'Do not speak to a parent about this notice before you have read “Before you contact anybody”.',
        'If the child says something that worries you, or does not come, share a concern.',
    ],
    missing_episode_started: [
        'If the child is with you, or was seen, ring the police now, then send word here.',
        'Ask staff and friends, without alarm, when the child was last seen.',
        'Do not call home before you have read “Before you contact anybody”.',
    ],
    missing_episode_closed: [
        'Welcome the child back without questions. Somebody independent offers a talk.',
        'If the child says where they were or that somebody hurt them, write it in their words and share a concern.',
    ],
}
const any_notice = [
    'Read what you are asked to do, and whom to ring if you do not understand it.',
    'Take it on, so that the sender knows that somebody has it.',
    'Write it into your own record of the child.',
]
export function Advice(props: { item: Schemas['ReceivedItem'] }): JSX.Element {
    return (
        <section class="govuk-inset-text">
            <h2 class="govuk-heading-m">What to do today</h2>
            <ul class="govuk-list govuk-list--bullet">{[...(by_type[props.item.type] ?? []), ...any_notice].map((one) => <li key={one}>{one}</li>)}</ul>
        </section>
    )
}
