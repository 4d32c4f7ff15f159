// Send something about the child of an alert: choose what, say it, see who would be told, send.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Failure, type Schemas } from '../shared/api'
import { use_catalogue, use_catalogue_failure, type Catalogue } from '../shared/catalogue'
import { Button, Explain, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { PreviewShown } from '../shared/preview'
import { Opening } from '../shared/reading'
import { Link, replace } from '../shared/route'
import { session } from '../shared/session'
import { use_store } from '../shared/store'
import { Text } from '../shared/value'
import { use_my_roles } from './my_roles'
import { child_words, opened_last } from './opened_last'
import { fact_legends, SendForm } from './send_form'
import { new_draft, notification_of, place_of, wrong_with, type Draft, type Item } from './send_model'
import { may_pass_on, steps_of, types_for, type How } from './steps'

type SendProps = { sender: string; id: string; how?: How; type?: string }
const at = (props: SendProps): string => `${encodeURIComponent(props.sender)}/${props.id}`

function random_words(): string {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function Choose(props: SendProps & { catalogue: Catalogue; item: Item; my_roles: string[] }): JSX.Element {
    const steps = steps_of(props.catalogue, props.item.type, props.my_roles)
    const usual = new Set(steps.filter(({ how }) => how === 'new').map(({ type }) => type))
    const rest = types_for(props.catalogue, props.my_roles).filter(({ type }) => !usual.has(type))
    return (
        <>
            <Link to={`/alert/${at(props)}`} class="govuk-back-link">Back to the alert</Link>
            <Heading caption={<Text of={child_words(props.item)} />}>What do you want to send?</Heading>
            {steps.length > 0 && <ul class="govuk-list">{steps.map((step) => <li key={step.type + step.how}><Link to={`/send/${at(props)}/${step.how}/${step.type}`}>{step.label}</Link></li>)}</ul>}
            {rest.length > 0 && <h2 class="govuk-heading-m">Everything else that you may send</h2>}
            <ul class="govuk-list">{rest.map((type) => <li key={type.type}><Link to={`/send/${at(props)}/new/${type.type}`}><Text of={type.title} /></Link></li>)}</ul>
        </>
    )
}

function Writing(props: Required<SendProps> & { catalogue: Catalogue; item: Item; my_roles: string[] }): JSX.Element {
    const { catalogue, item, my_roles, how } = props
    const who = use_store(session)
    const type = catalogue.types.find((one) => one.type === props.type)
    const [draft, set_draft] = useState<Draft | null>(() => (type === undefined ? null : new_draft(catalogue, type, how, item, my_roles, random_words(), new Date().toISOString())))
    const { errors, round, show, clear } = use_errors()
    const [busy, set_busy] = useState(false)
    const [preview, set_preview] = useState<Schemas['Preview'] | null>(null)
    const allowed = how === 'pass-on' ? may_pass_on(catalogue, props.type, my_roles) : types_for(catalogue, my_roles).some((one) => one.type === props.type)
    if (type === undefined || draft === null || !allowed || who.is !== 'in') {
        return (
            <>
                <Link to={`/alert/${at(props)}`} class="govuk-back-link">Back to the alert</Link>
                <Heading>You cannot send this</Heading>
                <p class="govuk-body">None of your roles may send it, or it is not in force. <Link to={`/send/${at(props)}`}>See what you may send</Link></p>
            </>
        )
    }
    const { roles, agency } = who.session.me
    const as_json = (): Schemas['Notification'] => notification_of(draft, item, roles.find(({ role }) => role === draft.role)?.agency ?? agency)
    const show_errors = (wrong: FieldErrors): void => {
        show(wrong)
    }
    const refuse = (failure: Failure): void => {
        const wrong: FieldErrors = {}
        for (const fault of failure.faults ?? []) {
            const place = place_of(fault)
            wrong[document.getElementById(place) === null ? `_${fault.path}` : place] = fault.message.charAt(0).toUpperCase() + fault.message.slice(1)
        }
        if (Object.keys(wrong).length === 0) wrong._agent = `${failure.message} ${failure.next}`
        show_errors(wrong)
    }
    const ask = async (): Promise<void> => {
        if (busy) return
        const missing = wrong_with(draft, type, catalogue.sections, fact_legends)
        if (Object.keys(missing).length > 0) return show_errors(missing)
        set_busy(true)
        const answer = await call('post', '/api/v1/notifications/preview', { body: as_json() })
        set_busy(false)
        if (!answer.ok) return refuse(answer)
        clear()
        set_preview(answer.body)
        window.scrollTo(0, 0)
    }
    const send = async (): Promise<void> => {
        if (busy) return
        set_busy(true)
        const answer = await call('post', '/api/v1/notifications', { body: as_json() })
        set_busy(false)
        // In place of the form: going back must not lead to it and send it twice.
        if (answer.ok) return replace(`/sent/${answer.body.id}`)
        // The form shows what is wrong where it stands.
        set_preview(null)
        setTimeout(() => refuse(answer))
    }
    const title = how === 'pass-on' ? 'Pass on to those who work with the child' : type.title
    if (preview !== null) {
        return (
            <>
                <button type="button" class="desk-plain-button" onClick={() => set_preview(null)}>Change what you say</button>
                <Heading key="preview" caption={<Text of={title} />}>Check before you send</Heading>
                <PreviewShown preview={preview} catalogue={catalogue} said={new Set(draft.chosen)} />
                {preview.refusal === null && <Button busy={busy} on_press={() => void send()}>Send</Button>}
            </>
        )
    }
    return (
        <>
            <Link to={`/alert/${at(props)}`} class="govuk-back-link">Back to the alert</Link>
            <Heading key="form" caption={<Text of={child_words(item)} />}><Text of={title} /></Heading>
            {how === 'pass-on' && <p class="govuk-body">It goes to those who say that they work with the child, and to nobody else. Who they are is found when it is sent; you are not told who they are before.</p>}
            <SendForm draft={draft} type={type} catalogue={catalogue} item={item} my_roles={my_roles} errors={errors} round={round} busy={busy} on_change={set_draft} on_done={() => void ask()} />
            <Explain what="What happens to what you type">
                <p>It stays on this page until you send it, and is gone when you leave the page. Nothing is sent before you have seen who would be told.</p>
            </Explain>
        </>
    )
}

export function Send(props: SendProps): JSX.Element {
    use_title('Send about a child')
    const path = `${props.sender}/${props.id}`
    const catalogue = use_catalogue()
    const catalogue_failure = use_catalogue_failure()
    const my_roles = use_my_roles()
    const opened = use_store(opened_last)
    const item = opened?.key === path ? opened.item : null
    // What was taken back while somebody writes about it must not be sent on.
    const taken_back = opened?.key === path && item === null
    if (item === null) {
        return (
            <>
                <Link to={taken_back ? '/' : `/alert/${at(props)}`} class="govuk-back-link">{taken_back ? 'Live list' : 'Open the alert'}</Link>
                <div role="alert"><Heading>{taken_back ? 'The alert was taken back' : 'Open the alert first'}</Heading></div>
                <p class="govuk-body">{taken_back ? 'What you have written was not sent. Do not use or pass on anything that you remember of the alert.' : 'This page takes from it who the child is, and keeps no copy of its own.'}</p>
            </>
        )
    }
    if (catalogue === null) return <Opening failure={catalogue_failure} />
    return (
        <>
            <div role="alert">
                {item.replaced_by !== null && (
                    <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6">
                        <p class="govuk-body"><strong>Parts of the alert were wrong.</strong> What is copied from it below may be. <Link to={`/alert/${encodeURIComponent(item.sender)}/${item.replaced_by}`}>Read the correction and start from there</Link></p>
                    </div>
                )}
                {item.agreement_withdrawn !== null && <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6"><p class="govuk-body"><strong>The family has withdrawn its agreement.</strong> <Text of={item.agreement_withdrawn.message} /></p></div>}
            </div>
            {props.how === undefined || props.type === undefined
                ? <Choose {...props} catalogue={catalogue} item={item} my_roles={my_roles} />
                : <Writing key={`${props.how}/${props.type}`} {...props} how={props.how} type={props.type} catalogue={catalogue} item={item} my_roles={my_roles} />}
        </>
    )
}
