// What families said about sharing, for which referral, and taking it back.
import type { NavigationEntry } from '../shared/frame'
import type { Page } from '../shared/route'
import { Agreements } from './list'
import { OneAgreement } from './one'
import { RecordAgreement } from './record'

export const agreements_navigation: NavigationEntry[] = [{ to: '/agreements', label: 'Agreements', also: /^\/agreements\// }]
export function agreements_pages(): Page[] {
    return [
        { path: /^\/agreements$/, show: () => <Agreements /> },
        { path: /^\/agreements\/new$/, show: () => <RecordAgreement notification="" /> },
        { path: /^\/agreements\/new\/([0-9a-f-]{36})$/, show: ([id = '']) => <RecordAgreement key={id} notification={id} /> },
        { path: /^\/agreements\/([0-9a-f-]{36})$/, show: ([id = '']) => <OneAgreement key={id} id={id} /> },
    ]
}
