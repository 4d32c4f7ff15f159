// Wires the areas of pages together: account, desk; each says which pages it has. No logic.
import './styles.scss'
import './shared/shown'
import { render, type JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { SetUp } from './account/set_up'
import { SignIn } from './account/sign_in'
import { navigation_of, pages_of } from './pages'
import type { Me } from './shared/catalogue'
import { open_events } from './shared/events'
import { Frame, Heading, use_title } from './shared/frame'
import { Link, route } from './shared/route'
import { ask_session, session } from './shared/session'
import { use_store } from './shared/store'

function NotHere(): JSX.Element {
    use_title('Page not found')
    return (
        <>
            <Heading>Page not found</Heading>
            <p class="govuk-body">There is no such page. <Link to="/">Go to the first page</Link></p>
        </>
    )
}

function NoAnswer(props: { trouble: string }): JSX.Element {
    use_title('No answer')
    return (
        <>
            <Heading>No answer yet</Heading>
            <div class="desk-banner desk-banner--bad" role="status"><p class="govuk-body"><strong>{props.trouble}</strong> It is trying again. If a child is in danger now, ring 999.</p></div>
        </>
    )
}

function Signed(props: { me: Me; at: string }): JSX.Element {
    useEffect(() => open_events(), [])
    for (const page of pages_of(props.me)) {
        const found = page.path.exec(props.at)
        if (found === null) continue
        try {
            return page.show(found.slice(1).map(decodeURIComponent))
        } catch {
            return <NotHere />
        }
    }
    return <NotHere />
}

function App(): JSX.Element {
    const who = use_store(session)
    const at = use_store(route)
    // New codes end every session. What is shown only once outlives this one, so it is no page of a session.
    if (at === '/lost-code') return <Frame navigation={[]}><SetUp key="lost" lost name={who.is === 'in' ? who.session.account : ''} /></Frame>
    if (who.is === 'in') return <Frame navigation={navigation_of(who.session.me)}><Signed me={who.session.me} at={at} /></Frame>
    if (who.is === 'unknown') return <Frame navigation={[]}>{who.trouble === '' ? <Heading key="waits">One moment…</Heading> : <NoAnswer trouble={who.trouble} />}</Frame>
    return (
        <Frame navigation={[]}>
            {at === '/set-up' ? <SetUp key="new" lost={false} name="" /> : <SignIn why={who.why} />}
        </Frame>
    )
}

const place = document.getElementById('app')
if (place !== null) render(<App />, place)
void ask_session()
