// Whether two records are of one child: the front door and the duty team decide.
import type { Me } from '../shared/catalogue'
import type { NavigationEntry } from '../shared/frame'
import type { Page } from '../shared/route'
import { Questions } from './list'
import { OneQuestion } from './question'

export const identity_navigation = (me: Me): NavigationEntry[] => (me.agency_kind === 'front_door' ? [{ to: '/questions', label: 'Same child?', also: /^\/questions\// }] : [])
export function identity_pages(): Page[] {
    return [
        { path: /^\/questions$/, show: () => <Questions /> },
        { path: /^\/questions\/([0-9a-f-]{36})$/, show: ([id = '']) => <OneQuestion key={id} id={id} /> },
    ]
}
