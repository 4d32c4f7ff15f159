// Asking two people to release the protected address of something that was sent without it: to whom, why, and what they would have.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { agency_name, role_title, use_catalogue, type Catalogue } from '../shared/catalogue'
import { use_confirmation } from '../shared/confirm'
import { Checkboxes } from '../shared/fields'
import { Button, ErrorSummary, TextArea, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { Seats } from '../shared/seats'
import { WhatGoes, kept_sections, seat_of, seat_key } from './words'

type Item = Schemas['SentItem']

function in_words(failure: Failure): string {
    if (failure.code === 'bad_value') return 'The rules of your area do not let everybody whom you chose have a protected address. Choose those who must act on it, such as social care, the front door or the police.'
    return `${failure.message} ${failure.next}`
}

function Asked(props: { id: string; of: string; existed: boolean }): JSX.Element {
    return (
        <>
            <div class="govuk-panel govuk-panel--confirmation"><Heading plain>{props.existed ? 'It was asked for already' : 'Two people are asked'}</Heading></div>
            <p class="govuk-body"><strong>Nothing has gone yet.</strong> The address goes when both have said yes, to those whom you named and to nobody else.</p>
            <ol class="govuk-list govuk-list--number">
                <li>Your agency’s safeguarding lead answers first.</li>
                <li>Then a manager answers, who has to be somebody else.</li>
            </ol>
            <p class="govuk-body">If nobody answers in time, the front door is told and rings. It is never sent by itself.</p>
            <p class="govuk-body"><Link to={`/sent/${props.id}`}>See how far it is</Link></p>
            <p class="govuk-body"><Link to={`/sent/${props.of}`}>Back to what was sent</Link></p>
        </>
    )
}

function Form(props: { item: Item; catalogue: Catalogue; on_asked: (got: Schemas['ReleaseAsked']) => void }): JSX.Element {
    const { item, catalogue } = props
    const sections = kept_sections(item, catalogue)
    // Most often it is for somebody who has read that it is kept from them.
    const without = item.recipients.filter(({ withheld }) => withheld.some((section) => sections.includes(section))).map(({ recipient }) => recipient)
    const [known, set_known] = useState<string[]>([])
    const [others, set_others] = useState<string[]>([])
    const [reason, set_reason] = useState('')
    const confirmation = use_confirmation('release', true)
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const chosen = [...known, ...others]
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (chosen.length === 0) wrong[without.length > 0 ? 'known' : 'others'] = 'Choose who is to have the address'
        if (reason.trim() === '') wrong.reason = 'Say why they need it'
        confirmation.check(wrong)
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await confirmation.send(() => call('post', '/api/v1/sent/{id}/release', { path: { id: item.id }, body: { recipients: chosen.map(seat_of), reason: reason.trim() } }))
            set_busy(false)
            if (answer.ok) return props.on_asked(answer.body)
            wrong._agent = in_words(answer)
        }
        show(wrong)
    }
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
            <ErrorSummary errors={errors} round={round} />
            {without.length > 0 && (
                <Checkboxes
                    id="known" legend="Who is to have the address?" hint="These have the message without it." error={errors.known} chosen={known} on_change={set_known}
                    choices={without.map((seat) => ({ value: seat_key(seat), label: `${role_title(catalogue, seat.role)}, ${agency_name(catalogue, seat.agency)}` }))}
                />
            )}
            <Seats
                id="others" label={without.length > 0 ? 'Somebody else? Choose an agency' : 'Who is to have the address? Choose an agency'} heading="Also" chosen={others} but={without.map(seat_key)}
                catalogue={catalogue} error={errors.others} on_change={set_others}
            />
            <TextArea id="reason" label="Why do they need it?" hint="The two who decide read this. It stays with your agency and is not sent to those who get the address." rows={3} value={reason} on_input={set_reason} error={errors.reason} />
            <WhatGoes />
            {confirmation.fields(errors)}
            <Button type="submit" kind="warning" busy={busy}>Ask for the release</Button>
        </form>
    )
}

export function AskRelease(props: { id: string }): JSX.Element {
    use_title('Release a protected address')
    const catalogue = use_catalogue()
    const { got: item, failure } = use_reading(() => call('get', '/api/v1/sent/{id}', { path: { id: props.id } }), 'sent', props.id)
    const [asked, set_asked] = useState<Schemas['ReleaseAsked'] | null>(null)
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                {asked !== null ? <Asked id={asked.id} of={props.id} existed={asked.existed} /> : (
                    <>
                        <Link to={`/sent/${props.id}`} class="govuk-back-link">Back</Link>
                        <Heading>Release a protected address</Heading>
                        <Failed failure={failure} />
                        <div class="govuk-warning-text">
                            <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
                            <strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">Warning: </span>Whoever learns this address can find people who are in hiding. Ask for as few as can be.</strong>
                        </div>
                        <p class="govuk-body">The address is kept from everybody. Two people of your agency, who are not the same, have to say yes before anybody gets it.</p>
                        {item !== null && catalogue !== null && (kept_sections(item, catalogue).length === 0
                            ? <p class="govuk-body"><strong>Nobody is known to have this without an address.</strong> If no protected address was given with it, there is nothing to release.</p>
                            : null)}
                        {item !== null && catalogue !== null && <Form item={item} catalogue={catalogue} on_asked={set_asked} />}
                    </>
                )}
            </div>
        </div>
    )
}
