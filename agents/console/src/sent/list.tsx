import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { code_title, role_title, type_title, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { state_words } from './words'

type Line = Schemas['SentLine']
export function SentLines(props: { lines: Line[]; catalogue: Catalogue | null }): JSX.Element {
    const now = new Date()
    return (
        <ul class="concern-list">
            {props.lines.map((line) => {
                const state = state_words(line.state)
                return (
                    <li class="concern-line" key={line.id}>
                        <p class="govuk-body">
                            <Link to={`/sent/${line.id}`}><Text of={line.title ?? plain(line.type)} /></Link>
                            {line.kind !== '' && props.catalogue !== null && <>: <Text of={type_title(props.catalogue, line.kind) ?? code_title(props.catalogue, 'kind', line.kind)} /></>}
                            <br /><span class="desk-quiet">{line.created_at === null ? '' : `Sent ${time_words(line.created_at, now)}`}{props.catalogue === null ? '' : `, as ${role_title(props.catalogue, line.role)}`}</span>
                        </p>
                        <strong class={`govuk-tag govuk-tag--${state.colour}`}>{state.words}</strong>
                    </li>
                )
            })}
        </ul>
    )
}

export function SentList(): JSX.Element {
    use_title('Sent')
    const catalogue = use_catalogue()
    const [pages, set_pages] = useState<string[]>([''])
    const [at, set_at] = useState(0)
    const cursor = pages[at] ?? ''
    const { got, failure } = use_reading(() => call('get', '/api/v1/sent', { query: { limit: 50, cursor: cursor === '' ? undefined : cursor } }), 'sent', cursor)
    return (
        <>
            <Heading>What was sent</Heading>
            <p class="govuk-body">What you sent, and what was sent in your roles. Open one to see who has it, who has taken it on and what became of it.</p>
            <Failed failure={failure} />
            {got !== null && got.sent.length === 0 && <p class="govuk-body">Nothing was sent.</p>}
            {got !== null && <SentLines lines={got.sent} catalogue={catalogue} />}
            <div class="govuk-button-group">
                {at > 0 && <button type="button" class="govuk-button govuk-button--secondary" onClick={() => set_at(at - 1)}>Newer</button>}
                {got?.next != null && <button type="button" class="govuk-button govuk-button--secondary" onClick={() => { set_pages([...pages.slice(0, at + 1), got.next ?? '']); set_at(at + 1) }}>Older</button>}
            </div>
            {got !== null && got.sent.length > 0 && <p class="govuk-body desk-no-print"><Link to="/sent/export">Take this list away as a file</Link></p>}
        </>
    )
}
