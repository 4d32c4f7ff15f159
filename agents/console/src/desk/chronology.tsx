import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { agency_name, use_catalogue, section_entry, type Catalogue } from '../shared/catalogue'
import { Select } from '../shared/fields'
import { Button, Explain } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Link } from '../shared/route'
import { use_store } from '../shared/store'
import { full_time } from '../shared/time'
import { Fields, Text, Value } from '../shared/value'
import { plain, section_title } from '../shared/words'
import { TakenBack } from './alert'
import { choices, in_order, link_words, passes, type Entry } from './chronology_model'
import { key_of } from './list_model'
import { LinkedItems } from './linked_people'
import { linked_in_order } from './linked_model'
import { child_words, opened_last, section_fields } from './opened_last'
import { Progress } from './progress'
import { is_taken_back, use_lines, use_reading_through, type Lines } from './read_through'

const title_of = (entry: Entry): string => entry.title ?? plain(entry.type)
const linked_people = ['sib', 'hhd', 'alg']

function EntryShown(props: { entry: Entry; now: Lines; catalogue: Catalogue | null }): JSX.Element {
    const { entry, now } = props
    const to = (id: string): string => `/alert/${encodeURIComponent(entry.sender)}/${id}`
    const when = entry.occurred_at ?? entry.accepted_at
    if (is_taken_back(entry, now)) {
        return (
            <li class="desk-event">
                <p class="desk-event__when">{when === null ? 'No date' : full_time(when)}</p>
                <div><p><strong class="govuk-tag govuk-tag--red">Taken back</strong></p><p>{title_of(entry)}. Do not use or pass on anything that you remember or have printed of it.</p></div>
            </li>
        )
    }
    const replaced_by = now.get(key_of(entry))?.replaced_by ?? entry.replaced_by
    return (
        <li class="desk-event">
            <p class="desk-event__when">{when === null ? 'No date' : full_time(when)}</p>
            <div>
                <p><Link to={to(entry.id)}><Text of={title_of(entry)} /></Link></p>
                {entry.headline !== null && <p><Text of={entry.headline} /></p>}
                {!entry.opened && <p class="desk-quiet">Nobody here has opened this yet</p>}
                <p>From <Text of={agency_name(props.catalogue, entry.sender)} /></p>
                {replaced_by !== null && <p><strong class="govuk-tag govuk-tag--orange">Put right since</strong> <Link to={to(replaced_by)}>Read the correction</Link></p>}
                {entry.how_linked === 'name_and_birth_date' ? <p class="desk-check"><strong>{link_words(entry.how_linked)}</strong></p> : <p class="desk-quiet">{link_words(entry.how_linked)}</p>}
            </div>
        </li>
    )
}

function LinkedPeople(props: { item: Schemas['ReceivedItem'] | null; catalogue: Catalogue | null; sender: string; id: string }): JSX.Element {
    const found = props.item === null ? [] : linked_people.flatMap((section) => {
        const fields = section_fields(props.item as Schemas['ReceivedItem'], section)
        return fields === undefined ? [] : [{ section, fields }]
    })
    return (
        <>
            <h2 class="govuk-heading-m">Brothers, sisters and other people</h2>
            {props.item === null && <p class="govuk-body"><Link to={`/alert/${encodeURIComponent(props.sender)}/${props.id}`}>Open the alert</Link> to read whom it names: this page has no copy of it.</p>}
            {props.item !== null && found.length === 0 && <p class="govuk-body">The alert that you came from names nobody, or you were not given that part.</p>}
            {found.map(({ section, fields }) => <section key={section}><h3 class="govuk-heading-s">{section_title(section)}</h3><Fields of={fields} words={section_entry(props.catalogue, section)?.fields} /></section>)}
            {found.length > 0 && <p class="govuk-body desk-quiet">As the alert names them. What this desk holds about those who were named by a number, or by name, birth date and postcode, stands above. Search for the others by name.</p>}
        </>
    )
}

