// What to do when it cannot wait. The number is the area's, from the signed policy.
import type { ComponentChildren, JSX } from 'preact'
import { duty, type Catalogue } from './catalogue'
import { Text } from './value'

export function Emergency(props: { catalogue: Catalogue | null; children?: ComponentChildren }): JSX.Element {
    const on_duty = props.catalogue === null ? null : duty(props.catalogue)
    return (
        <div class="govuk-inset-text desk-emergency">
            <p class="govuk-body"><strong>If a child is in danger now, ring 999 first.</strong></p>
            {on_duty !== null && on_duty.telephone !== '' && (
                <p class="govuk-body">
                    Then ring the <Text of={on_duty.title} />: <strong><Text of={on_duty.telephone} /></strong>.
                    {!on_duty.open && ' The front door is shut now; this number answers day and night.'}
                </p>
            )}
            {props.children}
        </div>
    )
}
