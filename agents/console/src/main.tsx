// Wires the areas of pages together: account, desk; each says which pages it has. No logic.
import './styles.scss'
import { render, type JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { SetUp } from './account/set_up'
import { SignIn } from './account/sign_in'
import { desk_navigation, desk_pages } from './desk/pages'
import { open_events } from './shared/events'
import { Frame, Heading, use_title } from './shared/frame'
import { Link, route, type Page } from './shared/route'
import { ask_session, session } from './shared/session'
import { use_store } from './shared/store'

function NotHere(): JSX.Element {
    use_title('Page not found')
    return (
        <>
            <Heading>Page not found</Heading>
            <p class="govuk-body">There is no such page. <Link to="/">Go to the live list</Link></p>
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

function Signed(props: { me: string; at: string }): JSX.Element {
    useEffect(() => open_events(), [])
    const pages: Page[] = desk_pages(props.me)
    for (const page of pages) {
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
    if (who.is === 'in') return <Frame navigation={desk_navigation}><Signed me={who.session.me.person} at={at} /></Frame>
    if (who.is === 'unknown') return <Frame navigation={[]}>{who.trouble === '' ? <p class="govuk-body">One moment…</p> : <NoAnswer trouble={who.trouble} />}</Frame>
    return (
        <Frame navigation={[]}>
            {at === '/set-up' ? <SetUp key="new" lost={false} /> : at === '/lost-code' ? <SetUp key="lost" lost /> : <SignIn why={who.why} />}
        </Frame>
    )
}

const place = document.getElementById('app')
if (place !== null) render(<App />, place)
void ask_session()
