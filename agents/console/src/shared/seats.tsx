// Whom somebody means: seats of the area, one after the other. A list of hundreds of schools is gone through by typing the first letters.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { role_title, type Catalogue } from './catalogue'
import { Select } from './fields'
import { Button } from './form'
import { Text } from './value'

/** `chosen`: AGENCY/ROLE each. */
export function Seats(props: { id: string; label: string; heading: string; chosen: string[]; but?: string[]; catalogue: Catalogue; error?: string | undefined; on_change: (chosen: string[]) => void }): JSX.Element {
    const { chosen, catalogue } = props
    const [at, set_at] = useState('')
    const label = (seat: string): string => {
        const [agency = '', role = ''] = seat.split('/')
        return `${catalogue.agencies.find((one) => one.agency === agency)?.name ?? agency}: ${role_title(catalogue, role)}`
    }
    const internal = new Set(catalogue.roles.filter((role) => role.internal).map(({ role }) => role))
    const seats = catalogue.agencies.flatMap(({ agency, roles }) => roles.filter((role) => !internal.has(role)).map((role) => `${agency}/${role}`)).filter((seat) => !chosen.includes(seat) && props.but?.includes(seat) !== true)
    return (
        <>
            {chosen.length > 0 && (
                <>
                    <h2 class="govuk-heading-s">{props.heading}</h2>
                    <ul class="govuk-list">
                        {chosen.map((seat) => (
                            <li key={seat}>
                                <Text of={label(seat)} />{' '}
                                <button type="button" class="desk-plain-button" onClick={() => props.on_change(chosen.filter((one) => one !== seat))}>
                                    Remove<span class="govuk-visually-hidden"> {label(seat)}</span>
                                </button>
                            </li>
                        ))}
                    </ul>
                </>
            )}
            <Select id={props.id} label={props.label} value={at} choices={[{ value: '', label: 'Choose' }, ...seats.map((seat) => ({ value: seat, label: label(seat) })).sort((a, b) => a.label.localeCompare(b.label))]} on_choose={set_at} error={props.error} />
            <Button
                kind="secondary"
                on_press={() => {
                    if (at === '') return
                    props.on_change([...chosen, at])
                    set_at('')
                }}
            >
                Add this agency
            </Button>
        </>
    )
}
