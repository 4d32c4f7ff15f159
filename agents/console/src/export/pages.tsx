// What may be taken away as a file: a child's chronology, and what one sent with what became of it.
import type { JSX } from 'preact'
import { call, type Schemas } from '../shared/api'
import { use_title } from '../shared/frame'
import type { Page } from '../shared/route'
import { in_order } from '../desk/chronology_model'
import { chronology_rows, sent_rows } from './rows'
import { TakeAway } from './take_away'

function ChronologyFile(props: { sender: string; id: string }): JSX.Element {
    use_title('Take a chronology away')
    const received = `${props.sender}/${props.id}`
    return (
        <TakeAway<Schemas['Chronology']>
            heading="Take this chronology away as a file" back={{ to: `/chronology/${encodeURIComponent(props.sender)}/${props.id}`, words: 'Back to the chronology' }} name="chronology"
            what={<>The file has a line for each entry: when, what, in short what was said if somebody here has opened it, from whom, and how it was found. It does not have the whole alerts.</>}
            ask={(reason, cursor) => call('post', '/api/v1/chronology/export', { query: { received, cursor }, body: { reason } })}
            rows={(parts, catalogue) => chronology_rows(in_order(parts), catalogue)}
            data={(parts) => ({ entries: in_order(parts) })}
        />
    )
}

function SentFile(): JSX.Element {
    use_title('Take away what was sent')
    return (
        <TakeAway<Schemas['SentExport']>
            heading="Take away what was sent as a file" back={{ to: '/sent', words: 'Back to what was sent' }} name="sent"
            what={<>The file has a line for each whom something was sent to: when, what kind, how far it is and what became of it. It does not have what was said, nor the name of a child.</>}
            ask={(reason, cursor) => call('post', '/api/v1/sent/export', { query: { cursor }, body: { reason } })}
            rows={(parts, catalogue) => sent_rows(parts.flatMap((part) => part.sent), catalogue)}
            data={(parts) => ({ sent: parts.flatMap((part) => part.sent) })}
        />
    )
}

export function export_pages(): Page[] {
    return [
        { path: /^\/chronology\/([^/]+)\/([^/]+)\/export$/, show: ([sender = '', id = '']) => <ChronologyFile key={`${sender}/${id}`} sender={sender} id={id} /> },
        { path: /^\/sent\/export$/, show: () => <SentFile /> },
    ]
}
