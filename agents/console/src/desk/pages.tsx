// The pages of a desk: whoever opens an inbox has them.
import type { Page } from '../shared/route'
import { Alert } from './alert'
import { Chronology } from './chronology'
import { DeskList } from './list'
import { Search } from './search'
import { Send } from './send'
import { Decisions, Tasks, Unconfirmed } from './tasks'

export const desk_navigation = [
    { to: '/', label: 'Live list', also: /^\/(alert|chronology|send)\// },
    { to: '/search', label: 'Search' },
    { to: '/tasks', label: 'Tasks' },
    { to: '/decisions', label: 'Decisions', also: /^\/release\// },
    { to: '/unconfirmed', label: 'Not confirmed' },
]
export function desk_pages(me: string): Page[] {
    return [
        { path: /^\/$/, show: () => <DeskList me={me} /> },
        { path: /^\/alert\/([^/]+)\/([^/]+)$/, show: ([sender = '', id = '']) => <Alert key={`${sender}/${id}`} sender={sender} id={id} me={me} /> },
        { path: /^\/chronology\/([^/]+)\/([^/]+)$/, show: ([sender = '', id = '']) => <Chronology key={`${sender}/${id}`} sender={sender} id={id} /> },
        { path: /^\/search$/, show: () => <Search me={me} /> },
        { path: /^\/send\/([^/]+)\/([^/]+)$/, show: ([sender = '', id = '']) => <Send key={`${sender}/${id}`} sender={sender} id={id} /> },
        { path: /^\/send\/([^/]+)\/([^/]+)\/(new|pass-on)\/([^/]+)$/, show: ([sender = '', id = '', how, type = '']) => <Send key={`${sender}/${id}`} sender={sender} id={id} how={how === 'pass-on' ? 'pass-on' : 'new'} type={type} /> },
        { path: /^\/tasks$/, show: () => <Tasks /> },
        { path: /^\/decisions$/, show: () => <Decisions /> },
        { path: /^\/unconfirmed$/, show: () => <Unconfirmed /> },
    ]
}
