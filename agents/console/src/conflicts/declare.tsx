// Recording a conflict of interest: about which child, whom it keeps out, and why. What the agent understood is read back, because
// the inbox of the wrong school is an inbox as well.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { agency_name, role_title, use_catalogue, type Catalogue, type Me } from '../shared/catalogue'
import { Checkboxes, DayField, Select } from '../shared/fields'
import { Button, ErrorSummary, Explain, Field, type FieldErrors, TextArea, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Link } from '../shared/route'
import { Text } from '../shared/value'
import { WhoIsKeptOut } from './words'

type Person = { person: string; name: string }
/** Who opens an inbox of one's own agency, each once. */
function use_own_people(me: Me): Person[] {
    const [people, set_people] = useState<Person[]>([])
    useEffect(() => {
        let is_open = true
        const read = async (): Promise<void> => {
            const found = new Map<string, string>()
            for (const { id } of me.inboxes.filter(({ automatic }) => !automatic)) {
                const answer = await call('get', '/api/v1/colleagues', { query: { inbox: id } })
                if (answer.ok) for (const { person, name } of answer.body.colleagues) if (person !== me.person) found.set(person, name ?? person)
            }
            if (is_open) set_people([...found].map(([person, name]) => ({ person, name })).sort((a, b) => a.name.localeCompare(b.name)))
        }
        void read()
        return () => { is_open = false }
    }, [me.person])
    return people
}

const nobody = { forename: '', surname: '', date_of_birth: '', nhs_number: '', upn: '', postcode: '' }
const plain_number = (text: string): string => text.replace(/\s/g, '')
/** A person of another agency, as "agency/p-..." in the list. */
const listed = (agency: string, person: string): string => `${agency}/${person}`
const parts = (of: string): { agency: string; person: string } => ({ agency: of.slice(0, of.indexOf('/')), person: of.slice(of.indexOf('/') + 1) })

function Chosen(props: { of: string[]; label: (one: string) => string; on_change: (left: string[]) => void }): JSX.Element | null {
    if (props.of.length === 0) return null
    return (
        <ul class="govuk-list">
            {props.of.map((one) => (
                <li key={one}>
                    <Text of={props.label(one)} />{' '}
                    <button type="button" class="desk-plain-button" onClick={() => props.on_change(props.of.filter((other) => other !== one))}>Remove<span class="govuk-visually-hidden"> {props.label(one)}</span></button>
                </li>
            ))}
        </ul>
    )
}

function Recorded(props: { of: Schemas['ConflictAdded']; catalogue: Catalogue }): JSX.Element {
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <div class="govuk-panel govuk-panel--confirmation"><Heading plain>The conflict is recorded</Heading></div>
                <h2 class="govuk-heading-m">Read whom it keeps out</h2>
                <WhoIsKeptOut of={props.of.keeps_out} catalogue={props.catalogue} />
                <p class="govuk-body">If that is not whom you mean, end it under <Link to="/conflicts">Conflicts of interest</Link> and record it anew.</p>
                <p class="govuk-body">It holds from now on. Take back what has gone to them already, and ring whoever stands in for them. If the agency of a person you named has nobody of that name, you get a task.</p>
            </div>
        </div>
    )
}

