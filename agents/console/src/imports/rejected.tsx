// One file that was not used: what is wrong and where, mended here and sent back, or set aside with the reason. Each opening of
// it is recorded by the agent.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Failure } from '../shared/api'
import { use_catalogue, agency_name } from '../shared/catalogue'
import { Checkboxes } from '../shared/fields'
import { Button, ErrorSummary, Explain, Field, TextArea, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, Opening, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { sentence } from '../shared/text'
import { full_time, time_words } from '../shared/time'
import { Text } from '../shared/value'
import { column_of, column_title, columns_to_show, other_faults, rows_to_mend, rows_to_send, type MendRow, type RecordFault, type RejectedFile } from './mending'
import { how_much, state_words } from './rejected_list'

/** So many are drawn at first; a file may hold thousands. */
const rows_at_first = 25
const text_max = 600_000

const is_stale = (failure: Failure): boolean => failure.code === 'stale_version' || failure.code === 'already_closed'

function where(fault: RecordFault): string {
    const parts = [fault.record === 0 ? 'The file as a whole' : `Record ${fault.record}`, fault.line === 0 ? '' : `line ${fault.line}`, fault.field]
    return parts.filter((part) => part !== '').join(', ')
}
function FaultList(props: { faults: RecordFault[] }): JSX.Element {
    return (
        <ul class="govuk-list govuk-list--bullet">
            {props.faults.map((fault, at) => <li key={at}><strong><Text of={where(fault)} />:</strong> <Text of={sentence(fault.message)} />{!fault.record_lost && ' Only this was left out; the rest of the record was used.'}</li>)}
        </ul>
    )
}

function Row(props: { columns: readonly string[]; row: MendRow; values: readonly string[]; left_out: boolean; on_change: (values: string[]) => void; on_leave_out: (out: boolean) => void }): JSX.Element {
    const { columns, row, values, left_out } = props
    const { first, rest } = columns_to_show(columns, row)
    const id = (at: number): string => `record-${row.record}-${at}`
    const elsewhere = row.faults.filter(({ field }) => column_of(columns, field) < 0)
    const input = (at: number): JSX.Element => {
        const wrong = row.faults.filter(({ field }) => column_of(columns, field) === at).map(({ message }) => message)
        const is_changed = (values[at] ?? '') !== (row.values[at] ?? '')
        return (
            <Field
                key={at} id={id(at)} label={column_title(columns, at)} value={values[at] ?? ''} error={wrong.length === 0 || is_changed ? undefined : wrong.join('. ')} hint={wrong.length > 0 && is_changed ? 'Changed' : undefined}
                on_input={(value) => props.on_change(Array.from({ length: Math.max(values.length, at + 1) }, (_, place) => (place === at ? value : values[place] ?? '')))}
            />
        )
    }
    return (
        <section class="desk-card" aria-labelledby={`record-${row.record}`}>
            <h3 class="govuk-heading-s" id={`record-${row.record}`}>Record {row.record}{row.faults[0] !== undefined && row.faults[0].line > 0 ? `, line ${row.faults[0].line}` : ''}</h3>
            {elsewhere.length > 0 && <FaultList faults={elsewhere} />}
            {!left_out && first.map(input)}
            {!left_out && rest.length > 0 && <Explain what={`The rest of record ${row.record}`}>{rest.map(input)}</Explain>}
            <Checkboxes id={`leave-${row.record}`} legend={`Send record ${row.record}?`} chosen={left_out ? ['out'] : []} choices={[{ value: 'out', label: 'Leave it out: it is not sent' }]} on_change={(chosen) => props.on_leave_out(chosen.length > 0)} />
        </section>
    )
}

function Mend(props: { file: RejectedFile; on_failed: (failure: Failure) => void; on_done: () => Promise<void> }): JSX.Element {
    const { file } = props
    const { wrong, right } = rows_to_mend(file)
    const columns = file.table?.columns ?? []
    const [changed, set_changed] = useState<ReadonlyMap<number, string[]>>(new Map())
    const [left_out, set_left_out] = useState<ReadonlySet<number>>(new Set())
    const [text, set_text] = useState(file.text ?? '')
    const [shown, set_shown] = useState(rows_at_first)
    const { errors, round, show, clear } = use_errors()
    const [busy, set_busy] = useState(false)
    const send = async (): Promise<void> => {
        if (busy) return
        const faults: FieldErrors = {}
        const rows = rows_to_send(file, changed, left_out)
        const is_unchanged = file.table === null ? text === file.text : changed.size === 0 && left_out.size === 0
        if (file.table !== null && rows.length === 0) faults._rows = 'Nothing is left to be sent. If none of it counts, set the file aside below'
        else if (file.table === null && text.trim() === '') faults.text = 'There is nothing to send. If it does not count, set the file aside below'
        else if (is_unchanged) faults[file.table === null ? 'text' : '_rows'] = 'Nothing is changed yet. Sent as it came, it would be refused again'
        if (Object.keys(faults).length > 0) return show(faults)
        set_busy(true)
        clear()
        const answer = await call('post', '/api/v1/rejected/{id}/mended', { path: { id: file.id }, body: { revision: file.revision, ...(file.table === null ? { text } : { rows }) } })
        set_busy(false)
        if (answer.ok) return props.on_done()
        if (is_stale(answer)) return props.on_failed(answer)
        show({ _agent: `${answer.message} ${answer.next}` })
    }
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); void send() }}>
            <ErrorSummary errors={errors} round={round} />
            {file.table === null ? (
                <TextArea id="text" label="The file as it came" hint="Mend it here. Lines are counted from 1." rows={18} max={text_max} value={text} on_input={set_text} error={errors.text} />
            ) : (
                <>
                    <h2 class="govuk-heading-m">Records to be mended</h2>
                    {right > 0 && <p class="govuk-body">{right === 1 ? '1 other record of the list is right. It goes' : `${right.toLocaleString('en-GB')} other records of the list are right. They go`} along as {right === 1 ? 'it is' : 'they are'}, because the list counts as a whole.</p>}
                    {wrong.slice(0, shown).map((row) => (
                        <Row
                            key={row.record} columns={columns} row={row} values={changed.get(row.record) ?? row.values} left_out={left_out.has(row.record)}
                            on_change={(values) => set_changed(new Map([...changed, [row.record, values]]))}
                            on_leave_out={(out) => set_left_out(new Set(out ? [...left_out, row.record] : [...left_out].filter((one) => one !== row.record)))}
                        />
                    ))}
                    {wrong.length > shown && <Button kind="secondary" on_press={() => set_shown(shown + rows_at_first)}>Show more records ({(wrong.length - shown).toLocaleString('en-GB')} not shown)</Button>}
                </>
            )}
            <p class="govuk-body">What was used before is not used twice. What is still wrong comes back as a new line.</p>
            <Button type="submit" busy={busy}>Send it back</Button>
        </form>
    )
}

