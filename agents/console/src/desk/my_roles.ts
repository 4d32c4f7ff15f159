import { useMemo } from 'preact/hooks'
import { session } from '../shared/session'
import { use_store } from '../shared/store'

/** In which this person may send, in the agency of each. */
export function use_my_roles(): string[] {
    const who = use_store(session)
    const roles = who.is === 'in' ? who.session.me.roles : undefined
    return useMemo(() => roles?.map(({ role }) => role) ?? [], [roles])
}
