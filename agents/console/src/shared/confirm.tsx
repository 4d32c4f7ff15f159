// Who it is, shown once more: where the agent demands it, and before what opens an address or an account to somebody else.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Answer, Failure } from './api'
import { Field, type FieldErrors } from './form'
import { confirm_again, session } from './session'
import { use_store } from './store'

export type Confirmation = {
    /** What is missing of it, among the other faults of the form. */
    check: (wrong: FieldErrors) => void
    /** Shows who it is, then does the work; the first failure is the answer. */
    send: <T>(work: () => Promise<Answer<T>>) => Promise<Answer<T>>
    fields: (errors: FieldErrors) => JSX.Element | null
}
const in_words = (failure: Failure): Failure => (failure.code === 'wrong_sign_in' ? { ...failure, message: 'Passphrase or code is not right.', next: 'Try again with a new code.' } : failure)

/** `demanded`: asked for from the beginning, unless this person has shown it within the last minutes. */
export function use_confirmation(id: string, demanded: boolean): Confirmation {
    const who = use_store(session)
    const until = who.is === 'in' ? who.session.confirmed_until : null
    const [given, set_given] = useState({ passphrase: '', code: '' })
    // The agent has the last word on whether it counts still, whatever this machine's clock says.
    const [refused, set_refused] = useState<{ until: string | null } | null>(null)
    const is_lately = until !== null && Date.parse(until) > Date.now() && refused?.until !== until
    const asks = (demanded || refused !== null) && !is_lately
    const name = (field: string): string => `${field}-${id}`
    return {
        check: (wrong) => {
            if (asks && given.passphrase === '') wrong[name('passphrase')] = 'Enter your passphrase'
            if (asks && given.code.trim() === '') wrong[name('code')] = 'Enter a new code'
        },
        send: async (work) => {
            if (asks) {
                const confirmed = await confirm_again(given.passphrase, given.code.replace(/\s/g, ''))
                set_given({ passphrase: '', code: '' })
                if (!confirmed.ok) return in_words(confirmed)
            }
            const answer = await work()
            if (!answer.ok && answer.code === 'confirm_again') set_refused({ until })
            return answer
        },
        fields: (errors) => (!asks ? null : (
            <div class="desk-confirm">
                <h2 class="govuk-heading-s">Show that it is you</h2>
                <Field id={name('passphrase')} label="Your passphrase again" type="password" autocomplete="current-password" width="govuk-input--width-20" value={given.passphrase} on_input={(passphrase) => set_given({ ...given, passphrase })} error={errors[name('passphrase')]} />
                <Field id={name('code')} label="A new code" hint="One that you have not used yet: from the app on your phone, or the next one on your sheet" autocomplete="one-time-code" width="govuk-input--width-10" value={given.code} on_input={(code) => set_given({ ...given, code })} error={errors[name('code')]} />
            </div>
        )),
    }
}
