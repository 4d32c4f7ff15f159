// The area's vocabulary as the agent gives it: types, sections and fields, agencies, every code in words. Nothing in it is about
// a person. It is asked for by each page that needs it; what was known before is shown meanwhile.
import { useEffect } from 'preact/hooks'
import { call, type Schemas } from './api'
import { create_store, use_store } from './store'
import { plain } from './words'

export type Catalogue = Schemas['Catalogue']
const known = create_store<Catalogue | null>(null)

export function use_catalogue(): Catalogue | null {
    useEffect(() => {
        void call('get', '/api/v1/catalogue').then((answer) => {
            if (answer.ok) known.set(answer.body)
        })
    }, [])
    return use_store(known)
}
export const words_of = (from: Catalogue | null, vocabulary: string): Schemas['CodeInWords'][] => from?.words[vocabulary] ?? []
export const word_of = (from: Catalogue | null, vocabulary: string, code: string): string => words_of(from, vocabulary).find((one) => one.code === code)?.title ?? plain(code)
export const agency_name = (from: Catalogue | null, agency: string): string => from?.agencies.find((one) => one.agency === agency)?.name ?? agency
export const role_title = (from: Catalogue | null, role: string): string => from?.roles.find((one) => one.role === role)?.title ?? role
export const type_title = (from: Catalogue | null, type: string): string | undefined => from?.types.find((one) => one.type === type)?.title
