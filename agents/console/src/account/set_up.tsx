import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../shared/api'
import { Button, ErrorSummary, Explain, Field, Radios, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Link } from '../shared/route'
import { leave, spelled } from '../shared/session'
import { use_area } from './area'
import { second_factors, ShowSecondFactor, type Account, type SecondFactor } from './second_factor'

/** `lost`: the account is there, and a recovery code makes a new second factor for it. `name`: whose, where somebody is signed in. */
export function SetUp(props: { lost: boolean; name: string }): JSX.Element {
    use_title(props.lost ? 'New codes' : 'Set up your account')
    const [given, set_given] = useState({ token: '', name: props.name, passphrase: '', again: '', recovery: '', factor: '' })
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const area = use_area()
    const [account, set_account] = useState<Account | null>(null)
    const put = (field: keyof typeof given) => (value: string) => set_given({ ...given, [field]: value })
    const check = (): FieldErrors => {
        const wrong: FieldErrors = {}
        if (props.lost) {
            if (given.name.trim() === '') wrong.name = 'Enter your name for signing in'
            if (given.passphrase === '') wrong.passphrase = 'Enter your passphrase'
            if (given.recovery.trim() === '') wrong.recovery = 'Enter one of your recovery codes'
        } else {
            if (given.token.trim() === '') wrong.token = 'Enter the token you were given'
            if (!/^[A-Za-z0-9._-]+$/.test(given.name.trim())) wrong.name = 'Choose a name of letters without accents, digits, dots, hyphens or underscores'
            if (given.passphrase === '') wrong.passphrase = 'Choose a passphrase'
            else if (given.again !== given.passphrase) wrong.again = 'The passphrases are not the same'
        }
        area.check(wrong)
        if (given.factor === '') wrong.factor = 'Choose where your codes come from'
        return wrong
    }
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong = check()
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const second_factor = given.factor as SecondFactor
            const answer = props.lost
                ? await call('post', '/api/v1/account/second-factor', { query: area.query, body: { name: given.name.trim(), passphrase: spelled(given.passphrase), recovery_code: given.recovery.trim(), second_factor } })
                : await call('post', '/api/v1/accounts', { query: area.query, body: { token: given.token.trim(), name: given.name.trim(), passphrase: spelled(given.passphrase), second_factor } })
            set_busy(false)
            if (answer.ok) {
                set_account(answer.body)
                // All sessions of the account have ended by it.
                if (props.lost) leave('')
                return
            }
            if (!area.takes(answer, wrong)) wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    if (account !== null) return <ShowSecondFactor account={account} />
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                {props.name === '' ? <Link to="/" class="govuk-back-link">Back to sign in</Link> : <Link to="/account" class="govuk-back-link">Your account</Link>}
                <Heading>{props.lost ? 'Make new codes' : 'Set up your account'}</Heading>
                {props.lost && <p class="govuk-body">For a new phone, a new sheet, or new recovery codes. The old ones end, and you are signed out everywhere.</p>}
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    {!props.lost && <Field id="token" label="Token" hint="The long text beginning with mash1. that you were given when you were added" type="password" value={given.token} on_input={put('token')} error={errors.token} />}
                    <Field id="name" label="Name" hint={props.lost ? 'The name you chose for signing in' : 'Choose one for signing in. Colleagues may see it'} value={given.name} on_input={put('name')} error={errors.name} autocomplete="username" width="govuk-input--width-20" />
                    <Field id="passphrase" label="Passphrase" hint={props.lost ? undefined : 'Four or more words that do not belong together are easier to remember than one strange word'} type="password" value={given.passphrase} on_input={put('passphrase')} error={errors.passphrase} autocomplete={props.lost ? 'current-password' : 'new-password'} />
                    {!props.lost && <Field id="again" label="Passphrase again" type="password" value={given.again} on_input={put('again')} error={errors.again} autocomplete="new-password" />}
                    {props.lost && <Field id="recovery" label="Recovery code" hint="One of those that were shown with your codes, or the code that a colleague made for you" value={given.recovery} on_input={put('recovery')} error={errors.recovery} width="govuk-input--width-20" />}
                    <Radios id="factor" legend="Where will your codes come from?" hint="You need a code each time you sign in, so that a stolen passphrase is not enough" value={given.factor} choices={second_factors} on_choose={put('factor')} error={errors.factor} />
                    {area.field(errors)}
                    <Button type="submit" busy={busy}>Continue</Button>
                </form>
                <Explain what="I have lost my passphrase, or all of my codes">
                    <p>Nobody can look your passphrase up: it alone opens what was sent to you. A colleague who opens the same inbox can remove you and add you again with a new token.</p>
                </Explain>
            </div>
        </div>
    )
}
