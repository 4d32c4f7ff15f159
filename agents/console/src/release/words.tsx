// What the pages of a release say alike: what goes, and in which of its two steps it is.
import type { JSX } from 'preact'
import type { Schemas } from '../shared/api'
import type { Catalogue } from '../shared/catalogue'

type Seat = Schemas['Seat']
/** The type of deploy/policy/catalogue.toml by which an address travels, and its two questions. */
export const release_type = 'protected_address_release'
export const second_question = 'D3-2'

export const seat_key = ({ agency, role }: Seat): string => `${agency}/${role}`
export function seat_of(key: string): Seat {
    const [agency = '', role = ''] = key.split('/')
    return { agency, role }
}

/** What of this is kept from its recipients until two people release it. */
export function kept_sections(item: Pick<Schemas['SentItem'], 'recipients'>, catalogue: Catalogue): string[] {
    const protected_ones = new Set(catalogue.sections.filter(({ needs_release }) => needs_release).map(({ section }) => section))
    return [...new Set(item.recipients.flatMap(({ withheld }) => withheld).filter((section) => protected_ones.has(section)))]
}

export function WhatGoes(): JSX.Element {
    return (
        <section>
            <h2 class="govuk-heading-m">What they would be shown</h2>
            <p class="govuk-body">A message of its own, with:</p>
            <ul class="govuk-list govuk-list--bullet">
                <li>the protected address, and why it is protected</li>
                <li>the child’s name and date of birth</li>
                <li>in a line, what it was about and when</li>
                <li>whom to ring, and how to make contact safely</li>
            </ul>
            <p class="govuk-body">Nothing else of what you sent. It can be taken back like anything that was sent; what somebody has read cannot be unread.</p>
        </section>
    )
}
