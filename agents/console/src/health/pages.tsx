// The look-up of unscheduled care: emergency departments, minor injuries, 111 and ambulance.
import type { Me } from '../shared/catalogue'
import type { NavigationEntry } from '../shared/frame'
import type { Page } from '../shared/route'
import { CareStatus } from './care_status'

/** The role of the catalogue that may look up; the agent refuses everybody else. */
const may_look_up = (me: Me): boolean => me.roles.some(({ role }) => role === 'urg')
export const health_navigation = (me: Me): NavigationEntry[] => (may_look_up(me) ? [{ to: '/care-status', label: 'Care status' }] : [])
export const health_pages = (me: Me): Page[] => (may_look_up(me) ? [{ path: /^\/care-status$/, show: () => <CareStatus /> }] : [])
