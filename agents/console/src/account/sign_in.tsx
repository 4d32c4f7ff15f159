import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { use_area } from './area'
import { Button, ErrorSummary, Explain, Field, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Link } from '../shared/route'
import { sign_in } from '../shared/session'

export function SignIn(props: { why: string }): JSX.Element {
    use_title('Sign in')
    const [name, set_name] = useState('')
    const [passphrase, set_passphrase] = useState('')
    const [code, set_code] = useState('')
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const area = use_area()
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (name.trim() === '') wrong.name = 'Enter your name for signing in'
        if (passphrase === '') wrong.passphrase = 'Enter your passphrase'
        if (code.trim() === '') wrong.code = 'Enter the code'
        area.check(wrong)
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await sign_in(name.trim(), passphrase, code.replace(/\s/g, ''), area.query)
            set_busy(false)
            if (answer.ok) return
            // Nobody has looked at passphrase and code yet.
            if (area.takes(answer, wrong)) return show(wrong)
            set_passphrase('')
            set_code('')
            // The agent does not say which of the three is wrong, and neither does the page.
            if (answer.code === 'wrong_sign_in') wrong.name = 'Name, passphrase or code is not right. Try again with a new code'
            else wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                {props.why !== '' && <div class="desk-banner desk-banner--news" role="status"><p class="govuk-body">{props.why}</p></div>}
                <Heading>Sign in</Heading>
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    <Field id="name" label="Name" hint="The name you chose for signing in" value={name} on_input={set_name} error={errors.name} autocomplete="username" width="govuk-input--width-20" />
                    <Field id="passphrase" label="Passphrase" type="password" value={passphrase} on_input={set_passphrase} error={errors.passphrase} autocomplete="current-password" width="govuk-input--width-20" />
                    <Field id="code" label="Code" hint="6 digits from the app on your phone, or the next code on your printed sheet" value={code} on_input={set_code} error={errors.code} autocomplete="one-time-code" width="govuk-input--width-10" />
                    {area.field(errors)}
                    <Button type="submit" busy={busy}>Sign in</Button>
                </form>
                <p class="govuk-body"><Link to="/set-up">Set up your account for the first time</Link></p>
                <p class="govuk-body"><Link to="/lost-code">I have lost my phone or my sheet of codes</Link></p>
                <Explain what="What to do in an emergency">
                    <p>If a child is in danger now, ring 999. Do not wait until you can sign in.</p>
                </Explain>
            </div>
        </div>
    )
}
