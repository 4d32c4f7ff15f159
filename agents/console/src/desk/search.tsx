import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, type Schemas } from '../shared/api'
import { choices_of, use_catalogue } from '../shared/catalogue'
import { Button, ErrorSummary, Explain, Field, type FieldErrors, Radios, use_errors } from '../shared/form'
import { Heading, use_title } from '../shared/frame'
import { section_title } from '../shared/words'
import { key_of } from './list_model'
import { Progress } from './progress'
import { is_taken_back, use_lines, use_reading_through } from './read_through'
import { Row } from './row'

const words_max = 8
const word_chars_min = 2
function wrong_words(typed: string): string | undefined {
    const words = typed.trim().split(/\s+/).filter((word) => word !== '')
    if (words.length === 0) return 'Enter a name, a number or other words'
    if (words.length > words_max) return `Enter no more than ${words_max} words`
    return words.some((word) => word.length < word_chars_min) ? `Each word needs at least ${word_chars_min} letters or digits` : undefined
}
const found_words = (count: number): string => (count === 0 ? 'nothing found' : count === 1 ? '1 found' : `${count} found`)

export function Search(props: { me: string }): JSX.Element {
    use_title('Search')
    const catalogue = use_catalogue()
    const [words, set_words] = useState('')
    const [reason, set_reason] = useState('')
    // An area that lists reasons demands one of them.
    const reasons = choices_of(catalogue, 'search_reason')
    const { errors, round, show } = use_errors()
    const reading = use_reading_through<Schemas['SearchResult']>()
    const found = [...new Map(reading.parts.flatMap((part) => part.found).map((hit) => [key_of(hit.item), hit])).values()]
    const now = use_lines(found.map(({ item }) => item))
    const shown = found.filter(({ item }) => !is_taken_back(item, now))
    const taken_back = found.length - shown.length
    const submit = (): void => {
        const wrong: FieldErrors = {}
        const of_words = wrong_words(words)
        if (of_words !== undefined) wrong.words = of_words
        if (reasons.length > 0 && reason === '') wrong.reason = 'Choose why you look'
        show(wrong)
        if (Object.keys(wrong).length > 0) return
        const asked = reasons.length > 0 ? { words: words.trim(), reason } : { words: words.trim() }
        reading.start((cursor) => call('post', '/api/v1/search', { query: { cursor }, body: asked }))
    }
    return (
        <>
            <Heading>Search</Heading>
            <ErrorSummary errors={errors} round={round} />
            <form noValidate class="desk-no-print" role="search" onSubmit={(event) => { event.preventDefault(); submit() }}>
                <Field
                    id="words"
                    label="Words to look for"
                    hint="A name, a date of birth as 2013-04-05, a number, a street. All of them must be there; a part of a word is enough. Each look and everything that is found is recorded under your name: look only for what your work needs."
                    value={words}
                    on_input={(typed) => {
                        set_words(typed)
                        // What stands below would be of other words.
                        if (reading.is !== 'idle') reading.clear()
                    }}
                    error={errors.words}
                />
                {reasons.length > 0 && (
                    <Radios
                        id="reason" legend="Why do you look?" hint="Your area asks for it. It is recorded with the look." value={reason} choices={reasons} error={errors.reason}
                        on_choose={(chosen) => {
                            set_reason(chosen)
                            // What stands below was looked for because of something else.
                            if (reading.is !== 'idle') reading.clear()
                        }}
                    />
                )}
                <Button type="submit">Search</Button>
            </form>
            {reading.is !== 'idle' && <Progress of={reading} found={found_words(shown.length)} />}
            {taken_back > 0 && <p class="govuk-body" role="status">{taken_back === 1 ? 'One that was found has' : `${taken_back} that were found have`} been taken back since, and {taken_back === 1 ? 'is' : 'are'} not shown any more.</p>}
            {shown.length > 0 && (
                <>
                    <h2 class="govuk-heading-m">What was found, newest first</h2>
                    <ol class="desk-list govuk-body">
                        {shown.map(({ item, found_in }) => (
                            <Row key={key_of(item)} line={now.get(key_of(item)) ?? item} me={props.me} now={Date.now()} fresh={false} catalogue={catalogue} extra={`Found in: ${[...new Set(found_in.map(section_title))].join(', ')}`} />
                        ))}
                    </ol>
                </>
            )}
            <div class="govuk-!-margin-top-6"><Explain what="What is searched">
                <p>Everything in the inboxes that you open, as it came, opened for this one look and kept nowhere. What was taken back, what may not be used any more, and what a conflict of interest keeps from you are left out.</p>
                <p>Your words stand in no address and in no history. They are gone when you leave this page.</p>
            </Explain></div>
        </>
    )
}
