// What this desk holds about the people whom an alert names: brothers and sisters, parents, whoever else. For the front door
// and the Emergency Duty Team; the agent sends nothing of it to anybody else.
import type { JSX } from 'preact'
import type { Schemas } from '../shared/api'
import { agency_name, type Catalogue } from '../shared/catalogue'
import { Link } from '../shared/route'
import { full_time } from '../shared/time'
import { Text } from '../shared/value'
import { plain } from '../shared/words'
import { link_words, named, type LinkedEntry } from './linked_model'
import { key_of } from './list_model'
import { is_taken_back, type Lines } from './read_through'

const at = (of: { sender: string; id: string }): string => `${encodeURIComponent(of.sender)}/${of.id}`

/** On the alert: that somebody is named, and where to look. Who it is stands in the sections. */
export function NamedPeople(props: { item: Schemas['ReceivedItem'] }): JSX.Element | null {
    const people = props.item.linked_people ?? []
    if (people.length === 0) return null
    return (
        <section>
            <h2 class="govuk-heading-m">Linked people</h2>
            <p class="govuk-body">The sender names, so that you can find them again: {named(people)}.</p>
            <p class="govuk-body desk-no-print"><Link to={`/chronology/${at(props.item)}`}>See what this desk holds about them</Link></p>
        </section>
    )
}

export function LinkedItems(props: { entries: LinkedEntry[]; now: Lines; catalogue: Catalogue | null }): JSX.Element | null {
    const { catalogue, now } = props
    const entries = props.entries.filter((entry) => !is_taken_back(entry, now))
    if (entries.length === 0) return null
    return (
        <section>
            <h2 class="govuk-heading-m">About linked people</h2>
            <p class="govuk-body">Alerts about other children that lead to this one. Each child’s alert is taken by itself.</p>
            <ol class="desk-list govuk-body">
                {entries.map((entry) => {
                    const when = entry.occurred_at ?? entry.accepted_at
                    return (
                        <li key={key_of(entry)} class="desk-event desk-linked">
                            <p class="desk-event__when">{when === null ? 'No date' : full_time(when)}</p>
                            <div>
                                <p><Link to={`/alert/${at(entry)}`}><Text of={entry.title ?? plain(entry.type)} /></Link></p>
                                {entry.links.map((link) => <p key={link_words(link)}><strong>{link_words(link)}</strong></p>)}
                                {entry.headline !== null && <p><Text of={entry.headline} /></p>}
                                {!entry.opened && <p class="desk-quiet">Nobody here has opened this yet</p>}
                                <p>From <Text of={agency_name(catalogue, entry.sender)} /></p>
                                {entry.replaced_by !== null && <p><strong class="govuk-tag govuk-tag--orange">Put right since</strong> <Link to={`/alert/${at({ sender: entry.sender, id: entry.replaced_by })}`}>Read the correction</Link></p>}
                            </div>
                        </li>
                    )
                })}
            </ol>
        </section>
    )
}
