// A protected address: asking for its release, and the two decisions.
import type { Page } from '../shared/route'
import { AskRelease } from './ask'
import { DecideRelease } from './decide'

export function release_pages(): Page[] {
    return [
        { path: /^\/sent\/([0-9a-f-]{36})\/release$/, show: ([id = '']) => <AskRelease key={id} id={id} /> },
        { path: /^\/release\/([0-9a-f-]{36})$/, show: ([id = '']) => <DecideRelease key={id} id={id} /> },
    ]
}
