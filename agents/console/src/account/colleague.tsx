// A colleague who cannot sign in any more, who leaves, or who comes. What a colleague may do is the agent's rule.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Answer, type Failure, type Schemas } from '../shared/api'
import type { Me } from '../shared/catalogue'
import { use_confirmation } from '../shared/confirm'
import { Checkboxes } from '../shared/fields'
import { Button, ErrorSummary, Explain, Field, Radios, type FieldErrors, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Failed, Opening } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { inbox_title, use_colleagues, type DeskColleague } from './own'

type What = 'codes' | 'passphrase' | 'left'
type Done = { what: 'codes'; code: string; until: string } | { what: 'passphrase' } | { what: 'left'; nobody_in: string[] }
const choices: { value: What; label: string; hint: string }[] = [
    { value: 'codes', label: 'They lost their phone or sheet, and their recovery codes too', hint: 'You get a code to hand to them. Their passphrase stays' },
    { value: 'passphrase', label: 'They forgot their passphrase', hint: 'They choose a new one with the token that they were given when they were added' },
    { value: 'left', label: 'They left, or somebody else may have their token', hint: 'They open nothing here any more, and the keys of your inboxes change' },
]
const not_yours = 'You can do this for a colleague only if you open every inbox that they open. Ask somebody who does, or whoever keeps the recovery key of your agency.'
const in_words = (failure: Failure): string => (failure.code === 'not_entitled' ? not_yours : `${failure.message} ${failure.next}`)

async function put_right(what: What, person: string): Promise<Answer<Done>> {
    const path = { id: person }
    if (what === 'codes') {
        const answer = await call('post', '/api/v1/people/{id}/account/reset', { path })
        return answer.ok ? { ...answer, body: { what, code: answer.body.code, until: answer.body.counts_until } } : answer
    }
    if (what === 'passphrase') {
        const answer = await call('delete', '/api/v1/people/{id}/account', { path })
        return answer.ok ? { ...answer, body: { what } } : answer
    }
    const answer = await call('delete', '/api/v1/people/{id}', { path })
    return answer.ok ? { ...answer, body: { what, nobody_in: answer.body.nobody_left_in } } : answer
}

function WhatNow(props: { done: Done; name: string; me: Me }): JSX.Element {
    const { done, name, me } = props
    const title = done.what === 'codes' ? 'Hand over this code' : done.what === 'passphrase' ? 'They can set up their account anew' : 'They open nothing here any more'
    return (
        <>
            <div class="govuk-panel govuk-panel--confirmation"><Heading plain>{title}</Heading></div>
            {done.what === 'codes' && (
                <>
                    <p class="govuk-body">It is shown only once, and counts until {time_words(done.until, new Date())}.</p>
                    <p class="govuk-body desk-codes desk-codes--one">{done.code}</p>
                    <ol class="govuk-list govuk-list--number">
                        <li>Be sure that it is <Text of={name} />: meet them, or ring them on a number that you know.</li>
                        <li>Say it to them, or hand it over on paper. Do not e-mail it.</li>
                        <li>On the sign-in page they choose “I have lost my phone or my sheet of codes”, and enter it as the recovery code with their own passphrase.</li>
                    </ol>
                    <p class="govuk-body">Without their passphrase nobody can use it.</p>
                </>
            )}
            {done.what === 'passphrase' && (
                <ol class="govuk-list govuk-list--number">
                    <li>They need the token that they were given when they were added: the long text beginning with mash1.</li>
                    <li>On the sign-in page they choose “Set up your account for the first time”, and a new passphrase.</li>
                    <li>If they have no token any more, remove them and <Link to="/account/add">add them again</Link>.</li>
                </ol>
            )}
            {done.what === 'left' && (
                <>
                    <p class="govuk-body">They are signed out everywhere, and their drafts are gone. What comes from now on is under new keys.</p>
                    {done.nobody_in.length > 0 && <p class="govuk-body"><strong>Nobody opens this any more: <Text of={done.nobody_in.map((id) => inbox_title(me, id)).join(', ')} />. <Link to="/account/add">Add somebody now</Link>.</strong></p>}
                    <p class="govuk-body">If they come back, <Link to="/account/add">add them again</Link>: they get a new token.</p>
                </>
            )}
            <p class="govuk-body"><Link to="/account">Your account and colleagues</Link></p>
        </>
    )
}

