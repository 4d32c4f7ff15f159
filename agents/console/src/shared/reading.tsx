// Reads something when a page opens, and again when the agent says that it changed.
import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Answer, Failure } from './api'
import { on_changed } from './events'
import { Heading } from './frame'
import { Text } from './value'

export type Reading<T> = { got: T | null; failure: Failure | null; again: () => Promise<void> }
export function use_reading<T>(read: () => Promise<Answer<T>>, about: string, of = ''): Reading<T> {
    const [got, set_got] = useState<T | null>(null)
    const [failure, set_failure] = useState<Failure | null>(null)
    const again = useCallback(async (): Promise<void> => {
        const answer = await read()
        if (answer.ok) {
            set_got(answer.body)
            set_failure(null)
        } else set_failure(answer)
    }, [of])
    useEffect(() => {
        void again()
        return on_changed((changed) => {
            if (changed.what.includes(about)) void again()
        })
    }, [again, about])
    return { got, failure, again }
}
export function Failed(props: { failure: Failure | null }): JSX.Element | null {
    if (props.failure === null) return null
    return <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6" role="alert"><p class="govuk-body"><strong><Text of={props.failure.message} /></strong> <Text of={props.failure.next} /></p></div>
}
/** Before there is anything to show, or instead of it: a page has a heading in every state. `not_here`: when there is no such thing. */
export function Opening(props: { failure: Failure | null; not_here?: string }): JSX.Element {
    const { failure } = props
    const words = failure === null ? 'Opening…' : failure.status === 404 && props.not_here !== undefined ? props.not_here : 'This cannot be shown now'
    return <><Heading key={words}>{words}</Heading><Failed failure={failure} /></>
}
