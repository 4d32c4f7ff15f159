// Several reports of one event: one line of the lists, each read by itself. A person says that they are, and can say that they
// are not after all.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { agency_name, type Catalogue } from '../shared/catalogue'
import { Select } from '../shared/fields'
import { Button, ErrorSummary, type FieldErrors, use_errors } from '../shared/form'
import { Link } from '../shared/route'
import { full_time } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { key_of } from './list_model'

type Item = Schemas['ReceivedItem']
type Report = Schemas['Report']

const report_words = (catalogue: Catalogue | null, report: Report): string =>
    `${report.title}, from ${agency_name(catalogue, report.sender)}${report.accepted_at === null ? '' : `, ${full_time(report.accepted_at)}`}`

/** In a line of the list. The line's own link leads to one of them. */
export function ReportLinks(props: { of: { sender: string; id: string; reports?: Report[] }; catalogue: Catalogue | null }): JSX.Element | null {
    const reports = props.of.reports ?? []
    if (reports.length < 2) return null
    return (
        <div>
            <p><strong>{reports.length} reports</strong> of one event</p>
            <ul class="govuk-list desk-quiet">
                {reports.filter((report) => key_of(report) !== key_of(props.of)).map((report) => (
                    <li key={key_of(report)}><Link to={`/alert/${encodeURIComponent(report.sender)}/${report.id}`}><Text of={report_words(props.catalogue, report)} /></Link></li>
                ))}
            </ul>
        </div>
    )
}

export function Reports(props: { item: Item; path: string; catalogue: Catalogue | null; on_done: (said: string) => Promise<void> }): JSX.Element {
    const { item, catalogue } = props
    const { errors, round, show, clear } = use_errors()
    const [busy, set_busy] = useState(false)
    const [others, set_others] = useState<Schemas['ChronologyEntry'][] | null>(null)
    const [chosen, set_chosen] = useState('')
    const reports = item.reports ?? []
    const say = async (to: string | null, done: string): Promise<void> => {
        if (busy) return
        set_busy(true)
        clear()
        const answer = await call('post', '/api/v1/received/{id}/attached', { path: { id: props.path }, query: { inbox: item.inbox }, body: { to } })
        set_busy(false)
        if (!answer.ok) return show({ _agent: `${answer.message} ${answer.next}` })
        set_others(null)
        set_chosen('')
        await props.on_done(done)
    }
    const look = async (): Promise<void> => {
        if (busy) return
        set_busy(true)
        clear()
        const answer = await call('get', '/api/v1/chronology', { query: { received: props.path } })
        set_busy(false)
        if (!answer.ok) return show({ _agent: `${answer.message} ${answer.next}` })
        const joined = new Set(reports.map(key_of))
        set_others(answer.body.entries.filter((entry) => entry.how_linked !== 'this_item' && entry.inbox === item.inbox && !joined.has(key_of(entry))))
    }
    const join = async (): Promise<void> => {
        const wrong: FieldErrors = chosen === '' ? { report: 'Choose the other report' } : {}
        if (chosen === '') return show(wrong)
        await say(chosen, 'They are one line of the list now.')
    }
    return (
        <section class="desk-no-print">
            <h2 class="govuk-heading-m">Reports of the same event</h2>
            <ErrorSummary errors={errors} round={round} />
            {reports.length > 1 && (
                <>
                    <p class="govuk-body">{reports.length} reports are one line of the list. Whoever takes one takes each that has been opened. One that nobody has opened stays to be read.</p>
                    <ul class="govuk-list govuk-list--bullet">
                        {reports.map((report) => (
                            <li key={key_of(report)}>
                                {key_of(report) === key_of(item) ? <><Text of={report_words(catalogue, report)} /> (this one)</> : <Link to={`/alert/${encodeURIComponent(report.sender)}/${report.id}`}><Text of={report_words(catalogue, report)} /></Link>}
                            </li>
                        ))}
                    </ul>
                    <Button kind="secondary" busy={busy} on_press={() => void say(null, 'This is a line of its own again.')}>This is another event: take it out</Button>
                </>
            )}
            {others === null && <Button kind="secondary" busy={busy} on_press={() => void look()}>Look for another report of this event</Button>}
            {others !== null && others.length === 0 && <p class="govuk-body" role="status">Among the newest that you may open nothing else is about this child.</p>}
            {others !== null && others.length > 0 && (
                <form noValidate onSubmit={(event) => { event.preventDefault(); void join() }}>
                    <Select
                        id="report"
                        label="Which one tells of the same event?"
                        value={chosen}
                        choices={[{ value: '', label: 'Choose a report' }, ...others.map((entry) => ({ value: key_of(entry), label: `${entry.title ?? plain(entry.type)}, from ${agency_name(catalogue, entry.sender)}${entry.accepted_at === null ? '' : `, ${full_time(entry.accepted_at)}`}` }))]}
                        on_choose={set_chosen}
                        error={errors.report}
                    />
                    <p class="govuk-body">Read both first. Nobody else is told, and either can still be opened and decided by itself.</p>
                    <Button type="submit" kind="secondary" busy={busy}>They are one event</Button>
                </form>
            )}
        </section>
    )
}
