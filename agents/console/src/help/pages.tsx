import type { JSX } from 'preact'
import { use_catalogue } from '../shared/catalogue'
import { Emergency } from '../shared/emergency'
import { Heading, use_title } from '../shared/frame'
import { Link, type Page } from '../shared/route'
import { Text } from '../shared/value'
import { glossary } from './glossary'

export const help_navigation = [{ to: '/help', label: 'Help' }]
function Help(): JSX.Element {
    use_title('Help')
    const catalogue = use_catalogue()
    return (
        <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
                <Heading>Help</Heading>
                <Emergency catalogue={catalogue} />
                <h2 class="govuk-heading-m">What this service does</h2>
                <p class="govuk-body">It tells those who must know about a child, each of them no more than they need, by the rules your area has signed. It is not a case record: keep your own. Who may read what you send is worked out before you send it, and you see it.</p>
                <h2 class="govuk-heading-m">When something does not work</h2>
                <ul class="govuk-list govuk-list--bullet">
                    <li><strong>The link to the broker is down.</strong> What you send is kept by your agency’s agent and goes when the link is back. If it cannot wait, ring.</li>
                    <li><strong>This page does not reach the agent.</strong> Leave the page open: what you have typed stays, and is saved as soon as the agent answers.</li>
                    <li><strong>Nothing works.</strong> Ring, and use the <Link to="/concern/paper">paper form</Link>. Print it while all is well.</li>
                    <li><strong>A file of yours was not taken.</strong> Mend it under <Link to="/imports">Imports</Link>, where the page says what is wrong.</li>
                    <li><strong>You sent something wrong.</strong> Open it under <Link to="/sent">Sent</Link>: put it right, or take it back.</li>
                </ul>
                <h2 class="govuk-heading-m">Your account</h2>
                <p class="govuk-body">Under <Link to="/account">Your account</Link> you change your passphrase, make new codes, and help a colleague who cannot sign in. Do it before your last code is used.</p>
                <h2 class="govuk-heading-m">An address that is protected</h2>
                <p class="govuk-body">It is kept from everybody. Open what was sent under <Link to="/sent">Sent</Link> and ask for its release there: two people of your agency, who are not the same, have to say yes.</p>
                <h2 class="govuk-heading-m">Times</h2>
                <p class="govuk-body">All times are UK local time. “By 5 pm Tuesday” is the moment until which a named person must have taken something on. “Working hours” are those of the front door; a “working day” is a day on which it is open, so neither weekends nor bank holidays count. A time “about” which something is due rests on the county’s school calendar; your own may differ.</p>
                <h2 class="govuk-heading-m">What is seen by whom</h2>
                <p class="govuk-body">Everything you open is recorded. You see <Link to="/account/record">your own record</Link>, and your agency’s data protection officer sees the agency’s. Drafts are yours alone.</p>
                <h2 class="govuk-heading-m">Sound and notifications</h2>
                <p class="govuk-body">At the foot of each page you switch a sound for new alerts on or off, and let the browser tell you of new ones. Neither ever says a name.</p>
                {catalogue !== null && (
                    <>
                        <h2 class="govuk-heading-m">Whom to ring here</h2>
                        <p class="govuk-body">You are in <Text of={catalogue.title} /> (area {catalogue.area}, version {catalogue.policy_version}).</p>
                        <dl class="govuk-summary-list">
                            {catalogue.roles.filter(({ telephone }) => telephone !== '').map(({ role, title, telephone }) => (
                                <div class="govuk-summary-list__row" key={role}><dt class="govuk-summary-list__key"><Text of={title} /></dt><dd class="govuk-summary-list__value"><Text of={telephone} /></dd></div>
                            ))}
                        </dl>
                    </>
                )}
                <h2 class="govuk-heading-m" id="words">Words</h2>
                <dl class="govuk-summary-list">
                    {glossary.map(([word, meaning]) => <div class="govuk-summary-list__row" key={word}><dt class="govuk-summary-list__key">{word}</dt><dd class="govuk-summary-list__value">{meaning}</dd></div>)}
                </dl>
            </div>
        </div>
    )
}
export function help_pages(): Page[] {
    return [{ path: /^\/help$/, show: () => <Help /> }]
}
