// Which pages and which navigation a person has: a school begins with its own first page, everybody else with the live list.
import { account_pages } from './account/pages'
import { agreements_navigation, agreements_pages } from './agreements/pages'
import { concern_navigation, concern_pages } from './concern/pages'
import { conflicts_navigation, conflicts_pages } from './conflicts/pages'
import { desk_navigation, desk_pages } from './desk/pages'
import { export_pages } from './export/pages'
import { health_navigation, health_pages } from './health/pages'
import { help_navigation, help_pages } from './help/pages'
import { identity_navigation, identity_pages } from './identity/pages'
import { imports_navigation, imports_pages } from './imports/pages'
import { release_pages } from './release/pages'
import { is_school } from './school/kind'
import { school_navigation, school_pages } from './school/pages'
import { sent_navigation, sent_pages } from './sent/pages'
import type { Me } from './shared/catalogue'
import type { NavigationEntry } from './shared/frame'
import type { Page } from './shared/route'

export function pages_of(me: Me): Page[] {
    // The first that fits is shown.
    return [...(is_school(me) ? school_pages(me) : []), ...desk_pages(me.person), ...concern_pages(me), ...sent_pages(), ...export_pages(), ...release_pages(), ...identity_pages(), ...conflicts_pages(me), ...agreements_pages(), ...health_pages(me), ...imports_pages(), ...account_pages(me), ...help_pages()]
}
/** A school opens this twice a week: what it seldom needs stands on its first page instead. */
const seldom_of_a_school = new Set(['/', '/search', '/unconfirmed'])
export function navigation_of(me: Me): NavigationEntry[] {
    if (!is_school(me)) return [...health_navigation(me), ...desk_navigation, ...identity_navigation(me), ...conflicts_navigation(me), ...concern_navigation(false), ...sent_navigation, ...agreements_navigation, ...imports_navigation, ...help_navigation]
    return [...school_navigation, ...concern_navigation(true), ...sent_navigation, ...desk_navigation.filter(({ to }) => !seldom_of_a_school.has(to)), ...help_navigation]
}
