import type { JSX } from 'preact'
import { call } from '../shared/api'
import { Heading, use_title } from '../shared/frame'
import { Failed, use_reading } from '../shared/reading'
import { Link } from '../shared/route'
import { time_words } from '../shared/time'
import { Text } from '../shared/value'
import { delete_draft } from './draft'

export function DraftLines(): JSX.Element {
    const { got, failure, again } = use_reading(() => call('get', '/api/v1/drafts'), 'drafts')
    const now = new Date()
    return (
        <>
            <Failed failure={failure} />
            {got !== null && got.drafts.length === 0 && <p class="govuk-body">You have begun nothing that is not sent.</p>}
            {got !== null && got.drafts.length > 0 && (
                <ul class="concern-list">
                    {got.drafts.map((draft) => (
                        <li class="concern-line" key={draft.id}>
                            <p class="govuk-body">
                                <Link to={`/concern/${draft.id}/check`}>{draft.label === '' ? 'No name given yet' : <Text of={draft.label} />}</Link>
                                <br /><span class="desk-quiet">Saved {time_words(draft.saved_at, now)}. Kept until {time_words(draft.kept_until, now)}.</span>
                            </p>
                            <button type="button" class="desk-plain-button" onClick={() => { if (window.confirm('Throw this away? It cannot be brought back.')) void delete_draft(draft.id).then(again) }}>
                                Throw away<span class="govuk-visually-hidden"> the draft saved {time_words(draft.saved_at, now)}</span>
                            </button>
                        </li>
                    ))}
                </ul>
            )}
        </>
    )
}
export function Drafts(): JSX.Element {
    use_title('Drafts')
    return (
        <>
            <Heading>What you have begun and not sent</Heading>
            <p class="govuk-body">Only you can open these. Your agency’s agent keeps each for two weeks from the last change; this browser keeps nothing.</p>
            <DraftLines />
            <p class="govuk-body"><Link to="/concern">Share a concern</Link></p>
        </>
    )
}
