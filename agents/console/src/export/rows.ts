// What stands in which column of a file that is taken away.
import type { Schemas } from '../shared/api'
import { agency_name, code_title, role_title, type Catalogue } from '../shared/catalogue'
import { full_time } from '../shared/time'
import { plain } from '../shared/words'
import { link_words, type Entry } from '../desk/chronology_model'
import { alarm_words, state_words } from '../sent/words'

const time = (at: string | null): string => (at === null ? '' : full_time(at))

export function chronology_rows(entries: readonly Entry[], catalogue: Catalogue | null): string[][] {
    return [
        ['When it happened', 'When it came', 'What', 'In short', 'From', 'How it was found', 'Opened here', 'Put right since, by', 'Reference'],
        ...entries.map((entry) => [
            time(entry.occurred_at), time(entry.accepted_at), entry.title ?? plain(entry.type), entry.headline ?? '', agency_name(catalogue, entry.sender),
            link_words(entry.how_linked), entry.opened ? 'Yes' : 'No', entry.replaced_by ?? '', `${entry.sender}/${entry.id}`,
        ]),
    ]
}

type Item = Schemas['SentItem']
type Recipient = Item['recipients'][number]
function at_rung(of: Recipient, rung: string): string {
    return time(of.rungs.find((one) => one.rung === rung)?.at ?? null)
}
function outcome_of(of: Recipient, catalogue: Catalogue | null): string {
    const code = of.rungs.find((one) => one.rung === 'decided')?.code
    return code === undefined || code === '' ? '' : code_title(catalogue, 'outcome', code)
}
/** One for each who was told; one for what told nobody yet, so that nothing that was sent is missing. */
export function sent_rows(items: readonly Item[], catalogue: Catalogue | null): string[][] {
    const rows = [['Sent', 'What', 'As', 'How far', 'To', 'Agency', 'To be taken on by', 'Arrived', 'Opened', 'Taken on', 'Decided', 'Outcome', 'What to see to', 'Reference']]
    for (const item of items) {
        const head = [time(item.created_at), item.title ?? plain(item.type), role_title(catalogue, item.role), state_words(item.state).words]
        const see_to = [
            ...item.not_connected.map((gap) => `Ring ${role_title(catalogue, gap.role)} ${gap.telephone}`.trim()),
            ...item.alarms.map(({ alarm }) => alarm_words(alarm)),
        ].join(' ')
        for (const one of item.recipients) {
            rows.push([
                ...head, role_title(catalogue, one.recipient.role), one.name === '' ? one.recipient.agency : one.name, time(one.take_by), at_rung(one, 'stored'), at_rung(one, 'opened'),
                at_rung(one, 'taken'), at_rung(one, 'decided'), outcome_of(one, catalogue), see_to, item.id,
            ])
        }
        if (item.recipients.length === 0) rows.push([...head, '', '', '', '', '', '', '', '', item.refusal === null ? see_to : `${item.refusal.message} ${see_to}`.trim(), item.id])
    }
    return rows
}
