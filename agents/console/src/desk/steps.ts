// What may follow from an alert: which types of the catalogue this person may send, the usual ones in a desk's words first.
import type { Catalogue } from '../shared/catalogue'

export type How = 'new' | 'pass-on'
export type Step = { type: string; how: How; label: string }
type CatalogueType = Catalogue['types'][number]

export const passed_on = 'passed_on'
/** 0: what two people release; from 101 on about an earlier message. These have ways of their own. */
const is_said_by_people = ({ row }: CatalogueType): boolean => row > 0 && row <= 100
const usual: [string, string][] = [
    ['information_request', 'Ask an agency what it knows'],
    ['strategy_discussion_invite', 'Invite to a strategy discussion'],
    ['referral_outcome', 'Tell whoever referred what came of it'],
    ['step_change', 'Step help up or down'],
]

export function roles_for(type: CatalogueType, my_roles: string[]): string[] {
    return type.any_role ? my_roles : my_roles.filter((role) => type.sender_roles.includes(role) || type.kinds.some((kind) => kind.any_role || kind.sender_roles.includes(role)))
}
export function types_for(catalogue: Catalogue, my_roles: string[]): CatalogueType[] {
    return catalogue.types.filter((type) => type.in_force && is_said_by_people(type) && roles_for(type, my_roles).length > 0)
}
/** Front door and emergency duty alone pass on what another agency told them, of whatever type. */
export function may_pass_on(catalogue: Catalogue | null, type: string, my_roles: string[]): boolean {
    if (catalogue === null) return false
    const at_the_door = my_roles.some((role) => role === catalogue.front_door.day || role === catalogue.front_door.night)
    const row = catalogue.types.find((one) => one.type === type)
    return at_the_door && row !== undefined && row.in_force && is_said_by_people(row)
}
export function steps_of(catalogue: Catalogue | null, type: string, my_roles: string[]): Step[] {
    if (catalogue === null) return []
    const allowed = new Set(types_for(catalogue, my_roles).map((one) => one.type))
    const steps: Step[] = usual.filter(([one]) => allowed.has(one)).map(([one, label]) => ({ type: one, how: 'new', label }))
    if (may_pass_on(catalogue, type, my_roles)) steps.unshift({ type, how: 'pass-on', label: 'Pass this on to those who work with the child' })
    return steps
}
