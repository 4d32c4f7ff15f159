// Conflicts of interest: whom nothing may reach that is said about a child. Front door and designated officer alone.
import type { Me } from '../shared/catalogue'
import type { NavigationEntry } from '../shared/frame'
import type { Page } from '../shared/route'
import { Declare } from './declare'
import { Conflicts } from './list'

/** Who of the front door may, the agent says. */
export const conflicts_navigation = (me: Me): NavigationEntry[] => (me.agency_kind === 'front_door' ? [{ to: '/conflicts', label: 'Conflicts', also: /^\/conflicts\// }] : [])
export function conflicts_pages(me: Me): Page[] {
    return [
        { path: /^\/conflicts$/, show: () => <Conflicts /> },
        { path: /^\/conflicts\/new$/, show: () => <Declare me={me} /> },
    ]
}
