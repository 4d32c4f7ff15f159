// Recording what a family said about one referral: something that was sent. What they say before anything is sent is asked by the
// concern itself.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { agency_name, choices_of, use_catalogue, type Catalogue } from '../shared/catalogue'
import { Checkboxes, DayField, MomentField, Select } from '../shared/fields'
import { Button, ErrorSummary, Field, Radios, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { go, Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { faults_of, nothing, request_of, type Given } from './request'

/** What was sent of one's own, to choose from; newest first. */
function use_sent(): Schemas['SentLine'][] | null {
    const [lines, set_lines] = useState<Schemas['SentLine'][] | null>(null)
    useEffect(() => {
        void call('get', '/api/v1/sent', { query: { limit: 100 } }).then((answer) => set_lines(answer.ok ? answer.body.sent : []))
    }, [])
    return lines
}
function WhoMayKnow(props: { chosen: string[]; catalogue: Catalogue; error: string | undefined; on_change: (chosen: string[]) => void }): JSX.Element {
    const [at, set_at] = useState('')
    const left = props.catalogue.agencies.filter(({ agency }) => !props.chosen.includes(agency)).map(({ agency, name }) => ({ value: agency, label: name })).sort((a, b) => a.label.localeCompare(b.label))
    return (
        <>
            {props.chosen.length > 0 && (
                <ul class="govuk-list">
                    {props.chosen.map((agency) => (
                        <li key={agency}><Text of={agency_name(props.catalogue, agency)} />{' '}<button type="button" class="desk-plain-button" onClick={() => props.on_change(props.chosen.filter((one) => one !== agency))}>Remove<span class="govuk-visually-hidden"> {agency_name(props.catalogue, agency)}</span></button></li>
                    ))}
                </ul>
            )}
            <Select id="agency" label="Who may know, as they agreed" value={at} choices={[{ value: '', label: 'Choose' }, ...left]} on_choose={set_at} error={props.error} />
            <Button kind="secondary" on_press={() => {
                if (at === '') return
                props.on_change([...props.chosen, at])
                set_at('')
            }}>Add this agency</Button>
        </>
    )
}

export function RecordAgreement(props: { notification: string }): JSX.Element {
    use_title('Record what a family said')
    const catalogue = use_catalogue()
    const sent = use_sent()
    const [given, set_given] = useState({ ...nothing, notification: props.notification })
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    if (catalogue === null) return <Heading>Record what a family said</Heading>
    const put = (part: Partial<Given>): void => set_given({ ...given, ...part })
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong = faults_of(given)
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await call('post', '/api/v1/agreements', { body: request_of(given) })
            set_busy(false)
            if (answer.ok) return go(`/agreements/${answer.body.id}`)
            wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    const was_asked = given.status === 'given' || given.status === 'refused'
    const about = (line: Schemas['SentLine']): string => `${line.title ?? plain(line.type)}${line.created_at === null ? '' : `, sent ${time_words(line.created_at, new Date())}`}`
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                <Link to="/agreements" class="govuk-back-link">Agreements</Link>
                <Heading>Record what a family said</Heading>
                <p class="govuk-body">It counts for this one referral. If a child may be suffering harm, do not wait for an agreement: <Link to="/concern">share a concern</Link>.</p>
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    <Select id="notification" label="What is it about?" value={given.notification} choices={[{ value: '', label: sent !== null && sent.length === 0 ? 'You have sent nothing yet' : 'Choose' }, ...(sent ?? []).map((line) => ({ value: line.id, label: about(line) }))]} on_choose={(notification) => put({ notification })} error={errors.notification} />
                    <Radios id="status" legend="What did they say?" value={given.status} choices={[{ value: 'given', label: 'They agreed' }, { value: 'refused', label: 'They refused' }, { value: 'not_sought', label: 'They were not asked' }]} on_choose={(status) => put({ status })} error={errors.status} />
                    {given.status === 'not_sought' && <Radios id="not_sought_reason" legend="Why were they not asked?" value={given.not_sought_reason} choices={choices_of(catalogue, 'not_sought_reason')} on_choose={(not_sought_reason) => put({ not_sought_reason })} error={errors.not_sought_reason} />}
                    {was_asked && (
                        <>
                            <Radios id="giver" legend="Who answered?" value={given.giver} choices={choices_of(catalogue, 'giver')} on_choose={(giver) => put({ giver })} error={errors.giver} />
                            <Radios id="form" legend="How did they say it?" value={given.form} choices={[{ value: 'written', label: 'In writing' }, { value: 'verbal', label: 'By word of mouth' }]} on_choose={(form) => put({ form })} error={errors.form} />
                            <Checkboxes id="differ" legend="Does somebody say otherwise?" hint="Leave empty if nobody does." chosen={given.differ} choices={[{ value: 'other_holder_objects', label: 'Somebody else with parental responsibility objects' }, { value: 'child_and_parent_differ', label: 'Child and parent differ' }]} on_change={(differ) => put({ differ })} />
                        </>
                    )}
                    {given.status === 'given' && (
                        <>
                            <Radios id="purpose" legend="To what did they agree?" value={given.purpose} choices={choices_of(catalogue, 'purpose')} on_choose={(purpose) => put({ purpose })} error={errors.purpose} />
                            <WhoMayKnow chosen={given.agencies} catalogue={catalogue} error={errors.agency} on_change={(agencies) => put({ agencies })} />
                        </>
                    )}
                    {given.status !== '' && (
                        <>
                            <MomentField id="said_at" label={given.status === 'not_sought' ? 'When was that decided?' : 'When were they asked?'} hint="For example, 5 4 2027" value={given.said_at} on_input={(said_at) => put({ said_at })} error={errors.said_at} />
                            {given.status === 'given' && <DayField id="expires" label="Until when does it count? (optional)" hint="For example, 5 4 2028" value={given.expires} on_input={(expires) => put({ expires })} error={errors.expires} />}
                            <Field id="sought_by" label={given.status === 'not_sought' ? 'Who decided it (optional)' : 'Who asked them (optional)'} hint="Stays at your agency" value={given.sought_by} on_input={(sought_by) => put({ sought_by })} />
                            <Field id="evidence" label="Where the form or note is kept (optional)" hint="Stays at your agency" value={given.evidence} on_input={(evidence) => put({ evidence })} />
                        </>
                    )}
                    <Button type="submit" busy={busy}>Record it</Button>
                </form>
            </div>
        </div>
    )
}