function Form(props: { one: DeskColleague; me: Me; on_done: (done: Done) => void }): JSX.Element {
    const { one, me } = props
    const [what, set_what] = useState<What | ''>('')
    const confirmation = use_confirmation('colleague', true)
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (what === '') wrong.what = 'Choose what has happened'
        confirmation.check(wrong)
        if (what !== '' && Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await confirmation.send(() => put_right(what, one.person))
            set_busy(false)
            if (answer.ok) return props.on_done(answer.body)
            wrong._agent = in_words(answer)
        }
        show(wrong)
    }
    return (
        <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
            <ErrorSummary errors={errors} round={round} />
            <p class="govuk-body">Opens: <Text of={one.inboxes.map((id) => inbox_title(me, id)).join(', ')} /></p>
            <Radios id="what" legend="What has happened?" value={what} choices={choices} on_choose={(value) => set_what(value as What)} error={errors.what} />
            {confirmation.fields(errors)}
            <Button type="submit" busy={busy} {...(what === 'left' ? { kind: 'warning' as const } : {})}>{what === 'left' ? 'Remove them' : 'Continue'}</Button>
            <Explain what="Why you are asked who you are">
                <p>Whoever sits down at a page that is open could else let themselves into a colleague’s account. What you do here is in your agency’s access record.</p>
            </Explain>
        </form>
    )
}

export function ColleagueAccount(props: { me: Me; person: string }): JSX.Element {
    use_title('A colleague’s account')
    const { colleagues, failure } = use_colleagues(props.me)
    const [done, set_done] = useState<Done | null>(null)
    const one = colleagues?.find(({ person }) => person === props.person)
    const name = one?.name ?? props.person
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                {done !== null ? <WhatNow done={done} name={name} me={props.me} /> : (
                    <>
                        <Link to="/account" class="govuk-back-link">Your account</Link>
                        {colleagues === null && <Opening failure={failure} />}
                        {colleagues !== null && <Failed failure={failure} />}
                        {one !== undefined && one.person !== props.me.person && <><Heading><Text of={name} /></Heading><Form one={one} me={props.me} on_done={set_done} /></>}
                        {colleagues !== null && (one === undefined || one.person === props.me.person) && (
                            <>
                                <Heading>This is no colleague at your desk</Heading>
                                <p class="govuk-body">They were removed, or open none of the inboxes that you open. <Link to="/account">Your account and colleagues</Link></p>
                            </>
                        )}
                    </>
                )}
            </div>
        </div>
    )
}

export function AddColleague(props: { me: Me }): JSX.Element {
    use_title('Add a colleague')
    const { me } = props
    const inboxes = me.inboxes.filter(({ automatic }) => !automatic)
    const [name, set_name] = useState('')
    const [chosen, set_chosen] = useState<string[]>([])
    const confirmation = use_confirmation('add', true)
    const { errors, round, show } = use_errors()
    const [busy, set_busy] = useState(false)
    const [added, set_added] = useState<Schemas['PersonAdded'] | null>(null)
    const submit = async (): Promise<void> => {
        if (busy) return
        const wrong: FieldErrors = {}
        if (name.trim() === '') wrong.name = 'Enter their name'
        if (chosen.length === 0) wrong.inboxes = 'Choose what they open'
        confirmation.check(wrong)
        if (Object.keys(wrong).length === 0) {
            set_busy(true)
            const answer = await confirmation.send(() => call('post', '/api/v1/people', { body: { name: name.trim(), agency: me.agency, inboxes: chosen } }))
            set_busy(false)
            if (answer.ok) return set_added(answer.body)
            wrong._agent = in_words(answer)
        }
        show(wrong)
    }
    if (added !== null) {
        return (
            <div class="govuk-grid-row">
                <div class="govuk-grid-column-two-thirds">
                    <div class="govuk-panel govuk-panel--confirmation"><Heading plain>They are added</Heading></div>
                    <p class="govuk-body">This is their token. It is shown only once: give it to <Text of={name} /> and to nobody else, on paper or by your agency’s own safe way. Do not e-mail it.</p>
                    <p class="govuk-body desk-codes desk-codes--one">{added.token}</p>
                    <p class="govuk-body">On the sign-in page they choose “Set up your account for the first time” and enter it there. They should keep it: with it they can choose a new passphrase if they forget theirs.</p>
                    <Explain what="What you and they cannot do together">
                        <p>You have seen their token, so the two of you count as one person where two must agree, as for a protected address. Whoever keeps the recovery key of your agency can vouch for them.</p>
                    </Explain>
                    <div class="desk-no-print"><Button kind="secondary" on_press={() => window.print()}>Print this page</Button></div>
                    <p class="govuk-body"><Link to="/account">Your account and colleagues</Link></p>
                </div>
            </div>
        )
    }
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                <Link to="/account" class="govuk-back-link">Your account</Link>
                <Heading>Add a colleague</Heading>
                <form noValidate onSubmit={(event) => { event.preventDefault(); void submit() }}>
                    <Field id="name" label="Their name" hint="As colleagues know them" width="govuk-input--width-20" value={name} on_input={set_name} error={errors.name} />
                    <Checkboxes id="inboxes" legend="What do they open?" hint="They read everything that came to it, and what will come." chosen={chosen} choices={inboxes.map(({ id }) => ({ value: id, label: inbox_title(me, id) }))} on_change={set_chosen} error={errors.inboxes} />
                    {confirmation.fields(errors)}
                    <Button type="submit" busy={busy}>Add them</Button>
                </form>
            </div>
        </div>
    )
}
