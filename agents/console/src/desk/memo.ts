// A row is drawn again only when something in it has changed: thousands of others are not. (Preact keeps `memo` in its
// React layer, which is larger than these lines.)
import { Component, h, type ComponentType, type FunctionComponent } from 'preact'

export function memo<P extends object>(of: FunctionComponent<P>): ComponentType<P> {
    return class Memo extends Component<P> {
        shouldComponentUpdate(next: Readonly<P>): boolean {
            const names = Object.keys(next) as (keyof P)[]
            return names.some((name) => next[name] !== this.props[name])
        }
        render(): ReturnType<Component['render']> {
            return h(of, this.props as P & { children?: never })
        }
    }
}
