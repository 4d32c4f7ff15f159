// Where in the pages one is. Addresses hold ids and never words, so neither history nor a proxy's log learns of anybody.
import type { ComponentChildren, JSX } from 'preact'
import { create_store } from './store'

export const route = create_store(location.pathname)
export type Page = { path: RegExp; show: (ids: string[]) => JSX.Element }

export function go(path: string): void {
    history.pushState(null, '', path)
    route.set(path)
    window.scrollTo(0, 0)
}
/** The same page under another address: going back does not come here again. */
export function replace(path: string): void {
    history.replaceState(null, '', path)
    route.set(path)
}
window.addEventListener('popstate', () => route.set(location.pathname))

export function Link(props: { to: string; class?: string; children: ComponentChildren; current?: boolean; lang?: string }): JSX.Element {
    return (
        <a
            href={props.to}
            class={props.class ?? 'govuk-link'}
            aria-current={props.current ? 'page' : undefined}
            onClick={(event) => {
                // A click that asks for a new tab stays the browser's.
                if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
                event.preventDefault()
                go(props.to)
            }}
        >
            {props.children}
        </a>
    )
}
