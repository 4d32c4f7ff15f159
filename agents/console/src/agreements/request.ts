// What a family said, as a form holds it: what is missing of it, and what it becomes.
import type { Schemas } from '../shared/api'
import { instant_from } from '../shared/fields'
import type { FieldErrors } from '../shared/form'

type Request = Schemas['AgreementRequest']
export type Given = { notification: string; status: string; giver: string; not_sought_reason: string; form: string; differ: string[]; agencies: string[]; purpose: string; said_at: string; expires: string; sought_by: string; evidence: string }
export const nothing: Given = { notification: '', status: '', giver: '', not_sought_reason: '', form: '', differ: [], agencies: [], purpose: '', said_at: '', expires: '', sought_by: '', evidence: '' }
const is_instant = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text))

export function faults_of(given: Given): FieldErrors {
    const wrong: FieldErrors = {}
    const was_asked = given.status === 'given' || given.status === 'refused'
    if (given.notification === '') wrong.notification = 'Choose what it is about'
    if (given.status === '') wrong.status = 'Choose what they said'
    if (given.status === 'not_sought' && given.not_sought_reason === '') wrong.not_sought_reason = 'Choose why they were not asked'
    if (was_asked && given.giver === '') wrong.giver = 'Choose who answered'
    if (was_asked && given.form === '') wrong.form = 'Choose how they said it'
    if (given.status === 'given' && given.purpose === '') wrong.purpose = 'Choose what they agreed to'
    if (given.status === 'given' && given.agencies.length === 0) wrong.agency = 'Add who may know'
    if (given.status !== '' && !is_instant(given.said_at)) wrong.said_at = given.status === 'not_sought' ? 'Enter when it was decided not to ask them, as day and time' : 'Enter when they were asked, as day and time'
    if (given.expires !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(given.expires)) wrong.expires = 'Enter a day, or nothing'
    return wrong
}
export function request_of(given: Given): Request {
    const was_asked = given.status !== 'not_sought'
    const agreed = given.status === 'given'
    return {
        status: given.status as Request['status'], notification: given.notification, said_at: given.said_at,
        ...(was_asked
            ? { giver: given.giver as Request['giver'], form: given.form as Request['form'], other_holder_objects: given.differ.includes('other_holder_objects'), child_and_parent_differ: given.differ.includes('child_and_parent_differ') }
            : { not_sought_reason: given.not_sought_reason as Request['not_sought_reason'] }),
        ...(agreed ? { purpose: given.purpose as Request['purpose'], named_agencies: given.agencies } : {}),
        ...(agreed && given.expires !== '' ? { expires_at: instant_from(given.expires, '23:59') } : {}),
        ...(given.sought_by.trim() === '' ? {} : { sought_by: given.sought_by.trim() }),
        ...(given.evidence.trim() === '' ? {} : { evidence: given.evidence.trim() }),
    }
}
