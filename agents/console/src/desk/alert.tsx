import type { JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { call, type Failure } from '../shared/api'
import { use_catalogue } from '../shared/catalogue'
import { on_changed } from '../shared/events'
import { Heading, use_title } from '../shared/frame'
import { Opening } from '../shared/reading'
import { Text } from '../shared/value'
import type { Item } from './alert_actions'
import { BackToFirst, Opened } from './opened'
import { note_opened } from './opened_last'
import { read_lines, state_of } from './received'
import { use_my_roles } from './my_roles'

export function TakenBack(props: { failure: Failure }): JSX.Element {
    const { failure } = props
    return (
        <>
            <BackToFirst />
            <div role="alert">
                <Heading>{failure.status === 410 ? 'This was taken back' : 'This cannot be opened'}</Heading>
                <p class="govuk-body"><Text of={failure.message} /></p>
                <p class="govuk-body">{failure.status === 410 ? 'Do not use or pass on anything that you remember or have printed of it.' : <Text of={failure.next} />}</p>
            </div>
        </>
    )
}

/** `advice`: what a page of another area says besides, under the safe contact. */
export function Alert(props: { sender: string; id: string; me: string; advice?: (item: Item) => JSX.Element }): JSX.Element {
    use_title('Alert')
    const path = `${props.sender}/${props.id}`
    const catalogue = use_catalogue()
    const my_roles = use_my_roles()
    const [item, set_item] = useState<Item | null>(null)
    const [failure, set_failure] = useState<Failure | null>(null)
    const [said, set_said] = useState('')
    const seen = useRef('')
    const read = useCallback(async (): Promise<void> => {
        const answer = await call('get', '/api/v1/received/{id}', { path: { id: path } })
        if (answer.ok) {
            set_item(answer.body)
            set_failure(null)
            note_opened(path, answer.body)
        } else {
            // What was taken back leaves the page at once. A lost link leaves what is shown.
            if (answer.status !== 0 && answer.status !== 503) {
                set_item(null)
                note_opened(path, null)
            }
            set_failure(answer)
        }
    }, [path])
    // Reading an item is recorded as a look, so it is read again only when its line in the list has changed. The line is read
    // first: what changes between the two is found the next time.
    const check = useCallback(async (always: boolean): Promise<void> => {
        const answer = await read_lines([{ sender: props.sender, id: props.id }])
        if (!answer.ok && !always) return
        const state = answer.ok ? state_of([...answer.body.values()][0]) : ''
        const is_same = seen.current === state
        seen.current = state
        if (always || !is_same) await read()
    }, [props.id, props.sender, read])
    useEffect(() => {
        void check(true)
        return on_changed((changed) => {
            if (changed.what.includes('received')) void check(false)
        })
    }, [check])
    const done = useCallback(async (words: string): Promise<void> => {
        await check(true)
        set_said(words)
        document.getElementById('main')?.focus()
        window.scrollTo(0, 0)
    }, [check])

    if (item === null) return failure === null ? <Opening failure={null} /> : <TakenBack failure={failure} />
    return (
        <>
            {failure !== null && <div class="desk-banner desk-banner--bad" role="alert"><p class="govuk-body"><strong>{failure.message}</strong> {failure.next}</p></div>}
            <Opened item={item} me={props.me} path={path} said={said} catalogue={catalogue} my_roles={my_roles} advice={props.advice} on_done={done} />
        </>
    )
}
