// What a school does with a notice today, in the words of its area's catalogue: for this type, then for every type.
import type { JSX } from 'preact'
import type { Schemas } from '../shared/api'
import { use_catalogue, type Catalogue } from '../shared/catalogue'
import { Text } from '../shared/value'

/** Codes are "TYPE.1", "TYPE.2" and "any.1", in the order of the text. */
export function to_do_today(catalogue: Catalogue | null, type: string): string[] {
    const all = catalogue?.words.to_do_today ?? []
    const of = (which: string): string[] => all.filter(({ code }) => code.split('.')[0] === which).map(({ title }) => title)
    return [...of(type), ...of('any')]
}
export function Advice(props: { item: Schemas['ReceivedItem'] }): JSX.Element | null {
    const lines = to_do_today(use_catalogue(), props.item.type)
    if (lines.length === 0) return null
    return (
        <section class="govuk-inset-text">
            <h2 class="govuk-heading-m">What to do today</h2>
            <ul class="govuk-list govuk-list--bullet">{lines.map((one) => <li key={one}><Text of={one} /></li>)}</ul>
        </section>
    )
}
