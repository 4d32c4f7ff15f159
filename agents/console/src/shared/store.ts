// A value that pages watch. In memory only: nothing of it is written to the browser's storage.
import { useEffect, useState } from 'preact/hooks'

export type Store<T> = { get(): T; set(value: T): void; watch(then: () => void): () => void }
export function create_store<T>(value: T): Store<T> {
    const watchers = new Set<() => void>()
    return {
        get: () => value,
        set: (next) => {
            value = next
            for (const then of [...watchers]) then()
        },
        watch: (then) => {
            watchers.add(then)
            return () => watchers.delete(then)
        },
    }
}
export function use_store<T>(store: Store<T>): T {
    const [, again] = useState(0)
    const drawn = store.get()
    useEffect(() => {
        const draw = (): void => again((n) => n + 1)
        // Effects run after the browser has painted: what was set before that was told to nobody.
        if (store.get() !== drawn) draw()
        return store.watch(draw)
    }, [store])
    return drawn
}
