import type { Me } from '../shared/catalogue'

/** Which agencies are schools is the registry's word. */
export const is_school = (me: Pick<Me, 'agency_kind'>): boolean => me.agency_kind === 'school' || me.agency_kind === 'early_years'
