// The last page before sending: what was answered, who is told, what stays here, and the button.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Answer, type Failure, type Schemas } from '../shared/api'
import type { Catalogue, Me } from '../shared/catalogue'
import { Emergency } from '../shared/emergency'
import { Button } from '../shared/form'
import { go } from '../shared/route'
import { Text } from '../shared/value'
import { as_type } from './answers'
import { change_draft, delete_draft, open_draft, save_draft, type Open } from './draft'
import { concern_instead, field_of_path, first_unfinished, step_with, type Plan } from './layout'
import { notification_of, type Notification } from './notification'
import { Summary } from './summary'
import { PreviewShown } from '../shared/preview'
import { Link } from '../shared/route'

/** By field, and what has none under `_agent`. */
export function faults_in(answer: Failure): Record<string, string> {
    const faults = answer.faults ?? []
    if (faults.length === 0) return { _agent: `${answer.message} ${answer.next}` }
    return Object.fromEntries(faults.map(({ path, message }) => [field_of_path(path), message.charAt(0).toUpperCase() + message.slice(1)]))
}

export function Check(props: { draft: Open; plan: Plan; catalogue: Catalogue; me: Me; on_faults: (faults: Record<string, string>) => void; faults: Record<string, string> }): JSX.Element {
    const { draft, plan, catalogue, me } = props
    const [preview, set_preview] = useState<Schemas['Preview'] | null>(null)
    const [failure, set_failure] = useState<Failure | null>(null)
    const [busy, set_busy] = useState(false)
    const open = first_unfinished(plan, draft.content.answers, me, new Date())
    const whole = (): Notification => notification_of(open_draft.get()?.content ?? draft.content, plan, draft.id, catalogue, me, new Date())
    const refused = (answer: Failure): void => {
        if (answer.status === 422 || answer.status === 403 || answer.status === 409 || answer.status === 413) props.on_faults(faults_in(answer))
        else set_failure(answer)
    }
    const look = async (): Promise<void> => {
        set_failure(null)
        const answer = await call('post', '/api/v1/notifications/preview', { body: whole() })
        if (answer.ok) {
            props.on_faults({})
            set_preview(answer.body)
        } else refused(answer)
    }
    useEffect(() => {
        if (open === undefined) void look()
    }, [])
    const send = async (): Promise<void> => {
        if (busy) return
        set_busy(true)
        // Saved first: should the answer be lost, the same draft sent again is the same notification.
        if (draft.content.tried_at === null) change_draft((now) => ({ ...now, tried_at: new Date().toISOString() }))
        await save_draft()
        const answer: Answer<Schemas['Submitted']> = await call('post', '/api/v1/notifications', { body: whole() })
        if (!answer.ok) {
            set_busy(false)
            return refused(answer)
        }
        await delete_draft(draft.id)
        go(`/sent/${answer.body.id}/done`)
    }
    const others = Object.entries(props.faults)
    const concern = draft.content.corrects === null ? concern_instead(catalogue, preview?.refusal ?? null) : undefined
    const as_concern = (type: string): void => {
        change_draft((now) => as_type(now, type))
        props.on_faults({})
        go(`/concern/${draft.id}/what`)
    }
    return (
        <>
            {open !== undefined && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6"><p class="govuk-body"><strong>Not finished yet.</strong> <Link to={`/concern/${draft.id}/${open.id}`}>Go on with: {open.title}</Link></p></div>
            )}
            {others.length > 0 && (
                <div class="govuk-error-summary" role="alert" tabIndex={-1}>
                    <h2 class="govuk-error-summary__title">There is a problem</h2>
                    <div class="govuk-error-summary__body">
                        <ul class="govuk-list govuk-error-summary__list">
                            {others.map(([field, message]) => {
                                const at = step_with(plan, field)
                                return <li key={field}>{at === undefined ? <span class="desk-error-words">{message}</span> : <Link to={`/concern/${draft.id}/${at.id}`}>{at.title}: {message}</Link>}</li>
                            })}
                        </ul>
                    </div>
                </div>
            )}
            {failure !== null && (
                <div class="desk-banner desk-banner--bad govuk-!-margin-bottom-6" role="alert">
                    <p class="govuk-body"><strong><Text of={failure.message} /></strong> <Text of={failure.next} /></p>
                    <Button kind="secondary" on_press={() => void look()}>Try again</Button>
                </div>
            )}
            <h2 class="govuk-heading-m">What you say</h2>
            <Summary plan={plan} answers={draft.content.answers} catalogue={catalogue} me={me} change_at={(step) => `/concern/${draft.id}/${step}`} />
            {preview === null && failure === null && open === undefined && others.length === 0 && <p class="govuk-body" role="status">Working out who is told…</p>}
            {preview !== null && others.length === 0 && <PreviewShown preview={preview} catalogue={catalogue} said={new Set(Object.keys(whole().sections ?? {}))} />}
            {concern !== undefined && others.length === 0 && (
                <>
                    <p class="govuk-body">What you have written is kept, and you can look through it before it is sent.</p>
                    <Button on_press={() => as_concern(concern.type)}><Text of={`Send it as this instead: ${concern.title}`} /></Button>
                </>
            )}
            <Emergency catalogue={catalogue} />
            {preview !== null && others.length === 0 && preview.refusal === null && (
                <>
                    <p class="govuk-body">When you send it, your agency’s agent keeps it and passes it on, also when the link to the broker is down for a while.</p>
                    <Button busy={busy} on_press={() => void send()}>Send now</Button>
                </>
            )}
        </>
    )
}