export function Chronology(props: { sender: string; id: string }): JSX.Element {
    use_title('Chronology')
    const path = `${props.sender}/${props.id}`
    const catalogue = use_catalogue()
    const opened = use_store(opened_last)
    const item = opened?.key === path ? opened.item : null
    const reading = use_reading_through<Schemas['Chronology']>()
    const { start, parts } = reading
    useEffect(() => start((cursor) => call('get', '/api/v1/chronology', { query: { received: path, cursor } })), [path, start])
    const entries = useMemo(() => in_order(parts), [parts])
    const linked = useMemo(() => linked_in_order(parts), [parts])
    const shown_here = useMemo(() => [...entries, ...linked], [entries, linked])
    const now = use_lines(shown_here)
    const [began] = useState(() => new Date().toISOString())
    const [type, set_type] = useState('')
    const [sender, set_sender] = useState('')
    const shown = entries.filter((entry) => passes(entry, type, sender))
    const sender_words = (entry: Entry): string => agency_name(catalogue, entry.sender)

    // By what was taken back nothing is looked up any more.
    if (reading.failure?.status === 410) return <TakenBack failure={reading.failure} />
    if (is_taken_back(props, now)) return <TakenBack failure={{ ok: false, status: 410, code: 'recalled', message: 'The alert that you came from was taken back.', next: '' }} />
    const child = item === null ? '' : child_words(item)
    const born = item === null ? undefined : section_fields(item, 'idn')?.date_of_birth
    return (
        <>
            <Link to={`/alert/${encodeURIComponent(props.sender)}/${props.id}`} class="govuk-back-link">Back to the alert</Link>
            <Heading caption="Chronology">{child === '' ? 'What this desk holds about this child' : <Text of={child} />}</Heading>
            {born !== undefined && <p class="govuk-body">Born <Value of={born} /></p>}
            <p class="govuk-body desk-print-only">As this desk held it on {full_time(began)}. What was taken back since must be struck out by hand.</p>
            <p class="govuk-body desk-no-print">Each look and each line is recorded. What was taken back, or may not be used any more, is left out.</p>
            <Progress of={reading} found={entries.length === 1 ? '1 entry' : `${entries.length} entries`} />
            {entries.length > 1 && (
                <div class="desk-filters desk-no-print">
                    <Select id="kind" label="What" value={type} choices={[{ value: '', label: 'Everything' }, ...choices(entries, (entry) => ({ value: entry.type, label: title_of(entry) }))]} on_choose={set_type} />
                    <Select id="agency" label="From whom" value={sender} choices={[{ value: '', label: 'Everybody' }, ...choices(entries, (entry) => ({ value: entry.sender, label: sender_words(entry) }))]} on_choose={set_sender} />
                </div>
            )}
            {(type !== '' || sender !== '') && <p class="govuk-body" role="status">{shown.length} of {entries.length} are shown: {type === '' ? 'everything' : plain(type)}, from {sender === '' ? 'everybody' : agency_name(catalogue, sender)}.</p>}
            <h2 class="govuk-heading-m">What happened, oldest first</h2>
            <ol class="desk-list govuk-body">{shown.map((entry) => <EntryShown key={key_of(entry)} entry={entry} now={now} catalogue={catalogue} />)}</ol>
            <div class="govuk-!-margin-top-6"><LinkedItems entries={linked} now={now} catalogue={catalogue} /></div>
            <div class="govuk-!-margin-top-6"><LinkedPeople item={item} catalogue={catalogue} sender={props.sender} id={props.id} /></div>
            <Explain what="How entries are found">
                <p>By the same episode, by the same NHS or pupil number, or by the same full name and date of birth. Former names, other spellings and what your agency sent itself are not found: search for them.</p>
            </Explain>
            <div class="govuk-button-group desk-no-print">
                <Button kind="secondary" on_press={() => window.print()}>Print</Button>
                <Link to={`/chronology/${encodeURIComponent(props.sender)}/${props.id}/export`}>Take it away as a file</Link>
            </div>
        </>
    )
}