function SetAside(props: { file: RejectedFile; on_failed: (failure: Failure) => void; on_done: () => Promise<void> }): JSX.Element {
    const [reason, set_reason] = useState('')
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const send = async (): Promise<void> => {
        if (busy) return
        if (reason.trim() === '') return show({ 'aside-reason': 'Say why it does not have to be mended' })
        set_busy(true)
        const answer = await call('post', '/api/v1/rejected/{id}/set-aside', { path: { id: props.file.id }, body: { revision: props.file.revision, reason: reason.trim() } })
        set_busy(false)
        if (answer.ok) return props.on_done()
        if (is_stale(answer)) return props.on_failed(answer)
        show({ _agent: `${answer.message} ${answer.next}` })
    }
    return (
        <form noValidate class="desk-actions" onSubmit={(event) => { event.preventDefault(); void send() }}>
            <h2 class="govuk-heading-m">It does not have to be mended</h2>
            <ErrorSummary errors={errors} round={round} />
            <p class="govuk-body">For example because it was a test, or because you mended it in your own system and gave it again. Nothing is deleted.</p>
            <TextArea id="aside-reason" label="Why?" hint="It stays with your agency’s records." rows={2} max={2048} value={reason} on_input={set_reason} error={errors['aside-reason']} />
            <Button type="submit" kind="secondary" busy={busy}>Set it aside</Button>
        </form>
    )
}

