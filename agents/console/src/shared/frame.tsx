// What stands around every page: skip link, service name, who is signed in, the state of the link, and the warning before an
// idle session ends.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { link, stream } from './events'
import { Button } from './form'
import { Link, route } from './route'
import { ask_session, leave, session, sign_out } from './session'
import { sound, switch_sound } from './sound'
import { use_store } from './store'
import { Text } from './value'
import { is_training } from './training'
import { time_words } from './time'

export type NavigationEntry = { to: string; label: string; also?: RegExp }
/** So few are left of a printed sheet that the next one is to be made. */
const codes_few = 3
const codes_left_words = (left: number): string => (left === 0 ? 'Your sheet of codes is used up.' : left === 1 ? 'One code is left on your sheet.' : `${left} codes are left on your sheet.`)
const warn_before_ms = 2 * 60_000

export function use_title(title: string): void {
    useEffect(() => {
        document.title = `${title} - Safeguarding desk`
    }, [title])
}

/** The page's heading. It takes the focus when the page is reached, so that a screen reader begins with it. */
export function Heading(props: { children: ComponentChildren; caption?: ComponentChildren; plain?: boolean }): JSX.Element {
    const heading = useRef<HTMLHeadingElement>(null)
    useEffect(() => heading.current?.focus({ preventScroll: true }), [])
    return (
        <>
            {props.caption !== undefined && <span class="govuk-caption-l">{props.caption}</span>}
            <h1 class={props.plain ? 'govuk-panel__title' : 'govuk-heading-l'} tabIndex={-1} ref={heading}>{props.children}</h1>
        </>
    )
}

function LinkBanner(): JSX.Element | null {
    const broker = use_store(link)
    const own = use_store(stream)
    const down_since = !own.up ? own.since : broker !== null && !broker.up ? broker.since : null
    return (
        <div role="status" class="govuk-width-container desk-no-print">
            {down_since !== null && (
                <div class="desk-banner desk-banner--bad">
                    <p class="govuk-body">
                        <strong>
                            {own.up ? `The link to the broker has been down since ${time_words(down_since, new Date())}.` : `This page has not reached your agency’s agent since ${time_words(down_since, new Date())}.`}
                        </strong>{' '}
                        What you see is from before then. {own.up ? 'What you send is kept and goes when the link is back.' : 'What you have typed stays on this page.'} If it cannot wait, ring.
                    </p>
                </div>
            )}
        </div>
    )
}

function IdleWarning(props: { until: string; ends: string }): JSX.Element | null {
    const dialog = useRef<HTMLDialogElement>(null)
    const [warns, set_warns] = useState(false)
    const end = Math.min(Date.parse(props.until), Date.parse(props.ends))
    useEffect(() => {
        // What a person does counts as use of the page, at most once a minute; what the page does of itself does not.
        let last = Date.now()
        const used = (): void => {
            if (Date.now() - last < 60_000 || dialog.current?.open) return
            last = Date.now()
            void ask_session()
        }
        document.addEventListener('pointerdown', used)
        document.addEventListener('keydown', used)
        return () => {
            document.removeEventListener('pointerdown', used)
            document.removeEventListener('keydown', used)
        }
    }, [])
    useEffect(() => {
        set_warns(false)
        const warn = setTimeout(() => set_warns(true), Math.max(0, end - warn_before_ms - Date.now()))
        const over = setTimeout(() => leave('You were signed out because the page was not used for a while.'), Math.max(0, end - Date.now()))
        return () => {
            clearTimeout(warn)
            clearTimeout(over)
        }
    }, [end])
    useEffect(() => {
        if (warns && dialog.current?.open === false) dialog.current.showModal()
    }, [warns])
    if (!warns) return null
    return (
        <dialog class="desk-dialog" ref={dialog} aria-labelledby="idle-title" onCancel={() => void ask_session()}>
            <h2 class="govuk-heading-m" id="idle-title">You will be signed out at {time_words(new Date(end).toISOString(), new Date())}</h2>
            <p class="govuk-body">This protects the children on this page. What you have typed and not saved is lost when you are signed out. Drafts of a concern are kept.</p>
            <div class="govuk-button-group">
                <Button on_press={() => void ask_session()}>Stay signed in</Button>
                <Button kind="secondary" on_press={() => void sign_out()}>Sign out</Button>
            </div>
        </dialog>
    )
}

