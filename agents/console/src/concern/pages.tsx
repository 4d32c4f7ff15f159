// "Share a concern", drafts and the printed form: whoever sends in a role has them.
import type { Me } from '../shared/catalogue'
import type { Page } from '../shared/route'
import { Begin, Concern } from './concern'
import { Drafts } from './drafts'
import { PaperForm } from './paper'

export const concern_navigation = [{ to: '/concern', label: 'Share a concern', also: /^\/(concern|drafts)\b/ }]
export function concern_pages(me: Me): Page[] {
    return [
        { path: /^\/concern$/, show: () => <Begin /> },
        { path: /^\/concern\/paper(?:\/([a-z0-9._-]+))?$/, show: ([type]) => <PaperForm me={me} type={type ?? ''} /> },
        { path: /^\/concern\/([0-9a-f-]{36})\/([a-z]+)$/, show: ([id = '', step = '']) => <Concern key={id} id={id} step={step} me={me} /> },
        { path: /^\/drafts$/, show: () => <Drafts /> },
    ]
}
