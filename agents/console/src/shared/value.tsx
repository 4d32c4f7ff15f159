// Shows what somebody wrote: as text, with a direction of its own, whatever is in it and however long it is.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Schemas } from './api'
import { shown_at_first, visible } from './text'
import { date_words, full_time } from './time'
import { code_words, field_title } from './words'

export function Text(props: { of: string }): JSX.Element {
    const [whole, set_whole] = useState(false)
    if (props.of.length <= shown_at_first || whole) return <span class="desk-words" dir="auto">{visible(props.of)}</span>
    return (
        <>
            <span class="desk-words" dir="auto">{visible(props.of.slice(0, shown_at_first))}</span>{' '}
            <button type="button" class="desk-plain-button" onClick={() => set_whole(true)}>
                Show all {props.of.length.toLocaleString('en-GB')} characters
            </button>
        </>
    )
}

export function Value(props: { of: unknown }): JSX.Element {
    const value = props.of
    if (value === null || value === undefined || value === '') return <>Not known</>
    if (typeof value === 'boolean') return <>{value ? 'Yes' : 'No'}</>
    if (typeof value === 'number') return <>{value}</>
    if (typeof value === 'string') {
        if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value))) return <>{full_time(value)}</>
        return <Text of={code_words(date_words(value))} />
    }
    if (Array.isArray(value)) {
        return <ul class="govuk-list govuk-list--bullet">{value.map((one, at) => <li key={at}><Value of={one} /></li>)}</ul>
    }
    return <Fields of={value as Record<string, unknown>} />
}

/** As the catalogue orders them; what it does not know comes last, as it came. */
function in_order(of: Record<string, unknown>, words: Schemas['CatalogueField'][] | undefined): [string, unknown][] {
    const at = (field: string): number => {
        const place = words?.findIndex((one) => one.field === field) ?? -1
        return place < 0 ? words?.length ?? 0 : place
    }
    return Object.entries(of).sort(([a], [b]) => at(a) - at(b))
}

/** `words`: the catalogue's fields of the section; what is not there is called and shown as it is written. */
export function Fields(props: { of: Record<string, unknown>; was?: Record<string, unknown> | undefined; words?: Schemas['CatalogueField'][] | undefined }): JSX.Element {
    return (
        <dl class="govuk-summary-list desk-fields">
            {in_order(props.of, props.words).map(([field, value]) => {
                const words = props.words?.find((one) => one.field === field)
                const said = (of: unknown): unknown => words?.choices.find(({ code }) => code === of)?.title ?? of
                return (
                    <div class="govuk-summary-list__row" key={field}>
                        <dt class="govuk-summary-list__key"><Text of={words?.title ?? field_title(field)} /></dt>
                        <dd class="govuk-summary-list__value">
                            {props.was !== undefined && field in props.was && (
                                <p class="desk-was"><span class="govuk-visually-hidden">This was wrong: </span><del><Value of={said(props.was[field])} /></del></p>
                            )}
                            <Value of={said(value)} />
                        </dd>
                    </div>
                )
            })}
        </dl>
    )
}
