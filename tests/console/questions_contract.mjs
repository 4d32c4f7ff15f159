// The front door's questions of identity as its interface was agreed, with the examples of that agreement: what the pages are shown
// so that every state of them is seen. Nobody here exists.
export const line = {
    id: '0192f0c1-0000-7000-8000-000000000001',
    state: 'open',
    why: 'weak',
    explanation: 'A name and a date of birth are alike and nothing stronger says that it is the same child. Nobody there is told until you say that it is',
    notification: '0192f0c0-0000-7000-8000-000000000009',
    sender: 'northmere',
    type: 'care_status_changed',
    item: { inbox: 'hub.ffd', id: 'northmere/0192f0c0-0000-7000-8000-000000000009' },
    holder: { agency: 'orchard-gate', role: 'sch' },
    relation: 'pupil',
    due: '2027-01-19T12:00:00Z',
    overdue: false,
    look: { asked_at: null, sender: 'not_asked', holder: 'not_asked' },
    answer: null,
}
const sender_says = { forename: 'M', surname: 'Dunmore', aliases: [], date_of_birth: '2016-03-01', nhs_number: '', upn: '', postcode: '', school_urn: '', unborn: false }
const holder_says = { forename: 'Mia', surname: 'Dunmore', aliases: [{ forename: 'Mimi', surname: 'Dunmore' }], date_of_birth: '2016-03-01', nhs_number: '9990000026', upn: '', postcode: 'WR1 1AA', school_urn: '123456', unborn: false }
const match = { class: 'question', bits: 17.2, reasons: [{ code: 'surname_same', bits: 9.1 }], strong: [], contradictions: ['other_forename'], asked: ['possible_twins'] }
const reached = [{ notification: line.notification, sender: line.sender, type: line.type, seat: line.holder, rungs: ['stored', 'opened'] }]
const nothing_here = { sender_says: null, holder_says: null, match: null }

const refusal = (code, message, next) => ({ error: { code, message, next } })

/** Answers as the agreement says, of one question. `arrive` brings what was asked for; `reach` says whom an answer had reached. */
export function one_question(person, other = {}) {
    let held = { ...line, conflicts_with: null, ...other, ...nothing_here, reached: null }
    const looked = []
    const now = () => new Date().toISOString()
    const answers = {
        look: () => {
            if (held.state === 'answered' && held.answer.outcome !== 'cannot_tell') return [410, refusal('expired', 'This is answered already', 'Take the answer back first')]
            if (held.look.asked_at === null) held = { ...held, look: { asked_at: now(), sender: 'here', holder: 'waiting' }, sender_says }
            return [202, { id: held.id, asked_at: held.look.asked_at }]
        },
        answer: ({ outcome }) => {
            if (held.state === 'answered' && held.answer.outcome !== 'cannot_tell' && held.answer.outcome !== outcome) return [409, refusal('already_exists', 'A colleague has answered this before you', 'Read what they answered')]
            held = { ...held, ...nothing_here, state: 'answered', look: line.look, answer: { outcome, at: now(), person } }
            return [200, { id: held.id, outcome }]
        },
        'take-back': () => {
            held = { ...held, state: 'taken_back', answer: { outcome: 'taken_back', at: now(), person }, reached: null }
            return [200, { id: held.id, outcome: 'taken_back' }]
        },
    }
    return {
        looked,
        arrive: (holder = 'here') => { held = { ...held, look: { ...held.look, holder }, ...(holder === 'here' ? { holder_says, match } : {}) } },
        reach: () => { held = { ...held, reached } },
        answered_by_colleague: () => { held = { ...held, state: 'answered', answer: { outcome: 'different', at: now(), person: 'p-000000000001' } } },
        async serve(page) {
            await page.route(/\/api\/v1\/questions/, (route) => {
                const [, id, what] = /questions(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(new URL(route.request().url()).pathname)
                if (id === undefined) {
                    const { sender_says: _, holder_says: __, match: ___, reached: ____, ...own } = held
                    return route.fulfill({ json: { questions: [own] } })
                }
                if (id !== held.id) return route.fulfill({ status: 404, json: refusal('not_found', 'There is no such question that you may see', 'Go back to the list') })
                if (what === undefined) {
                    looked.push(now())
                    return route.fulfill({ json: held })
                }
                const [status, json] = answers[what](route.request().postDataJSON())
                return route.fulfill({ status, json })
            })
        },
    }
}
