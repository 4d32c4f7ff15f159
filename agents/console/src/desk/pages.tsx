// The pages of a desk: whoever opens an inbox has them.
import type { Page } from '../shared/route'
import { Alert } from './alert'
import { DeskList } from './list'
import { Decisions, Tasks, Unconfirmed } from './tasks'

export const desk_navigation = [
    { to: '/', label: 'Live list', also: /^\/alert\// },
    { to: '/tasks', label: 'Tasks' },
    { to: '/decisions', label: 'Decisions' },
    { to: '/unconfirmed', label: 'Not confirmed' },
]
export function desk_pages(me: string): Page[] {
    return [
        { path: /^\/$/, show: () => <DeskList me={me} /> },
        { path: /^\/alert\/([^/]+)\/([^/]+)$/, show: ([sender = '', id = '']) => <Alert key={`${sender}/${id}`} sender={sender} id={id} me={me} /> },
        { path: /^\/tasks$/, show: () => <Tasks /> },
        { path: /^\/decisions$/, show: () => <Decisions /> },
        { path: /^\/unconfirmed$/, show: () => <Unconfirmed /> },
    ]
}
