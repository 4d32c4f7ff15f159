// Every text that any page shows goes through here, whoever wrote the page: what the eye cannot see is written out. Preact makes
// text nodes of text, so it is never markup; what people type in a field is theirs and stays as it is. What is longer than any label
// of ours is cut: only `Text`, which says how long it is and shows the rest when asked, draws what may be long.
import { Fragment, options, type ComponentChildren, type VNode } from 'preact'
import { shown_at_first, visible } from './text'

const words_of_tags = ['aria-label', 'title', 'alt', 'placeholder', 'label'] as const

const cut = (text: string): string => visible(text.length <= shown_at_first ? text : `${text.slice(0, shown_at_first)}… (${text.length.toLocaleString('en-GB')} characters)`)
function shown(children: ComponentChildren, draw: (text: string) => string): ComponentChildren {
    if (typeof children === 'string') return draw(children)
    return Array.isArray(children) ? children.map((one) => shown(one, draw)) : children
}
function make_visible(vnode: VNode): void {
    const props = vnode.props as Record<string, unknown> & { children?: ComponentChildren }
    if (typeof vnode.type !== 'string' && vnode.type !== Fragment) return
    const is_long = props.class === 'desk-words'
    if (props.children !== undefined && vnode.type !== 'textarea') props.children = shown(props.children, is_long ? visible : cut)
    for (const name of words_of_tags) if (typeof props[name] === 'string') props[name] = cut(props[name] as string)
}

const before = options.vnode
options.vnode = (vnode) => {
    make_visible(vnode)
    before?.(vnode)
}