export function Declare(props: { me: Me }): JSX.Element {
    use_title('Record a conflict of interest')
    const { me } = props
    const catalogue = use_catalogue()
    const own = use_own_people(me)
    const [child, set_child] = useState(nobody)
    const [inboxes, set_inboxes] = useState<string[]>([])
    const [at, set_at] = useState('')
    const [mine, set_mine] = useState<string[]>([])
    const [other, set_other] = useState({ agency: '', person: '' })
    const [others, set_others] = useState<string[]>([])
    const [reason, set_reason] = useState('')
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const [added, set_added] = useState<Schemas['ConflictAdded'] | null>(null)
    if (catalogue === null) return <Heading>Record a conflict of interest</Heading>
    if (added !== null) return <Recorded of={added} catalogue={catalogue} />
    const put = (part: Partial<typeof nobody>): void => set_child({ ...child, ...part })
    const seats = catalogue.agencies.flatMap(({ agency, inboxes: of }) => of.map(({ inbox, role }) => ({ value: inbox, label: `${agency_name(catalogue, agency)}: ${role_title(catalogue, role)}` }))).sort((a, b) => a.label.localeCompare(b.label))
    const seat_label = (inbox: string): string => seats.find(({ value }) => value === inbox)?.label ?? inbox
    const add_other = (): void => {
        const person = other.person.trim()
        if (other.agency === '' || person === '') return show({ person: 'Choose the agency, and enter how it names the person' })
        set_others([...new Set([...others, listed(other.agency, person)])])
        set_other({ agency: '', person: '' })
    }
    const wrong_of = (failure: Failure): FieldErrors => ({ _agent: `${failure.message} ${failure.next}` })
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (Object.values(child).every((text) => text.trim() === '')) wrong.forename = 'Say which child it is'
        if (other.person.trim() !== '') wrong.person = 'Add this person to the list, or take the name out'
        else if (inboxes.length + mine.length + others.length === 0) wrong.inbox = 'Say whom it keeps out'
        if (reason.trim() === '') wrong.reason = 'Say why'
        if (Object.keys(wrong).length > 0) return show(wrong)
        set_busy(true)
        const subject = Object.fromEntries(Object.entries({ ...child, nhs_number: plain_number(child.nhs_number), upn: plain_number(child.upn) }).map(([field, text]) => [field, text.trim()]).filter(([, text]) => text !== ''))
        const people = [...mine.map((person) => ({ agency: me.agency, person })), ...others.map(parts)]
        const answer = await call('post', '/api/v1/conflicts', { body: { subject: subject as Schemas['Subject'], excluded: inboxes, people, reason: reason.trim() } })
        set_busy(false)
        if (!answer.ok) return show(wrong_of(answer))
        set_added(answer.body)
        window.scrollTo(0, 0)
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                <Link to="/conflicts" class="govuk-back-link">Conflicts of interest</Link>
                <Heading>Record a conflict of interest</Heading>
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    <h2 class="govuk-heading-m">Which child is it about?</h2>
                    <p class="govuk-body">An NHS number or a pupil number with the date of birth, or full name, date of birth and postcode.</p>
                    <Field id="forename" label="First names" value={child.forename} on_input={(forename) => put({ forename })} error={errors.forename} />
                    <Field id="surname" label="Last name" value={child.surname} on_input={(surname) => put({ surname })} />
                    <DayField id="born" label="Date of birth" hint="For example, 5 4 2013" value={child.date_of_birth} on_input={(date_of_birth) => put({ date_of_birth })} />
                    <Field id="nhs_number" label="NHS number" width="govuk-input--width-10" value={child.nhs_number} on_input={(nhs_number) => put({ nhs_number })} />
                    <Field id="upn" label="Pupil number (UPN)" width="govuk-input--width-10" value={child.upn} on_input={(upn) => put({ upn })} />
                    <Field id="postcode" label="Postcode" width="govuk-input--width-10" value={child.postcode} on_input={(postcode) => put({ postcode })} />
                    <h2 class="govuk-heading-m">Whom must nothing about this child reach?</h2>
                    <Chosen of={inboxes} label={seat_label} on_change={set_inboxes} />
                    <Select id="inbox" label="A place at an agency" value={at} choices={[{ value: '', label: 'Choose' }, ...seats.filter(({ value }) => !inboxes.includes(value))]} on_choose={set_at} error={errors.inbox} />
                    <Button kind="secondary" on_press={() => {
                        if (at === '') return
                        set_inboxes([...inboxes, at])
                        set_at('')
                    }}>Add this place</Button>
                    {own.length > 0 && <Checkboxes id="own" legend="Somebody of your own agency" chosen={mine} choices={own.map(({ person, name }) => ({ value: person, label: name }))} on_change={set_mine} />}
                    <Explain what="A person of another agency, whatever inbox they open">
                        <p>Their agency tells you how it names them: it begins with “p-”.</p>
                        <Select id="person-agency" label="Their agency" value={other.agency} choices={[{ value: '', label: 'Choose' }, ...catalogue.agencies.filter(({ agency }) => agency !== me.agency).map(({ agency, name }) => ({ value: agency, label: name })).sort((a, b) => a.label.localeCompare(b.label))]} on_choose={(agency) => set_other({ ...other, agency })} />
                        <Field id="person" label="How it names them" width="govuk-input--width-20" value={other.person} on_input={(person) => set_other({ ...other, person })} error={errors.person} />
                        <Button kind="secondary" on_press={add_other}>Add this person</Button>
                    </Explain>
                    <Chosen of={others} label={(one) => `${agency_name(catalogue, parts(one).agency)}: ${parts(one).person}`} on_change={set_others} />
                    <TextArea id="reason" label="Why?" hint="It is read by the front door and the designated officer alone." rows={3} value={reason} on_input={set_reason} error={errors.reason} />
                    <Button type="submit" busy={busy}>Record the conflict</Button>
                </form>
            </div>
        </div>
    )
}
