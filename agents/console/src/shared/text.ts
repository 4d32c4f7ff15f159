// Text that came from outside, made safe to read. The page never makes markup of it (Preact writes text nodes); here what the
// eye cannot see is made visible, so that nobody can turn a sentence around or hide a word in it.
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
export const shown_at_first = 2000

/** The agent's words as a sentence beside others. */
export const sentence = (text: string): string => (text === '' || /[.!?:]$/.test(text) ? text : `${text}.`)

export function visible(text: string): string {
    return text.replace(hidden, (c) => `[U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)
}
