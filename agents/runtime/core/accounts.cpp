// Accounts of the console, as the shell's sign-in keeps them: what opens a person's token, under
// their passphrase. The core keeps the rows and nothing more; only whoever holds that person's
// token changes one, and only the revision that they read, so that one code lets nobody in twice.
#include "agents/runtime/core/api.hpp"

namespace mash::runtime {
namespace {

struct AccountRow {
    std::uint64_t revision = 0;
    PersonId person;
    bool is_confirmed = false;
    Bytes account;
    Digest reset{};  ///< of a code that a colleague asked for; counts until `reset_until`
    WallTime reset_until;
};

Digest digest_of(const Step& step, const std::string& name) {
    return step.keyed("account", {view_of(name)});
}

std::optional<AccountRow> row_of(Step& step, const Digest& key) {
    const auto kept = step.get_sealed(sealed::account, key);
    if (!kept) return std::nullopt;
    Reader in(*kept);
    AccountRow row;
    row.revision = in.u64();
    row.person = in.id<PersonId>();
    row.is_confirmed = in.flag();
    row.account = in.owned_bytes();
    row.reset = in.array<32>();
    row.reset_until = WallTime::from_unix_ms(in.i64());
    return in.finished() ? std::optional(std::move(row)) : std::nullopt;
}

void put_row(Step& step, const Digest& key, const AccountRow& row) {
    Writer out;
    out.u64(row.revision).id(row.person).flag(row.is_confirmed).bytes(row.account);
    out.fixed(row.reset).i64(row.reset_until.unix_ms());
    step.put_sealed(sealed::account, key, out.done());
}

bool is_known_event(std::string_view event) {
    return event == "account_made" || event == "signed_in" || event == "confirmed_again" ||
           event == "passphrase_changed" || event == "second_factor_changed";
}

}  // namespace

// Without a credential: whoever asks wants to show who they are. No request over HTTP comes here.
Answer read_account(Step& step, const Json& body) {
    const auto row = row_of(step, digest_of(step, string_at(body, "name")));
    if (!row) return Answer::failed(ErrorCode::not_found);
    const bool may_reset = row->reset_until.is_set() && step.now.wall < row->reset_until;
    return Answer::of({{"revision", row->revision},
                       {"account", to_base64url(row->account)},
                       {"reset", may_reset ? Json(to_base64url(row->reset)) : Json(nullptr)}});
}

Answer write_account(Step& step, const Caller& caller, const Json& body) {
    if (caller.service) return Answer::failed(ErrorCode::not_entitled);
    const auto name = string_at(body, "name");
    const auto account = from_base64url(string_at(body, "account"));
    const auto revision = body.find("revision");
    const auto event = string_at(body, "event");
    if (name.empty() || !account || account->empty() || revision == body.end() ||
        !revision->is_number_unsigned() || !is_known_event(event))
        return Answer::failed(ErrorCode::bad_value);
    if (account->size() > limits::sealed_record_bytes_max)
        return Answer::failed(ErrorCode::too_large);
    const Digest key = digest_of(step, name);
    const auto row = row_of(step, key);
    const bool is_theirs = !row || row->person == caller.person;
    if (!is_theirs || revision->get<std::uint64_t>() != (row ? row->revision : 0))
        return Answer::failed(ErrorCode::already_exists);
    const auto before = table::account_of.get(step.tx, caller.person);
    if (before && *before != key) {
        const auto other = row_of(step, *before);
        if (other && other->is_confirmed) return Answer::failed(ErrorCode::already_exists);
        step.tx.erase(sealed::account, *before);
    }
    AccountRow next = row.value_or(AccountRow{});
    ++next.revision;
    next.person = caller.person;
    next.is_confirmed = flag_at(body, "confirmed");
    next.account = *account;
    if (event == "second_factor_changed") next.reset_until = {};  // a colleague's word counts once
    put_row(step, key, next);
    table::account_of.put(step.tx, caller.person, key);
    step.note_access(caller.person, event, {}, caller.row.agency, {});
    return Answer::of({{"revision", next.revision}});
}

bool erase_account(Step& step, const PersonId& person) {
    const auto kept = table::account_of.get(step.tx, person);
    if (!kept) return false;
    step.tx.erase(sealed::account, *kept);
    table::account_of.erase(step.tx, person);
    return true;
}

Result<void> put_reset(Step& step, const PersonId& person, const Digest& digest, WallTime until) {
    const auto key = table::account_of.get(step.tx, person);
    auto row = key ? row_of(step, *key) : std::nullopt;
    if (!row) return fail(ErrorCode::not_found);
    if (row->reset_until.is_set() && until - row->reset_until < limits::account_reset_pause)
        return fail(ErrorCode::already_exists);
    row->reset = digest;
    row->reset_until = until;
    // Whoever read the row before must not write over this.
    ++row->revision;
    put_row(step, *key, *row);
    return {};
}

}  // namespace mash::runtime
