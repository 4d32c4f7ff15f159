// Taking something away as a file: why, in which form, and who it is once more. The agent records each line that goes.
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answer } from '../shared/api'
import { choices_of, use_catalogue, type Catalogue } from '../shared/catalogue'
import { use_confirmation } from '../shared/confirm'
import { Button, ErrorSummary, Radios, type FieldErrors, use_errors } from '../shared/form'
import { Heading } from '../shared/frame'
import { Link } from '../shared/route'
import { csv_of } from './csv'
import { file_name, give_file, type Form } from './file'

type Part = { next: string | null }
type Props<T extends Part> = {
    heading: string
    back: { to: string; words: string }
    /** What goes, in a sentence. */
    what: JSX.Element
    /** The beginning of the file's name. */
    name: string
    ask: (reason: string, cursor: string | undefined) => Promise<Answer<T>>
    rows: (parts: T[], catalogue: Catalogue | null) => string[][]
    /** As a program reads it. */
    data: (parts: T[]) => unknown
}

function Done(props: { lines: number; name: string; back: { to: string; words: string } }): JSX.Element {
    return (
        <>
            <div class="govuk-panel govuk-panel--confirmation"><Heading plain>The file is made</Heading></div>
            <p class="govuk-body">Your browser has saved it as <strong>{props.name}</strong>, with {props.lines === 1 ? '1 line' : `${props.lines} lines`}.</p>
            <ul class="govuk-list govuk-list--bullet">
                <li>It is not protected any more. Move it to where your agency keeps records of children, and delete it from this machine’s downloads.</li>
                <li>It says what was so just now. What is taken back or put right later does not change in it.</li>
                <li>Pass on no more than whoever gets it may know.</li>
            </ul>
            <p class="govuk-body"><Link to={props.back.to}>{props.back.words}</Link></p>
        </>
    )
}

export function TakeAway<T extends Part>(props: Props<T>): JSX.Element {
    const catalogue = use_catalogue()
    const [reason, set_reason] = useState('')
    const [form, set_form] = useState<Form | ''>('')
    const [read, set_read] = useState<number | null>(null)
    const [done, set_done] = useState<{ lines: number; name: string } | null>(null)
    const confirmation = use_confirmation('export', true)
    const { errors, round, show } = use_errors()
    const is_left = useRef(false)
    useEffect(() => () => {
        is_left.current = true
    }, [])
    const reasons = choices_of(catalogue, 'search_reason')

    const submit = async (): Promise<void> => {
        if (read !== null) return
        const wrong: FieldErrors = {}
        if (reason === '') wrong.reason = 'Choose why you need it'
        if (form === '') wrong.form = 'Choose what kind of file'
        confirmation.check(wrong)
        if (Object.keys(wrong).length > 0 || form === '') return show(wrong)
        set_read(0)
        const parts: T[] = []
        let answer = await confirmation.send(() => props.ask(reason, undefined))
        while (answer.ok && !is_left.current) {
            parts.push(answer.body)
            set_read(parts.length)
            if (answer.body.next === null) break
            answer = await props.ask(reason, answer.body.next)
        }
        if (is_left.current) return
        set_read(null)
        // Half of a history is worse than none: whoever reads it later would take it for the whole.
        if (!answer.ok) return show({ _agent: `${answer.message} ${answer.next} No file was made.` })
        const rows = props.rows(parts, catalogue)
        const name = file_name(props.name, form, new Date())
        give_file(name, form, form === 'csv' ? csv_of(rows) : JSON.stringify(props.data(parts), null, 2))
        set_done({ lines: rows.length - 1, name })
    }

    if (done !== null) return <Done {...done} back={props.back} />
    return (
        <>
            <Link to={props.back.to} class="govuk-back-link">{props.back.words}</Link>
            <Heading>{props.heading}</Heading>
            <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                <ErrorSummary errors={errors} round={round} />
                <p class="govuk-body">{props.what}</p>
                <p class="govuk-body">That you take it away is recorded under your name, line by line, with the reason. If paper will do, print the page instead.</p>
                {catalogue !== null && reasons.length === 0 && <p class="govuk-body"><strong>Your area has agreed no reasons for which something may be taken away.</strong> Ask whoever keeps its sharing agreement.</p>}
                <Radios id="reason" legend="Why do you need it?" value={reason} choices={reasons} error={errors.reason} on_choose={set_reason} />
                <Radios
                    id="form" legend="What kind of file?" value={form} error={errors.form} on_choose={(chosen) => set_form(chosen as Form)}
                    choices={[{ value: 'csv', label: 'For a spreadsheet (CSV)' }, { value: 'json', label: 'For another system (JSON)' }]}
                />
                {confirmation.fields(errors)}
                <div role="status">{read !== null && <p class="govuk-body">The file is being made. {read > 1 && `${read} parts are read.`} Stay on this page.</p>}</div>
                <Button type="submit" busy={read !== null}>Make the file</Button>
            </form>
        </>
    )
}
