// Which area is meant, where an agent serves several. It is asked for only when the agent says so: most serve one.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure } from '../shared/api'
import { Field, type FieldErrors } from '../shared/form'

export type AreaAsked = {
    query: Record<string, string>
    check: (wrong: FieldErrors) => void
    /** True: the agent asks for the area, or does not know the one that was named; said at its field. */
    takes: (failure: Failure, wrong: FieldErrors) => boolean
    field: (errors: FieldErrors) => JSX.Element | null
}
/** Signed out and in again it is the same area, as long as the page is open. */
let last = ''

export function use_area(): AreaAsked {
    const [area, set_area] = useState(last)
    const [asks, set_asks] = useState(last !== '')
    const named = area.trim().toLowerCase()
    return {
        query: asks && named !== '' ? { area: named } : {},
        check: (wrong) => {
            if (asks && named === '') wrong.area = 'Enter the area that you work in'
        },
        takes: (failure, wrong) => {
            if (failure.code === 'missing_field' && !asks) wrong.area = 'Your agency works in several areas. Enter the one that you mean'
            else if (failure.code === 'unknown_area') wrong.area = 'Your agency does not work in an area of this name'
            else return false
            set_asks(true)
            return true
        },
        field: (errors) => (!asks ? null : (
            <Field
                id="area" label="Area" hint="The name of the area as it was given to you, for example worcestershire" width="govuk-input--width-20" value={area} error={errors.area}
                on_input={(value) => {
                    last = value
                    set_area(value)
                }}
            />
        )),
    }
}
