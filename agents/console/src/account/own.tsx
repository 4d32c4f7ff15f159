// One's own account: what it is, another passphrase, new codes; and the colleagues at the same desk.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import type { Me } from '../shared/catalogue'
import { Button, ErrorSummary, Field, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed } from '../shared/reading'
import { go, Link } from '../shared/route'
import { session, spelled } from '../shared/session'
import { use_store } from '../shared/store'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'

type Colleague = Schemas['Colleague']
export type DeskColleague = Colleague & { inboxes: string[] }

/** Whoever opens an inbox that this person opens, each once. Null: not asked yet. */
export function use_colleagues(me: Me): { colleagues: DeskColleague[] | null; failure: Parameters<typeof Failed>[0]['failure'] } {
    const [colleagues, set_colleagues] = useState<DeskColleague[] | null>(null)
    const [failure, set_failure] = useState<Parameters<typeof Failed>[0]['failure']>(null)
    const inboxes = me.inboxes.filter(({ automatic }) => !automatic)
    useEffect(() => {
        void Promise.all(inboxes.map(async ({ id }) => ({ id, answer: await call('get', '/api/v1/colleagues', { query: { inbox: id } }) }))).then((all) => {
            const found = new Map<string, DeskColleague>()
            for (const { id, answer } of all) {
                if (!answer.ok) return set_failure(answer)
                for (const one of answer.body.colleagues) found.set(one.person, { ...one, inboxes: [...(found.get(one.person)?.inboxes ?? []), id] })
            }
            set_colleagues([...found.values()].sort((a, b) => (a.name ?? a.person).localeCompare(b.name ?? b.person)))
        })
    }, [me.person])
    return { colleagues, failure }
}
export const inbox_title = (me: Me, id: string): string => {
    const found = me.inboxes.find((one) => one.id === id)
    return found === undefined || found.title === '' ? id : `${found.title}${found.alternate ? ' (standing in)' : ''}`
}

function Row(props: { of: string; children: JSX.Element | string; to?: string; change?: string }): JSX.Element {
    return (
        <div class="govuk-summary-list__row">
            <dt class="govuk-summary-list__key">{props.of}</dt>
            <dd class="govuk-summary-list__value">{props.children}</dd>
            {props.to !== undefined && <dd class="govuk-summary-list__actions"><Link to={props.to}>{props.change}</Link></dd>}
        </div>
    )
}

export function Account(props: { me: Me }): JSX.Element {
    use_title('Your account')
    const { me } = props
    const who = use_store(session)
    const { colleagues, failure } = use_colleagues(me)
    if (who.is !== 'in') return <></>
    const { account, codes_left, signed_in_at, ends_at } = who.session
    const others = colleagues?.filter(({ person }) => person !== me.person) ?? []
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading>Your account</Heading>
                <dl class="govuk-summary-list">
                    <Row of="Your name"><Text of={me.name ?? me.person} /></Row>
                    <Row of="Name for signing in"><Text of={account} /></Row>
                    <Row of="Passphrase" to="/account/passphrase" change="Change your passphrase">Known to you alone</Row>
                    <Row of="Codes" to="/lost-code" change="Make new codes">{codes_left === null ? 'From the app on your phone' : `From a printed sheet, ${codes_left} left`}</Row>
                    <Row of="You open"><ul class="govuk-list">{me.inboxes.filter(({ automatic }) => !automatic).map(({ id }) => <li key={id}><Text of={inbox_title(me, id)} /></li>)}</ul></Row>
                    <Row of="Signed in">{`Since ${time_words(signed_in_at, new Date())}, until ${time_words(ends_at, new Date())} at most`}</Row>
                </dl>
                <p class="govuk-body"><Link to="/account/record">{me.data_protection_officer ? 'Who looked at what' : 'What you looked at and did'}</Link></p>
                <h2 class="govuk-heading-m">Colleagues at your desk</h2>
                <p class="govuk-body">When somebody has lost their phone, forgotten their passphrase or left, a colleague who opens the same inboxes puts it right.</p>
                <Failed failure={failure} />
                {colleagues !== null && others.length === 0 && <p class="govuk-body"><strong>You are alone at this desk.</strong> If you lose your codes, only whoever keeps the recovery key can help. Add a colleague.</p>}
                {others.length > 0 && (
                    <ul class="concern-list">
                        {others.map((one) => (
                            <li class="concern-line" key={one.person}>
                                <p class="govuk-body"><Link to={`/account/colleague/${one.person}`}><Text of={one.name ?? one.person} /></Link><br /><span class="desk-quiet"><Text of={one.inboxes.map((id) => inbox_title(me, id)).join(', ')} /></span></p>
                            </li>
                        ))}
                    </ul>
                )}
                <p class="govuk-body"><Link to="/account/add">Add a colleague</Link></p>
            </div>
        </div>
    )
}

export function Passphrase(): JSX.Element {
    use_title('Change your passphrase')
    const [given, set_given] = useState({ passphrase: '', code: '', next: '', again: '' })
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const [done, set_done] = useState(false)
    const put = (field: keyof typeof given) => (value: string) => set_given({ ...given, [field]: value })
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (given.passphrase === '') wrong.passphrase = 'Enter your passphrase as it is now'
        if (given.code.trim() === '') wrong.code = 'Enter a new code'
        if (given.next === '') wrong.next = 'Choose a new passphrase'
        else if (given.again !== given.next) wrong.again = 'The passphrases are not the same'
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await call('post', '/api/v1/account/passphrase', { body: { passphrase: spelled(given.passphrase), code: given.code.replace(/\s/g, ''), new_passphrase: spelled(given.next) } })
            set_busy(false)
            if (answer.ok) return set_done(true)
            if (answer.code === 'wrong_sign_in') wrong.passphrase = 'Passphrase or code is not right. Try again with a new code'
            else if (answer.status === 422) wrong.next = `${answer.message} ${answer.next}`
            else wrong._agent = `${answer.message} ${answer.next}`
        }
        show(wrong)
    }
    if (done) {
        return (
            <div class="govuk-grid-row">
                <div class="govuk-grid-column-two-thirds">
                    <div class="govuk-panel govuk-panel--confirmation"><Heading plain>Your passphrase is changed</Heading></div>
                    <p class="govuk-body">You stay signed in here. Wherever else you were signed in, you are signed out.</p>
                    <Button on_press={() => go('/account')}>Back to your account</Button>
                </div>
            </div>
        )
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                <Link to="/account" class="govuk-back-link">Your account</Link>
                <Heading>Change your passphrase</Heading>
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    <Field id="passphrase" label="Passphrase as it is now" type="password" autocomplete="current-password" width="govuk-input--width-20" value={given.passphrase} on_input={put('passphrase')} error={errors.passphrase} />
                    <Field id="code" label="A new code" hint="From the app on your phone, or the next one on your sheet" autocomplete="one-time-code" width="govuk-input--width-10" value={given.code} on_input={put('code')} error={errors.code} />
                    <Field id="next" label="New passphrase" hint="12 characters or more. Four or more words that do not belong together are easy to remember" type="password" autocomplete="new-password" width="govuk-input--width-20" value={given.next} on_input={put('next')} error={errors.next} />
                    <Field id="again" label="New passphrase again" type="password" autocomplete="new-password" width="govuk-input--width-20" value={given.again} on_input={put('again')} error={errors.again} />
                    <Button type="submit" busy={busy}>Change it</Button>
                </form>
            </div>
        </div>
    )
}
