import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button, ErrorSummary, Explain, Field, type FieldErrors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { sign_in_by_token } from '../shared/session'

/** Where the agent keeps no accounts: the token that it gave when the person was added. */
export function TokenSignIn(props: { why: string }): JSX.Element {
    use_title('Sign in')
    const [token, set_token] = useState('')
    const [errors, set_errors] = useState<FieldErrors>({})
    const [round, set_round] = useState(0)
    const [busy, set_busy] = useState(false)
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (!/^mash1\.[^.]+\.\S+$/.test(token.trim())) wrong.token = 'Enter the token you were given. It begins with mash1.'
        else {
            set_busy(true)
            const answer = await sign_in_by_token(token.trim())
            if (answer.ok) return
            set_busy(false)
            set_token('')
            if (answer.status === 401) wrong.token = 'This token is not known, or it was ended'
            else wrong._agent = `${answer.message} ${answer.next}`
        }
        set_errors(wrong)
        set_round((n) => n + 1)
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                {props.why !== '' && <div class="desk-banner desk-banner--news" role="status"><p class="govuk-body">{props.why}</p></div>}
                <Heading>Sign in</Heading>
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    <Field id="token" label="Token" hint="The long text beginning with mash1. that you were given when you were added. The page forgets it when you sign out or close it" type="password" value={token} on_input={set_token} error={errors.token} />
                    <Button type="submit" busy={busy}>Sign in</Button>
                </form>
                <Explain what="Why there is no passphrase or code yet">
                    <p>Your agency’s agent does not keep accounts yet. Whoever has your token can read what was sent to you: keep it locked away, and let nobody’s browser save it.</p>
                </Explain>
            </div>
        </div>
    )
}
