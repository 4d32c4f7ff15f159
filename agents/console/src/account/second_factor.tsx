// What is shown once when a second factor was made: the secret or the sheet, and the recovery codes.
import type { JSX } from 'preact'
import { Button } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { go } from '../shared/route'
import type { Schemas } from '../shared/api'
import { Qr } from './qr'

export type Account = Schemas['AccountMade']
export type SecondFactor = Schemas['SecondFactor']

export const second_factors: { value: SecondFactor; label: string; hint: string }[] = [
    { value: 'totp', label: 'An app on my phone', hint: 'The app shows a new 6-digit code every 30 seconds' },
    { value: 'codes', label: 'A printed sheet of codes', hint: 'For desks where no phone is allowed. Each code works once' },
]

function Codes(props: { of: string[]; label: string }): JSX.Element {
    return <ol class="govuk-list govuk-list--number desk-codes" aria-label={props.label}>{props.of.map((code) => <li key={code}>{code}</li>)}</ol>
}
export function ShowSecondFactor(props: { account: Account }): JSX.Element {
    use_title('Keep your codes')
    const { totp, codes, recovery_codes } = props.account
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading>Keep these: they are shown only once</Heading>
                {totp !== null && (
                    <>
                        <h2 class="govuk-heading-m">1. Add the account to the app on your phone</h2>
                        <p class="govuk-body">Scan this with an authenticator app:</p>
                        <Qr text={totp.uri} />
                        <p class="govuk-body">Or type this secret into the app:</p>
                        <p class="govuk-body desk-codes">{totp.secret.replace(/(.{4})/g, '$1 ').trim()}</p>
                    </>
                )}
                {codes !== null && (
                    <>
                        <h2 class="govuk-heading-m">1. Print your sheet of codes</h2>
                        <p class="govuk-body">Use them in this order and cross each one out. Lock the sheet away.</p>
                        <Codes of={codes} label="Codes for signing in" />
                    </>
                )}
                <h2 class="govuk-heading-m">2. Keep the recovery codes in another place</h2>
                <p class="govuk-body">If you lose your phone or your sheet, one of these lets you make a new one.</p>
                <Codes of={recovery_codes} label="Recovery codes" />
                <div class="govuk-button-group desk-no-print">
                    <Button kind="secondary" on_press={() => window.print()}>Print this page</Button>
                    <Button on_press={() => go('/')}>I have kept them: go to sign in</Button>
                </div>
            </div>
        </div>
    )
}
