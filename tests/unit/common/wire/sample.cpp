#include "tests/unit/common/wire/sample.hpp"

#include <algorithm>

namespace mash::wire::test {

Bytes Sample::bytes(std::size_t size) {
    Bytes out(size);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(below(256));
    return out;
}

void Sample::fill(Rung& to) {
    constexpr Rung all[] = {Rung::accepted,      Rung::stored,  Rung::opened,  Rung::handed_over,
                            Rung::taken,         Rung::decided, Rung::refused, Rung::undecryptable,
                            Rung::not_connected, Rung::expired, Rung::recalled};
    to = all[below(std::size(all))];
}
void Sample::fill(ErrorCode& to) {
    constexpr ErrorCode all[] = {ErrorCode::malformed,     ErrorCode::not_available,
                                 ErrorCode::bad_signature, ErrorCode::stale_plan,
                                 ErrorCode::held,          ErrorCode::busy,
                                 ErrorCode::clock_jump};
    to = all[below(std::size(all))];
}

void Sample::fill(Seat& to) {
    auto& [agency, role] = to;
    each(agency, role);
}
void Sample::fill(Token& to) {
    auto& [kind, epoch, value] = to;
    each(kind, epoch, value);
}
void Sample::fill(Agreement& to) {
    auto& [status, reason, giver, objects, differ, named, purpose] = to;
    each(status, reason, giver, objects, differ, named, purpose);
}
void Sample::fill(RoutingFacts& to) {
    auto& [sender, sender_role, type, kind, tokens, event, thread, supersedes, occurred_at, level,
           harm, vital, purpose, rag, risk_grade, agreement, markers, detriment, conflicts_stated,
           views_on_offer, thread_seats, addressed_to, passed_on_from, unchanged] = to;
    each(sender, sender_role, type, kind, event, thread, supersedes, occurred_at, level, harm,
         vital, purpose, rag, risk_grade, agreement, detriment, conflicts_stated, passed_on_from);
    fill_sorted(tokens);
    fill_sorted(markers);
    fill_sorted(views_on_offer);
    fill_sorted(thread_seats);
    fill_sorted(addressed_to);
    fill_sorted(unchanged, &Unchanged::seat);
}
void Sample::fill(Unchanged& to) {
    auto& [seat, views] = to;
    each(seat);
    fill_sorted(views);
    if (views.empty()) views.push_back(make<ViewId>());
}
void Sample::fill(SignedClaim& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(SignedAuthorisation& to) {
    auto& [body, signature, certificate, certificate_signature] = to;
    each(body, signature, certificate, certificate_signature);
}
void Sample::fill(SignedInboxCertificate& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(PlanFacts& to) {
    auto& [decided_at, policy_version, registry_version, claims, thread_seats, authorisations,
           certificates, floor, identity_answers] = to;
    each(decided_at, policy_version, registry_version, claims, authorisations, certificates, floor);
    fill_sorted(thread_seats);
    fill(identity_answers);
}
void Sample::fill(Standby& to) {
    auto& [inbox, cause] = to;
    each(inbox, cause);
}
void Sample::fill(Recipient& to) {
    auto& [seat, inbox, act, urgency, lane, take_by, estimated, views, withheld, rule, route, basis,
           standbys, unchanged, clocks] = to;
    each(seat, inbox, act, urgency, lane, take_by, estimated, route);
    rule = "E-08";
    basis = "e;9g-p18";
    fill_sorted(views);
    fill_sorted(withheld);
    fill_sorted(standbys);
    unchanged.assign(views.begin(), views.begin() + static_cast<std::ptrdiff_t>(views.size() / 2));
    fill_sorted(clocks, &Clock::name);
}
void Sample::fill(Clock& to) {
    auto& [name, by] = to;
    each(name, by);
}
void Sample::fill(HeldRecipient& to) {
    auto& [seat, decider, rule, decide_by] = to;
    each(seat, decider, rule, decide_by);
}
void Sample::fill(NotConnected& to) {
    auto& [role, telephone, tell_by] = to;
    each(role, telephone, tell_by);
    telephone = "01632 960 123 (out of hours: 01632 960 456)";
}
void Sample::fill(RefusedRecipient& to) {
    auto& [seat, rule, code] = to;
    each(seat, rule, code);
}
void Sample::fill(Decision& to) {
    auto& [rule, refusal, offers, warnings, recipients, held, refused, not_connected, incomplete,
           floor] = to;
    each(rule, refusal, offers, warnings, held, refused, not_connected, incomplete, floor);
    fill_sorted(recipients, &Recipient::seat);
}
void Sample::fill(RequestPlan& to) {
    auto& [notification, facts, authorisations, asked_at, person, reason, floor] = to;
    each(notification, facts, authorisations, asked_at, person, reason, floor);
}
void Sample::fill(DisclosurePlan& to) {
    auto& [id, notification, facts, decision, expires_at] = to;
    each(id, notification, facts, decision, expires_at);
}
void Sample::fill(InvolvementClaim& to) {
    auto& [id, agency, seat, relation, tokens, serial, starts, lease_until] = to;
    each(id, agency, seat, relation, serial, starts, lease_until);
    fill_sorted(tokens);
}
void Sample::fill(InboxCertificate& to) {
    auto& [inbox, agency, key, serial, issued_at, not_after] = to;
    each(inbox, agency, key, serial, issued_at, not_after);
}
void Sample::fill(PersonCertificate& to) {
    auto& [person, agency, roles, key, serial, not_after] = to;
    each(person, agency, roles, key, serial, not_after);
}
void Sample::fill(Authorisation& to) {
    auto& [id, notification, sender, decider, person, rule, seats, allow, at, reason_digest] = to;
    each(id, notification, sender, decider, person, rule, seats, allow, at, reason_digest);
}
void Sample::fill(Routing& to) {
    auto& [id, plan, facts, sealed_at] = to;
    each(id, plan, facts, sealed_at);
}
void Sample::fill(SealedView& to) {
    auto& [view, nonce, commitment, ciphertext] = to;
    each(view, nonce, commitment, ciphertext);
}
void Sample::fill(ViewDigest& to) {
    auto& [view, digest] = to;
    each(view, digest);
}
void Sample::fill(Parcel& to) {
    auto& [recipient, lane, views, grant, signature] = to;
    each(recipient, lane, grant, signature);
    fill_sorted(views, &ViewDigest::view);
}
void Sample::fill(SealedNotification& to) {
    auto& [routing, views, parcels, signature] = to;
    each(routing, signature);
    fill_sorted(views, &SealedView::view);
    fill_sorted(parcels, &Parcel::recipient);
    // Each parcel names some of the views, and each view is named: the first parcel names them all.
    for (auto& parcel : parcels) {
        parcel.views.clear();
        for (const auto& view : views) {
            if (&parcel != &parcels.front() && below(2) == 0) continue;
            parcel.views.push_back(make<ViewDigest>());
            parcel.views.back().view = view.view;
        }
    }
}
void Sample::fill(Cover& to) {
    auto& [id, sender, recipient, type, kind, thread, supersedes, occurred_at, basis, rule,
           policy_version, withheld, ask, passed_on_from, said, unchanged, event, same_event_as,
           family, marks, clocks] = to;
    each(id, sender, recipient, type, kind, thread, supersedes, occurred_at, basis, rule,
         policy_version, withheld, ask, passed_on_from, said, event, same_event_as, family);
    fill_sorted(unchanged, &SentBefore::view);
    fill_sorted(marks);
    fill_sorted(clocks, &Clock::name);
    ask = "Ysgol Pen\xc5\xb7-groes, 01632 960 789";
}
void Sample::fill(SentBefore& to) {
    auto& [view, in] = to;
    each(view, in);
}
void Sample::fill(LinkedPerson& to) {
    auto& [relation, tokens] = to;
    fill(relation);
    fill_found_by(tokens);
}
void Sample::fill(Family& to) {
    auto& [child, people] = to;
    fill_found_by(child);
    fill_sorted(people);
}
void Sample::fill_found_by(std::vector<Token>& to) {
    fill_sorted(to);
    for (auto& token : to) {
        if (!finds_people(token.kind)) token.kind = TokenKind::nhs_dob;
    }
    std::ranges::sort(to);
}
void Sample::fill(ViewKey& to) {
    auto& [view, key] = to;
    each(view, key);
}
void Sample::fill(Grant& to) {
    auto& [cover, keys] = to;
    fill(cover);
    fill_sorted(keys, &ViewKey::view);
}
void Sample::fill(Publish& to) {
    auto& [notification] = to;
    fill(notification);
}
void Sample::fill(Supplement& to) {
    auto& [added] = to;
    fill(added);
}
void Sample::fill(AcceptedBody& to) {
    auto& [id, sender, digest, accepted_at, ledger_index, ledger_root] = to;
    each(id, sender, digest, accepted_at, ledger_index, ledger_root);
}
void Sample::fill(Accepted& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(StatementBody& to) {
    auto& [id, sender, inbox, seat, type, act, urgency, lane, take_by, estimated, accepted_at,
           route] = to;
    each(id, sender, inbox, seat, type, act, urgency, lane, take_by, estimated, accepted_at, route);
}
void Sample::fill(Delivery& to) {
    auto& [id, statement, statement_signature, parcel, views] = to;
    each(id, statement, statement_signature, parcel);
    for (const auto& named : parcel.views) {
        views.push_back(make<SealedView>());
        views.back().view = named.view;
    }
}
void Sample::fill(Credit& to) {
    auto& [items, octets] = to;
    each(items, octets);
}
void Sample::fill(ReceiptEntry& to) {
    auto& [notification, seat, rung, at, code] = to;
    each(notification, seat, rung, at, code);
}
void Sample::fill(ReceiptsBody& to) {
    auto& [batch, from, sender, entries] = to;
    each(batch, from, sender, entries);
}
void Sample::fill(Receipts& to) {
    auto& [body, signature, deliveries, inboxes, receipts_sent] = to;
    each(body, signature, deliveries, receipts_sent);
    for (std::size_t i = 0; i < deliveries.size(); ++i) inboxes.push_back(make<InboxId>());
}
void Sample::fill(ReceiptsAck& to) {
    auto& [batch] = to;
    fill(batch);
}
void Sample::fill(RecallBody& to) {
    auto& [notification, sender, person, reason, at, confirm_by, inbox] = to;
    each(notification, sender, person, reason, at, confirm_by, inbox);
}
void Sample::fill(Recall& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(RecallNotice& to) {
    auto& [delivery, inbox, seat, body, signature] = to;
    each(delivery, inbox, seat, body, signature);
}
void Sample::fill(AgreementBody& to) {
    auto& [id, agency, thread, person, agreement, recorded_at, expires_at, withdrawn_at] = to;
    each(id, agency, thread, person, agreement, recorded_at, expires_at, withdrawn_at);
}
void Sample::fill(RecordAgreement& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(WithdrawalBody& to) {
    auto& [notification, sender, agreement, person, at, confirm_by] = to;
    each(notification, sender, agreement, person, at, confirm_by);
}
void Sample::fill(WithdrawAgreement& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(WithdrawalNotice& to) {
    auto& [delivery, inbox, seat, body, signature] = to;
    each(delivery, inbox, seat, body, signature);
}
void Sample::fill(AgreementHeld& to) {
    auto& [body, signature] = to;
    each(body, signature);
}
void Sample::fill(Hello& to) {
    auto& [version_min, version_max, agent_time, agent_epoch, receipts_sent, registry_version,
           policy_version, checkpoint, store_start, commit_serial] = to;
    each(version_min, version_max, agent_time, agent_epoch, receipts_sent, registry_version,
         policy_version, checkpoint, store_start, commit_serial);
    if (version_min > version_max) std::swap(version_min, version_max);
}
void Sample::fill(Welcome& to) {
    auto& [version, area, host, broker_time, store_epoch, commit_serial, registry_version,
           policy_version, freshness_version, checkpoint, store_start, put_back] = to;
    each(version, area, host, broker_time, store_epoch, commit_serial, registry_version,
         policy_version, freshness_version, checkpoint, store_start, put_back);
}
void Sample::fill(DocumentSignature& to) {
    auto& [key, signature] = to;
    each(key, signature);
}
void Sample::fill(SignedDocument& to) {
    auto& [kind, area, version, body, signatures] = to;
    each(kind, area, version, body, signatures);
}
void Sample::fill(FetchSigned& to) {
    auto& [kinds] = to;
    fill(kinds);
}
void Sample::fill(SignedDocuments& to) {
    auto& [documents] = to;
    fill(documents);
}
void Sample::fill(DocumentsChanged& to) {
    auto& [registry_version, policy_version, freshness_version] = to;
    each(registry_version, policy_version, freshness_version);
}
void Sample::fill(PublishInboxKey& to) {
    auto& [certificate, members] = to;
    each(certificate, members);
}
void Sample::fill(ClaimInvolvement& to) {
    auto& [claims] = to;
    fill(claims);
}
void Sample::fill(EndInvolvement& to) {
    auto& [agency, claims, serial, signature] = to;
    each(agency, claims, serial, signature);
}
void Sample::fill(ReplaceRoll& to) {
    auto& [agency, seat, relation, serial, part, parts, claims] = to;
    each(agency, seat, relation, serial, claims);
    parts = static_cast<std::uint32_t>(2 + below(30));
    part = static_cast<std::uint32_t>(1 + below(parts - 1));
}
void Sample::fill(ClaimsAccepted& to) {
    auto& [serial, part, held, ended, severed, severing] = to;
    each(serial, part, held, ended, severing);
    fill_sorted(severed);
}
void Sample::fill(Task& to) {
    auto& [id, kind, owner, notification, sender, type, agency, role, rule, due] = to;
    each(id, kind, owner, notification, sender, type, agency, role, rule, due);
}
void Sample::fill(TaskNotice& to) {
    auto& [task, asked_at, person, reason, question] = to;
    each(task, asked_at, person, reason);
    task.kind = TaskKind::possible_match;
    fill(question.emplace());
}
void Sample::fill(IdentityQuestion& to) {
    auto& [claim, relation, thread, contradicted, conflicts_with] = to;
    each(claim, relation, thread, contradicted, conflicts_with);
}
void Sample::fill(IdentityLook& to) {
    auto& [question, notification, sender, claim, holder, relation, decider, inbox, box_public_key,
           person, at] = to;
    each(question, notification, sender, claim, holder, relation, decider, inbox, box_public_key,
         person, at);
}
void Sample::fill(LookAtIdentity& to) {
    auto& [look] = to;
    fill(look);
}
void Sample::fill(ShowIdentity& to) {
    auto& [question, claim, holder, agency, of_sender, at, sealed, signature] = to;
    each(question, claim, holder, agency, of_sender, at, sealed, signature);
}
void Sample::fill(IdentityAnswer& to) {
    auto& [question, notification, sender, thread, claim, holder, relation, tokens, outcome,
           decider, person, at, serial, reason_digest] = to;
    each(question, notification, sender, thread, claim, holder, relation, outcome, decider, person,
         at, serial, reason_digest);
    fill(tokens);
    for (auto& token : tokens) token.kind = TokenKind::nhs_dob;
    std::ranges::sort(tokens);
}
void Sample::fill(AnswerIdentity& to) {
    auto& [answer, notification] = to;
    each(answer, notification);
}
void Sample::fill(IdentityHeard& to) {
    auto& [question, claim, holder, what, agency, notification] = to;
    each(question, claim, holder, agency, notification);
    what = IdentityHeard::What::answer;
}
void Sample::fill(InvolvementQuestion& to) {
    auto& [id, asked, relation, tokens] = to;
    each(id, asked, relation, tokens);
    std::ranges::sort(tokens);
}
void Sample::fill(InvolvementAnswer& to) {
    auto& [question, asked, relation, claim, notification] = to;
    each(question, asked, relation, notification);
    fill(claim.emplace());
}
void Sample::fill(IdentityReachedEntry& to) {
    auto& [notification, sender, type, seat, rungs] = to;
    each(notification, sender, type, seat, rungs);
}
void Sample::fill(IdentityReached& to) {
    auto& [question, entries] = to;
    each(question, entries);
}
void Sample::fill(TaskAnswer& to) {
    auto& [task, outcome, person, at, signature, certificate, certificate_signature] = to;
    each(task, outcome, person, at, signature, certificate, certificate_signature);
}
void Sample::fill(TaskClosed& to) {
    auto& [task] = to;
    fill(task);
}
void Sample::fill(AuthorisationFrame& to) {
    auto& [authorisation] = to;
    fill(authorisation);
}
void Sample::fill(ExcludedPerson& to) {
    auto& [agency, person] = to;
    each(agency, person);
}
void Sample::fill(ConflictBody& to) {
    auto& [id, declared_by, tokens, excluded, starts, serial, people] = to;
    each(id, declared_by, tokens, excluded, starts, serial, people);
}
void Sample::fill(SealedRecord& to) {
    auto& [inbox, sealed] = to;
    each(inbox, sealed);
}
void Sample::fill(DeclareConflict& to) {
    auto& [body, signature, records] = to;
    each(body, signature, records);
}
void Sample::fill(EndConflict& to) {
    auto& [id, ended_by, at, signature] = to;
    each(id, ended_by, at, signature);
}
void Sample::fill(WordsBody& to) {
    auto& [id, decider, person, what, code, sender, notification, subject, at, digest] = to;
    each(id, decider, person, what, code, sender, notification, subject, at, digest);
}
void Sample::fill(SealedWords& to) {
    auto& [agency, sealed] = to;
    each(agency, sealed);
}
void Sample::fill(DeciderWords& to) {
    auto& [body, signature, sealed] = to;
    each(body, signature);
    fill_sorted(sealed, &SealedWords::agency);
}
void Sample::fill(WordsHeard& to) {
    auto& [id, decider, agency] = to;
    each(id, decider, agency);
}
void Sample::fill(ErrorFrame& to) {
    auto& [code, retry_after_ms, notification, detail] = to;
    each(code, retry_after_ms, notification, detail);
}
void Sample::fill(EvaluateTokens& to) {
    auto& [agency, person, reason, key_epoch, blinded] = to;
    each(agency, person, reason, key_epoch);
    key_epoch = static_cast<std::uint16_t>(key_epoch | 1);
    fill_elements(blinded);
}
void Sample::fill(EvaluatedTokens& to) {
    auto& [key_epoch, evaluated, proof] = to;
    fill(key_epoch);
    key_epoch = static_cast<std::uint16_t>(key_epoch | 1);
    fill_elements(evaluated);
    std::array<std::uint8_t, 64> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
    proof = crypto::OprfProof(bytes);
}
void Sample::fill_elements(std::vector<crypto::OprfElement>& to) {
    to.resize(2);
    for (auto& element : to) {
        std::array<std::uint8_t, 32> bytes{};
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
        element = crypto::OprfElement(bytes);
    }
}
void Sample::fill(NotServed& to) { to.field = static_cast<std::uint32_t>(50 + below(1'000)); }

// FNV-1a: the same everywhere, which std::hash need not be.
std::uint64_t Sample::seed_of(std::string_view name) const {
    std::uint64_t hash = 14'695'981'039'346'656'037U ^ seed_;
    for (const char letter : name) {
        hash ^= static_cast<std::uint8_t>(letter);
        hash *= 1'099'511'628'211U;
    }
    return hash;
}

std::vector<NamedAgentFrame> Sample::agent_frames() {
    std::vector<NamedAgentFrame> out;
    const auto add = [&](std::string name, AgentBody body) {
        const auto request = 1 + Sample(seed_of(name)).below(1'000'000);
        out.push_back({std::move(name), {request, std::move(body)}});
    };
    add("hello", drawn<Hello>("hello"));
    add("fetch_signed", drawn<FetchSigned>("fetch_signed"));
    add("publish_inbox_key", drawn<PublishInboxKey>("publish_inbox_key"));
    add("request_plan", drawn<RequestPlan>("request_plan"));
    add("publish", drawn<Publish>("publish"));
    add("credit", drawn<Credit>("credit"));
    add("receipts", drawn<Receipts>("receipts"));
    add("receipts_ack", drawn<ReceiptsAck>("receipts_ack"));
    add("claim_involvement", drawn<ClaimInvolvement>("claim_involvement"));
    add("end_involvement", drawn<EndInvolvement>("end_involvement"));
    add("replace_roll", drawn<ReplaceRoll>("replace_roll"));
    add("authorisation", drawn<AuthorisationFrame>("authorisation"));
    add("task_answer", drawn<TaskAnswer>("task_answer"));
    add("declare_conflict", drawn<DeclareConflict>("declare_conflict"));
    add("end_conflict", drawn<EndConflict>("end_conflict"));
    add("recall", drawn<Recall>("recall"));
    add("supplement", drawn<Supplement>("supplement"));
    add("record_agreement", drawn<RecordAgreement>("record_agreement"));
    add("withdraw_agreement", drawn<WithdrawAgreement>("withdraw_agreement"));
    add("evaluate_tokens", drawn<EvaluateTokens>("evaluate_tokens"));
    add("look_at_identity", drawn<LookAtIdentity>("look_at_identity"));
    add("show_identity", drawn<ShowIdentity>("show_identity"));
    add("answer_identity", drawn<AnswerIdentity>("answer_identity"));
    add("identity_heard", drawn<IdentityHeard>("identity_heard"));
    add("involvement_answer", drawn<InvolvementAnswer>("involvement_answer"));
    add("decider_words", drawn<DeciderWords>("decider_words"));
    add("words_heard", drawn<WordsHeard>("words_heard"));
    add("not_served", drawn<NotServed>("not_served"));
    return out;
}

std::vector<NamedBrokerFrame> Sample::broker_frames() {
    std::vector<NamedBrokerFrame> out;
    const auto add = [&](std::string name, BrokerBody body) {
        const auto request = 1 + Sample(seed_of(name)).below(1'000'000);
        out.push_back({std::move(name), {request, std::move(body)}});
    };
    add("welcome", drawn<Welcome>("welcome"));
    add("signed_documents", drawn<SignedDocuments>("signed_documents"));
    add("documents_changed", drawn<DocumentsChanged>("documents_changed"));
    add("disclosure_plan", drawn<DisclosurePlan>("disclosure_plan"));
    add("accepted", drawn<Accepted>("accepted"));
    add("delivery", drawn<Delivery>("delivery"));
    add("receipts", drawn<Receipts>("receipts"));
    add("receipts_ack", drawn<ReceiptsAck>("receipts_ack"));
    add("claims_accepted", drawn<ClaimsAccepted>("claims_accepted"));
    add("task_notice", drawn<TaskNotice>("task_notice"));
    add("task_closed", drawn<TaskClosed>("task_closed"));
    add("authorisation", drawn<AuthorisationFrame>("authorisation"));
    add("recall_notice", drawn<RecallNotice>("recall_notice"));
    add("done", drawn<Done>("done"));
    add("error", drawn<ErrorFrame>("error"));
    add("withdrawal_notice", drawn<WithdrawalNotice>("withdrawal_notice"));
    add("agreement_held", drawn<AgreementHeld>("agreement_held"));
    add("evaluated_tokens", drawn<EvaluatedTokens>("evaluated_tokens"));
    add("look_at_identity", drawn<LookAtIdentity>("look_at_identity"));
    add("show_identity", drawn<ShowIdentity>("show_identity"));
    add("answer_identity", drawn<AnswerIdentity>("answer_identity"));
    add("identity_reached", drawn<IdentityReached>("identity_reached"));
    add("involvement_question", drawn<InvolvementQuestion>("involvement_question"));
    add("involvement_answer", drawn<InvolvementAnswer>("involvement_answer"));
    add("decider_words", drawn<DeciderWords>("decider_words"));
    return out;
}

}  // namespace mash::wire::test
