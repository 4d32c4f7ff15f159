// One's own account and the colleagues': everybody who is signed in has them.
import type { Me } from '../shared/catalogue'
import type { Page } from '../shared/route'
import { AddColleague, ColleagueAccount } from './colleague'
import { Account, Passphrase } from './own'
import { AccessRecord } from './record'

export function account_pages(me: Me): Page[] {
    return [
        { path: /^\/account$/, show: () => <Account me={me} /> },
        { path: /^\/account\/record$/, show: () => <AccessRecord /> },
        { path: /^\/account\/passphrase$/, show: () => <Passphrase /> },
        { path: /^\/account\/add$/, show: () => <AddColleague me={me} /> },
        { path: /^\/account\/colleague\/([a-z0-9._-]+)$/, show: ([person = '']) => <ColleagueAccount key={person} me={me} person={person} /> },
    ]
}
