// One draft, one page at a time. What is typed is kept by the agent as it is typed; an address holds ids and never words.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type_entry, use_catalogue, use_catalogue_failure, type Catalogue, type Me } from '../shared/catalogue'
import { Button, ErrorSummary, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { Opening } from '../shared/reading'
import { go, Link, replace } from '../shared/route'
import { use_store } from '../shared/store'
import { clock_words } from '../shared/time'
import { Text } from '../shared/value'
import { as_type, type DraftContent } from './answers'
import { is_school } from '../school/kind'
import { Check } from './check'
import { begin_draft, change_draft, passes, delete_draft, forget_open, open_draft, read_draft, save_draft, type Open } from './draft'
import { faults_of, plan_of, step_title, type Plan, type Step, type StepId } from './layout'
import { StepBody, What } from './steps'

function plan_for(catalogue: Catalogue, content: DraftContent): Plan | null {
    const type = type_entry(catalogue, content.corrects?.type ?? content.type)
    if (type === undefined) return null
    const plan = plan_of(catalogue, type)
    // What is put right stays the kind of message that it was.
    return content.corrects === null ? plan : { ...plan, steps: plan.steps.filter(({ id }) => id !== 'what') }
}

function Saved(props: { draft: Open }): JSX.Element {
    const { state, saved_at, failure } = props.draft
    return (
        <p class="govuk-body-s desk-quiet desk-no-print" role="status">
            {state === 'saved' && saved_at !== null && `Saved at ${clock_words(new Date(saved_at))}. You can close the page and go on later.`}
            {(state === 'changed' || state === 'saving') && 'Saving…'}
            {state === 'failed' && <strong>Not saved yet. {failure?.message} {passes(failure) ? 'The page tries again; leave it open.' : failure?.next} What you have typed is still here.</strong>}
        </p>
    )
}

function Page(props: { draft: Open; plan: Plan | null; step: Step; catalogue: Catalogue; me: Me; faults: Record<string, string>; on_faults: (faults: Record<string, string>) => void }): JSX.Element {
    const { draft, plan, step, catalogue, me } = props
    const { content } = draft
    const { errors, round, show } = use_errors(() => Object.fromEntries(Object.entries(props.faults).filter(([field]) => step.facts.includes(field) || step.asked.some(({ key, section }) => key === field || section === field))))
    const correcting = content.corrects !== null
    use_title(`${correcting ? 'Put right' : 'Share'}: ${step.title}`)
    const steps = plan?.steps ?? [step]
    const at = steps.findIndex(({ id }) => id === step.id)
    const to = (id: string): string => `/concern/${draft.id}/${id}`
    const change = (field: string, value: string | string[]): void => change_draft((now) => ({ ...now, answers: { ...now.answers, [field]: value } }))
    const choose = (type: string): void => change_draft((now) => as_type(now, type))
    const go_on = (): void => {
        const wrong = plan === null ? { type: 'Choose what you want to share' } : faults_of(step, plan, content.answers, me, new Date())
        show(wrong)
        if (Object.keys(wrong).length > 0) return
        props.on_faults(Object.fromEntries(Object.entries(props.faults).filter(([field]) => !(field in errors))))
        // On at once: a lost link keeps nobody from writing, and what is not saved yet is tried again.
        void save_draft()
        const next = plan?.steps[at + 1]
        if (next !== undefined) go(to(next.id))
    }
    const before = steps[at - 1]
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <ErrorSummary errors={errors} round={round} />
                <Link to={before === undefined ? '/' : to(before.id)} class="govuk-back-link">Back</Link>
                <Heading caption={`${correcting ? 'Put right what you sent' : is_school(me) ? 'Share a concern' : 'Share'}${plan === null ? '' : `, page ${at + 1} of ${steps.length}`}`}>{step.title}</Heading>
                {step.id === 'check' && plan !== null ? (
                    <Check draft={draft} plan={plan} catalogue={catalogue} me={me} faults={props.faults} on_faults={props.on_faults} />
                ) : (
                    <form noValidate onSubmit={(event) => { event.preventDefault(); go_on() }}>
                        {step.id === 'what' || plan === null
                            ? <What catalogue={catalogue} me={me} answers={content.answers} errors={errors} change={change} type={content.type} choose={choose} plan={plan} />
                            : <StepBody step={step} plan={plan} catalogue={catalogue} me={me} answers={content.answers} errors={errors} change={change} correcting={correcting} />}
                        <Button type="submit">Continue</Button>
                    </form>
                )}
                <div class="desk-no-print">
                    <Saved draft={draft} />
                    <p class="govuk-body"><button type="button" class="desk-plain-button" onClick={() => void save_draft().then((saved) => { if (saved) go('/drafts') })}>Save and come back later</button></p>
                    <p class="govuk-body"><button type="button" class="desk-plain-button" onClick={() => { if (window.confirm('Throw this away? It cannot be brought back.')) void delete_draft(draft.id).then(() => go('/drafts')) }}>Throw this draft away</button></p>
                </div>
            </div>
        </div>
    )
}

export function Concern(props: { id: string; step: string; me: Me }): JSX.Element {
    const draft = use_store(open_draft)
    const catalogue = use_catalogue()
    const failure = use_catalogue_failure()
    const [faults, set_faults] = useState<Record<string, string>>({})
    useEffect(() => void read_draft(props.id), [props.id])
    if (draft === null || draft.id !== props.id || draft.state === 'reading' || catalogue === null) {
        return <Opening failure={catalogue === null ? failure : null} />
    }
    // Opened again before anything was kept: there is nothing to go on with, so it begins.
    if (draft.state === 'elsewhere' && draft.failure?.status === 404 && props.step === 'what') return <Begin />
    if (draft.state === 'elsewhere') {
        return (
            <div role="alert">
                <Heading>This draft cannot be gone on with here</Heading>
                <p class="govuk-body"><Text of={draft.failure?.message ?? 'It was changed in another window, sent or thrown away.'} /></p>
                <p class="govuk-body"><button type="button" class="desk-plain-button" onClick={() => { forget_open(); void read_draft(props.id) }}>Open it as it was saved last</button></p>
                <p class="govuk-body"><Link to="/drafts">Your drafts</Link></p>
            </div>
        )
    }
    const plan = plan_for(catalogue, draft.content)
    const first: Step = { id: 'what', title: step_title('what'), asked: [], facts: ['type', 'kind', 'role'] }
    const step = plan === null ? first : plan.steps.find(({ id }) => id === (props.step as StepId)) ?? plan.steps[0] ?? first
    return <Page key={step.id} draft={draft} plan={plan} step={step} catalogue={catalogue} me={props.me} faults={faults} on_faults={set_faults} />
}

/** A new draft, and its first page. Nothing is kept of it until something is typed. */
export function Begin(): JSX.Element {
    useEffect(() => replace(`/concern/${begin_draft()}/what`), [])
    return <Opening failure={null} />
}
