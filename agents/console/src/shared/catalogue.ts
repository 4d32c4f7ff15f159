// The area's vocabulary, read once from the agent: types, sections, roles and codes in the words of the signed catalogue.
import { useEffect } from 'preact/hooks'
import { call, type Failure, type Schemas } from './api'
import { create_store, use_store } from './store'
import { plain } from './words'

export type Catalogue = Schemas['Catalogue']
export type TypeEntry = Schemas['CatalogueType']
export type SectionEntry = Schemas['CatalogueSection']
export type FieldEntry = Schemas['CatalogueField']
export type Me = Schemas['Me']
type Held = { catalogue: Catalogue | null; failure: Failure | null }

const held = create_store<Held>({ catalogue: null, failure: null })
let reading = false
async function read(): Promise<void> {
    if (reading) return
    reading = true
    const answer = await call('get', '/api/v1/catalogue')
    reading = false
    held.set(answer.ok ? { catalogue: answer.body, failure: null } : { ...held.get(), failure: answer })
}
/** Read again each time a page needs it: whether the front door is open changes, and so may the policy. */
export function use_catalogue(): Held {
    useEffect(() => void read(), [])
    return use_store(held)
}

export const type_of = (catalogue: Catalogue, type: string): TypeEntry | undefined => catalogue.types.find((one) => one.type === type)
export const section_of_catalogue = (catalogue: Catalogue, section: string): SectionEntry | undefined => catalogue.sections.find((one) => one.section === section)
export const section_words = (catalogue: Catalogue, section: string): string => section_of_catalogue(catalogue, section)?.title ?? plain(section)
export const role_words = (catalogue: Catalogue, role: string): string => catalogue.roles.find((one) => one.role === role)?.title ?? plain(role)
export const agency_words = (catalogue: Catalogue, agency: string): string => catalogue.agencies.find((one) => one.agency === agency)?.name ?? agency
export const view_section = (catalogue: Catalogue, view: string): string => catalogue.views.find((one) => one.view === view)?.section ?? view.split('.')[0] ?? view

export function code_title(catalogue: Catalogue, vocabulary: string, code: string): string {
    return catalogue.words[vocabulary]?.find((one) => one.code === code)?.title ?? plain(code)
}
export function choices_of(catalogue: Catalogue, vocabulary: string): { value: string; label: string }[] {
    return (catalogue.words[vocabulary] ?? []).map(({ code, title }) => ({ value: code, label: title }))
}

/** Whom to ring now: the front door, or the duty team while it is shut. */
export function duty(catalogue: Catalogue): { title: string; telephone: string; open: boolean } {
    const { day, night, open } = catalogue.front_door
    const role = catalogue.roles.find((one) => one.role === (open ? day : night))
    return { title: role?.title ?? plain(open ? day : night), telephone: role?.telephone ?? '', open }
}
