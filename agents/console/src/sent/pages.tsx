import type { Page } from '../shared/route'
import { SentDone, SentOne, TakeBack } from './item'
import { SentList } from './list'

export const sent_navigation = [{ to: '/sent', label: 'Sent', also: /^\/sent\// }]
export function sent_pages(): Page[] {
    return [
        { path: /^\/sent$/, show: () => <SentList /> },
        { path: /^\/sent\/([0-9a-f-]{36})$/, show: ([id = '']) => <SentOne key={id} id={id} /> },
        { path: /^\/sent\/([0-9a-f-]{36})\/take-back$/, show: ([id = '']) => <TakeBack key={id} id={id} /> },
        { path: /^\/sent\/([0-9a-f-]{36})\/done$/, show: ([id = '']) => <SentDone key={id} id={id} /> },
    ]
}
