// Who sits beside whom: names for the ids that the list carries. Of this person's own inboxes, and gone with their session.
import { useCallback, useEffect } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { session } from '../shared/session'
import { create_store, use_store } from '../shared/store'

const none = { person: '', names: new Map<string, string>() }
const known = create_store(none)
session.watch(() => {
    const who = session.get()
    if (known.get() !== none && (who.is !== 'in' || who.session.me.person !== known.get().person)) known.set(none)
})

export type Names = (person: string) => string
export function use_names(): Names {
    const { names } = use_store(known)
    useEffect(() => {
        const who = session.get()
        if (who.is !== 'in') return
        const { me } = who.session
        void Promise.all(me.inboxes.map(({ id }) => call('get', '/api/v1/colleagues', { query: { inbox: id } }))).then((answers) => {
            const now = session.get()
            if (now.is !== 'in' || now.session.me.person !== me.person) return
            const all: Schemas['Colleague'][] = answers.flatMap((answer) => (answer.ok ? answer.body.colleagues : []))
            known.set({ person: me.person, names: new Map(all.map(({ person, name }) => [person, name ?? person])) })
        })
    }, [])
    return useCallback((person: string) => names.get(person) ?? person, [names])
}
