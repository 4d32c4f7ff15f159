// The area's vocabulary as the agent gives it: types, sections and fields, agencies, every code in words. Nothing in it is about
// a person. It is asked for by each page that needs it; what was known before is shown meanwhile.
import { useEffect } from 'preact/hooks'
import { call, type Failure, type Schemas } from './api'
import { create_store, use_store } from './store'
import { plain } from './words'

export type Catalogue = Schemas['Catalogue']
export type TypeEntry = Schemas['CatalogueType']
export type FieldEntry = Schemas['CatalogueField']
export type Me = Schemas['Me']
type Choice = { value: string; label: string }
const known = create_store<Catalogue | null>(null)
const refused = create_store<Failure | null>(null)

export function use_catalogue(): Catalogue | null {
    useEffect(() => {
        void call('get', '/api/v1/catalogue').then((answer) => {
            if (answer.ok) known.set(answer.body)
            refused.set(answer.ok ? null : answer)
        })
    }, [])
    return use_store(known)
}
/** Why there is none yet. */
export const use_catalogue_failure = (): Failure | null => use_store(refused)

export const words_of = (from: Catalogue | null, vocabulary: string): Schemas['CodeInWords'][] => from?.words[vocabulary] ?? []
export const code_title = (from: Catalogue | null, vocabulary: string, code: string): string => words_of(from, vocabulary).find((one) => one.code === code)?.title ?? plain(code)
export const choices_of = (from: Catalogue | null, vocabulary: string): Choice[] => words_of(from, vocabulary).map(({ code, title }) => ({ value: code, label: title }))
export const agency_name = (from: Catalogue | null, agency: string): string => from?.agencies.find((one) => one.agency === agency)?.name ?? agency
export const role_title = (from: Catalogue | null, role: string): string => from?.roles.find((one) => one.role === role)?.title ?? role
export const type_entry = (from: Catalogue | null, type: string): TypeEntry | undefined => from?.types.find((one) => one.type === type)
export const type_title = (from: Catalogue | null, type: string): string | undefined => type_entry(from, type)?.title
export const section_entry = (from: Catalogue | null, section: string): Schemas['CatalogueSection'] | undefined => from?.sections.find((one) => one.section === section)
export const section_name = (from: Catalogue | null, section: string): string => section_entry(from, section)?.title ?? plain(section)
export const section_of_view = (from: Catalogue | null, view: string): string => from?.views.find((one) => one.view === view)?.section ?? view.split('.')[0] ?? view

/** Whom to ring now: the front door, or the duty team while it is shut. */
export function duty(from: Catalogue): { title: string; telephone: string; open: boolean } {
    const { day, night, open } = from.front_door
    const role = open ? day : night
    return { title: role_title(from, role), telephone: from.roles.find((one) => one.role === role)?.telephone ?? '', open }
}