/** Whether what was sent back is used is known a moment later. The list says it, and looking at the list is no look at the file. */
function use_outcome(file: RejectedFile | null): RejectedFile['mended'] {
    const [mended, set_mended] = useState(file?.mended ?? null)
    useEffect(() => {
        set_mended(file?.mended ?? null)
        if (file === null || file.mended?.outcome !== 'waiting') return
        const again = setInterval(() => {
            void call('get', '/api/v1/rejected', { query: { state: 'closed' } as Record<string, string> }).then((answer) => {
                const line = answer.ok ? answer.body.rejected.find(({ id }) => id === file.id) : undefined
                if (line === undefined || line.mended === null || line.mended.outcome === 'waiting') return
                set_mended(line.mended)
                clearInterval(again)
            })
        }, 2000)
        return () => clearInterval(again)
    }, [file])
    return mended
}

export function Rejected(props: { id: string }): JSX.Element {
    use_title('A file that was not taken')
    const catalogue = use_catalogue()
    // Read when it is opened and when somebody has done something: each reading is a look.
    const { got: file, failure, again } = use_reading(() => call('get', '/api/v1/rejected/{id}', { path: { id: props.id } }), '', props.id)
    const mended = use_outcome(file)
    const [said, set_said] = useState<Failure | null>(null)
    const fail = (failed: Failure): void => {
        set_said(failed)
        window.scrollTo(0, 0)
    }
    const done = async (): Promise<void> => {
        await again()
        document.getElementById('main')?.focus()
        window.scrollTo(0, 0)
    }
    if (file === null) return <><Link to="/imports" class="govuk-back-link">Imports</Link><Opening failure={failure} not_here="This cannot be opened" /></>
    const state = state_words({ ...file, mended })
    const others = file.table === null ? file.fault_list : other_faults(file)
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Link to="/imports" class="govuk-back-link">Imports</Link>
                <Heading caption="A file that was not taken"><Text of={file.title === '' ? 'Of a form that is not known' : file.title} /></Heading>
                <div role="status"><p class="govuk-body"><strong class={`govuk-tag govuk-tag--${state.colour} desk-tag`}>{state.words}</strong></p></div>
                <Failed failure={failure} />
                {said !== null && (
                    <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6" role="alert">
                        <p class="govuk-body"><strong><Text of={said.message} /></strong> If you read it again, what you changed here is lost.</p>
                        <div class="govuk-!-margin-top-4"><Button kind="secondary" on_press={() => { set_said(null); void done() }}>Read it again</Button></div>
                    </div>
                )}
                <div class="desk-facts">
                    <dl class="govuk-summary-list">
                        <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">File</dt><dd class="govuk-summary-list__value"><Text of={file.file} /></dd></div>
                        <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Came in</dt><dd class="govuk-summary-list__value">{full_time(file.received_at)}, for <Text of={agency_name(catalogue, file.agency)} /></dd></div>
                        <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Used</dt><dd class="govuk-summary-list__value">{how_much(file)}</dd></div>
                        {mended !== null && <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Mended</dt><dd class="govuk-summary-list__value">By <Text of={mended.by_name ?? mended.by} />, {time_words(mended.at, new Date())}</dd></div>}
                        {file.set_aside !== null && <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Set aside</dt><dd class="govuk-summary-list__value">By <Text of={file.set_aside.by_name ?? file.set_aside.by} />, {time_words(file.set_aside.at, new Date())}: <Text of={file.set_aside.reason} /></dd></div>}
                    </dl>
                </div>
                {file.state === 'open' && <p class="govuk-body"><strong><Text of={file.next_words} /></strong></p>}
                {others.length > 0 && <><h2 class="govuk-heading-m">What is wrong</h2><FaultList faults={others} /></>}
                {file.faults_left_out > 0 && <p class="govuk-body">{file.faults_left_out.toLocaleString('en-GB')} more things are wrong than are named here.</p>}
                {file.state === 'open' && (
                    <>
                        {file.mend === 'here' && <Mend key={file.revision} file={file} on_failed={fail} on_done={done} />}
                        {file.mend === 'at_source' && file.text !== null && <><h2 class="govuk-heading-m">As it came</h2><pre class="desk-raw" tabIndex={0} role="region" aria-label="As it came"><Text of={file.text} /></pre></>}
                        <p class="govuk-body">If a child may be in danger meanwhile, do not wait for the file: <Link to="/concern">share it by hand</Link>.</p>
                        <SetAside file={file} on_failed={fail} on_done={done} />
                    </>
                )}
                {file.state === 'mended' && <p class="govuk-body"><Link to="/imports">What is still to be mended</Link></p>}
            </div>
        </div>
    )
}
