import type { JSX } from 'preact'
import { Button } from '../shared/form'
import { looked_through_at_once, type ReadingThrough } from './read_through'

/** How far a look through everything is, in words that are announced, and how to stop it. */
export function Progress<T extends { unreadable: number; next: string | null }>(props: { of: ReadingThrough<T>; found: string }): JSX.Element {
    const { parts, is, failure } = props.of
    const up_to = (parts.length * looked_through_at_once).toLocaleString('en-GB')
    const unreadable = parts.reduce((sum, part) => sum + part.unreadable, 0)
    return (
        <>
            <div role="status">
                {is === 'reading' && <p class="govuk-body">Looking, newest first: {props.found}. {parts.length > 0 && `Up to ${up_to} items looked through so far.`}</p>}
                {is === 'stopped' && <p class="govuk-body"><strong>Not everything was looked through.</strong> {props.found} among the newest {up_to} items.</p>}
                {is === 'done' && <p class="govuk-body">Everything that you may open was looked through: {props.found}.</p>}
            </div>
            {failure !== null && <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6" role="alert"><p class="govuk-body"><strong>{failure.message}</strong> {failure.next}</p></div>}
            {unreadable > 0 && <p class="govuk-body"><strong>{unreadable === 1 ? '1 item does' : `${unreadable} items do`} not open with your keys</strong> and {unreadable === 1 ? 'was' : 'were'} not looked through.</p>}
            {is === 'reading' && <div class="desk-no-print"><Button kind="secondary" on_press={props.of.stop}>Stop looking</Button></div>}
        </>
    )
}
