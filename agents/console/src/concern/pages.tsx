// "Share a concern", drafts and the printed form: whoever sends in a role has them.
import type { Me } from '../shared/catalogue'
import type { NavigationEntry } from '../shared/frame'
import type { Page } from '../shared/route'
import { Begin, Concern } from './concern'
import { Drafts } from './drafts'
import { PaperForm } from './paper'

/** A school shares concerns; others send what is theirs to say as well. */
export const concern_navigation = (school: boolean): NavigationEntry[] => [{ to: '/concern', label: school ? 'Share a concern' : 'Share', also: /^\/(concern|drafts)\b/ }]
export function concern_pages(me: Me): Page[] {
    return [
        { path: /^\/concern$/, show: () => <Begin /> },
        { path: /^\/concern\/paper(?:\/([a-z0-9._-]+))?$/, show: ([type]) => <PaperForm me={me} type={type ?? ''} /> },
        { path: /^\/concern\/([0-9a-f-]{36})\/([a-z]+)$/, show: ([id = '', step = '']) => <Concern key={id} id={id} step={step} me={me} /> },
        { path: /^\/drafts$/, show: () => <Drafts /> },
    ]
}
