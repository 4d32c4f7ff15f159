// The catalogue's words where it may not have been read yet: then codes are shown, made readable.
import { agency_words, code_title, role_words, type_of, use_catalogue as use_held, type Catalogue } from '../shared/catalogue'
import { plain } from '../shared/words'

export type { Catalogue }
export const use_catalogue = (): Catalogue | null => use_held().catalogue
export const agency_name = (from: Catalogue | null, agency: string): string => (from === null ? agency : agency_words(from, agency))
export const role_title = (from: Catalogue | null, role: string): string => (from === null ? role : role_words(from, role))
export const type_title = (from: Catalogue | null, type: string): string => (from === null ? undefined : type_of(from, type)?.title) ?? plain(type)
export const word_of = (from: Catalogue | null, vocabulary: string, code: string): string => (from === null ? plain(code) : code_title(from, vocabulary, code))