export function Frame(props: { navigation: NavigationEntry[]; children: ComponentChildren }): JSX.Element {
    const who = use_store(session)
    const at = use_store(route)
    const loud = use_store(sound)
    const inside = who.is === 'in' ? who.session : null
    const can_notify = 'Notification' in window
    const [asked, set_asked] = useState(can_notify ? Notification.permission : 'denied')
    return (
        <>
            <a href="#main" class="govuk-skip-link" onClick={(event) => {
                event.preventDefault()
                document.getElementById('main')?.focus()
            }}>Skip to main content</a>
            <header class="desk-header">
                <div class="govuk-width-container desk-header__row">
                    <span class="desk-header__name">Safeguarding desk</span>
                    {inside !== null && (
                        <div class="desk-header__who">
                            <span><span class="govuk-visually-hidden">Signed in as </span><Text of={[inside.me.name ?? inside.account, inside.me.agency_name || inside.me.agency].filter((part) => part !== '').join(', ')} /></span>
                            <Link to="/account" class="desk-header__button">Your account</Link>
                            <button type="button" class="desk-header__button" onClick={() => void sign_out()}>Sign out</button>
                        </div>
                    )}
                </div>
            </header>
            {inside !== null && (inside.training || is_training(inside.area)) && (
                <aside class="desk-training" aria-label="Training area"><div class="govuk-width-container"><strong>Training area.</strong> Everybody here is invented. Nothing you do reaches a real agency.</div></aside>
            )}
            {inside !== null && props.navigation.length > 0 && (
                <nav class="desk-navigation" aria-label="Main">
                    <ul class="govuk-width-container desk-navigation__list">
                        {props.navigation.map((entry) => (
                            <li key={entry.to}>
                                <Link to={entry.to} class="desk-navigation__link" current={at === entry.to || entry.also?.test(at)}>{entry.label}</Link>
                            </li>
                        ))}
                    </ul>
                </nav>
            )}
            {inside !== null && <LinkBanner />}
            {inside !== null && inside.codes_left !== null && inside.codes_left <= codes_few && (
                <aside class="govuk-width-container desk-no-print" aria-label="Codes for signing in">
                    <div class="desk-banner"><p class="govuk-body"><strong>{codes_left_words(inside.codes_left)}</strong> <Link to="/lost-code">Make new ones</Link> while you can still sign in.</p></div>
                </aside>
            )}
            {inside !== null && <IdleWarning until={inside.idle_until} ends={inside.ends_at} />}
            <div class="govuk-width-container">
                <main class="govuk-main-wrapper desk-main" id="main" tabIndex={-1}>{props.children}</main>
            </div>
            <footer class="desk-footer">
                <div class="govuk-width-container">
                    {inside !== null && (
                        <p class="desk-footer__switches">
                            <button type="button" class="desk-plain-button" aria-pressed={loud} onClick={() => switch_sound(!loud)}>
                                Sound for new alerts: {loud ? 'on' : 'off'}
                            </button>
                            {can_notify && asked === 'default' && (
                                <button type="button" class="desk-plain-button" onClick={() => void Notification.requestPermission().then(set_asked)}>
                                    Let this browser tell me of new alerts
                                </button>
                            )}
                        </p>
                    )}
                    <p class="govuk-body-s">This service does not replace 999. If a child is in danger now, ring 999. Everything you open here is recorded.</p>
                </div>
            </footer>
        </>
    )
}
