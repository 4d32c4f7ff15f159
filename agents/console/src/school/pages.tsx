// A school has a first page of its own; its live list is behind it.
import type { Me } from '../shared/catalogue'
import type { Page } from '../shared/route'
import { Alert } from '../desk/alert'
import { DeskList } from '../desk/list'
import { Advice } from './advice'
import { SchoolHome } from './home'

export const school_navigation = [{ to: '/', label: 'Your school', also: /^\/(alert|list)\b/ }]
export function school_pages(me: Me): Page[] {
    return [
        { path: /^\/$/, show: () => <SchoolHome me={me} /> },
        { path: /^\/list$/, show: () => <DeskList me={me.person} /> },
        { path: /^\/alert\/([^/]+)\/([^/]+)$/, show: ([sender = '', id = '']) => <Alert key={`${sender}/${id}`} sender={sender} id={id} me={me.person} advice={(item) => <Advice item={item} />} /> },
    ]
}
