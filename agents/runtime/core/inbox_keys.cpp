// The key of each inbox of ours. Certified by its agency for 30 days, anew every week; the secret
// of an inbox that people open is sealed to each member and to the offline recovery key, that of an
// automatic one lies under the host's storage key. A new epoch begins when a member is removed;
// what came before still opens for those who stay.
#include <algorithm>
#include <map>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/voucher.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::hours certificate_validity{24 * 30};
constexpr std::chrono::hours certify_every{24 * 7};

/// What is sealed: purpose, whose, which epoch, and the secret, so that a blob moved elsewhere does
/// not pass.
Bytes secret_text(const InboxId& inbox, std::uint64_t epoch, const crypto::BoxSecretKey& secret) {
    return Writer().text("mash.v1.inbox-key").id(inbox).u64(epoch).fixed(secret.reveal()).take();
}

Result<crypto::BoxKeyPair> key_from(const InboxId& inbox, std::uint64_t epoch, ByteView text) {
    Reader in(text);
    const bool fits =
        in.text() == "mash.v1.inbox-key" && in.id<InboxId>() == inbox && in.u64() == epoch;
    const ByteView bytes = in.fixed(crypto::BoxSecretKey::size);
    if (!fits || !in.finished()) return fail(ErrorCode::malformed);
    MASH_TRY(secret, crypto::BoxSecretKey::from(bytes));
    return crypto::BoxKeyPair::from_secret(std::move(secret));
}

void seal_to_member(Step& step, const InboxId& inbox, std::uint64_t epoch,
                    const crypto::BoxSecretKey& secret, const PersonId& person,
                    const crypto::BoxPublicKey& box_public) {
    Bytes text = secret_text(inbox, epoch, secret);
    if (auto sealed = crypto::seal_to(box_public, text, step.random)) {
        table::member_keys.put(step.tx, {inbox, epoch, person}, {std::move(*sealed)});
    }
    crypto::wipe(text);
}

void begin_epoch(Step& step, const InboxId& inbox, InboxRow& row) {
    const auto pair = crypto::BoxKeyPair::generate(step.random);
    ++row.epoch;
    InboxKeyRow key;
    key.public_key = pair.public_key;
    key.made_at = step.now.wall;
    Bytes text = secret_text(inbox, row.epoch, pair.secret_key);
    if (row.people) {
        if (auto sealed = crypto::seal_to(step.agent.keys.recovery, text, step.random)) {
            key.recovery_sealed = std::move(*sealed);
        }
        const Bytes prefix = store::key_bytes(inbox);
        for (const auto& member : table::members.collect_keys(step.tx, {.prefix = prefix})) {
            const auto& person = std::get<1>(member);
            if (const auto known = table::people.get(step.tx, person)) {
                seal_to_member(step, inbox, row.epoch, pair.secret_key, person, known->box_public);
            }
        }
    } else {
        step.put_sealed(sealed::inbox_secret, store::key_bytes(inbox, row.epoch), text);
    }
    crypto::wipe(text);
    table::inbox_keys.put(step.tx, {inbox, row.epoch}, key);
    row.certified_at = {};
}

void publish_certificate(Step& step, const InboxId& inbox, InboxRow& row) {
    const auto* signing = step.signing_key(row.agency);
    const auto key = table::inbox_keys.get(step.tx, {inbox, row.epoch});
    if (signing == nullptr || !key)
        return;  // tried again on Tick: the registry may not list our key yet
    wire::InboxCertificate certificate;
    certificate.inbox = inbox;
    certificate.agency = row.agency;
    certificate.box_public_key = key->public_key.value();
    // By the clock, so that a restored store does not fall behind what others have seen.
    row.certificate_serial =
        std::max(row.certificate_serial + 1, static_cast<std::uint64_t>(step.now.wall.unix_ms()));
    certificate.serial = row.certificate_serial;
    certificate.issued_at = step.now.wall;
    certificate.not_after = step.now.wall + certificate_validity;
    wire::PublishInboxKey publish;
    publish.certificate.body = wire::encode_body(certificate);
    publish.certificate.signature =
        crypto::sign(*signing, wire::label::inbox_certificate, publish.certificate.body);
    // Always, so that who opens an inbox is known where a conflict names one of them; whoever tells
    // it never knows whether one does.
    publish.members = people_behind(step, inbox);
    row.certified_at = step.now.wall;
    row.certified_by = signing->verify_key();
    put_errand(step, "inbox/" + inbox.value(), std::move(publish), wire::Lane::immediate, true);
}

void keep_inbox(Step& step, const AgencyId& agency, const InboxId& inbox, bool people) {
    auto row = table::inboxes.get(step.tx, inbox).value_or(InboxRow{});
    const bool fits = row.epoch != 0 && row.people == people && row.agency == agency;
    const auto* signing = step.signing_key(agency);
    const bool same_key = signing != nullptr && signing->verify_key() == row.certified_by;
    // Made while our clock was ahead it counts with nobody.
    const bool is_of_the_future = row.certified_at > step.now.wall + limits::clock_skew_max;
    if (fits && same_key && row.certified_at.is_set() && !is_of_the_future &&
        step.now.wall - row.certified_at < certify_every)
        return;
    row.agency = agency;
    row.people = people;
    if (!fits) begin_epoch(step, inbox, row);
    publish_certificate(step, inbox, row);
    table::inboxes.put(step.tx, inbox, row);
}

template <class Open>
std::vector<crypto::BoxKeyPair> open_epochs(Step& step, const InboxId& inbox, Open open) {
    std::vector<crypto::BoxKeyPair> pairs;
    const auto row = table::inboxes.get(step.tx, inbox);
    if (!row) return pairs;
    for (std::uint64_t epoch = row->epoch; epoch >= 1; --epoch) {
        if (auto pair = open(epoch)) pairs.push_back(std::move(*pair));
    }
    return pairs;
}

Result<crypto::BoxKeyPair> unseal(const crypto::BoxKeyPair& own, const InboxId& inbox,
                                  std::uint64_t epoch, ByteView sealed) {
    MASH_TRY(text, crypto::open_sealed(own, sealed));
    return key_from(inbox, epoch, text.reveal());
}

}  // namespace

void keep_inboxes(Step& step) {
    const auto* registry = step.registry();
    if (registry == nullptr) return;
    for (const auto& [id, keys] : step.agent.keys.agencies) {
        const auto* agency = registry->find_active_agency(id, step.now.wall);
        if (agency == nullptr) continue;
        std::map<InboxId, bool> people;  // what a seat says of its own inbox comes first
        for (const auto& seat : agency->seats) people.emplace(seat.inbox, seat.people);
        for (const auto& seat : agency->seats) {
            if (seat.alternate) people.emplace(*seat.alternate, true);
        }
        for (const auto& inbox : agency->alternate_inboxes) people.emplace(inbox, true);
        for (const auto& [inbox, opened_by_people] : people)
            keep_inbox(step, id, inbox, opened_by_people);
    }
}

std::vector<crypto::BoxKeyPair> inbox_keys_of(Step& step, const Caller& caller,
                                              const InboxId& inbox) {
    if (!is_member(step, caller, inbox)) return {};
    const auto own = box_key_of(caller);
    if (!own) return {};
    return open_epochs(step, inbox, [&](std::uint64_t epoch) -> Result<crypto::BoxKeyPair> {
        const auto sealed = table::member_keys.get(step.tx, {inbox, epoch, caller.person});
        if (!sealed) return fail(ErrorCode::not_found);
        return unseal(*own, inbox, epoch, sealed->bytes);
    });
}

std::vector<crypto::BoxKeyPair> automatic_keys_of(Step& step, const InboxId& inbox) {
    return open_epochs(step, inbox, [&](std::uint64_t epoch) -> Result<crypto::BoxKeyPair> {
        const auto text = step.get_sealed(sealed::inbox_secret, store::key_bytes(inbox, epoch));
        if (!text) return fail(ErrorCode::not_found);
        return key_from(inbox, epoch, *text);
    });
}

std::vector<crypto::BoxKeyPair> recovered_keys_of(Step& step, const crypto::BoxKeyPair& recovery,
                                                  const InboxId& inbox) {
    return open_epochs(step, inbox, [&](std::uint64_t epoch) -> Result<crypto::BoxKeyPair> {
        const auto key = table::inbox_keys.get(step.tx, {inbox, epoch});
        if (!key) return fail(ErrorCode::not_found);
        return unseal(recovery, inbox, epoch, key->recovery_sealed);
    });
}

void share_inbox_keys(Step& step, const InboxId& inbox, std::span<const crypto::BoxKeyPair> keys,
                      const PersonId& person, const crypto::BoxPublicKey& box_public) {
    auto row = table::inboxes.get(step.tx, inbox);
    if (!row) return;
    for (std::uint64_t epoch = 1; epoch <= row->epoch; ++epoch) {
        const auto listed = table::inbox_keys.get(step.tx, {inbox, epoch});
        if (!listed) continue;
        for (const auto& pair : keys) {
            if (pair.public_key == listed->public_key) {
                seal_to_member(step, inbox, epoch, pair.secret_key, person, box_public);
            }
        }
    }
    table::members.put(step.tx, {inbox, person}, {});
    row->certified_at = {};  // if it cannot be signed now, the next Tick does
    publish_certificate(step, inbox, *row);
    table::inboxes.put(step.tx, inbox, *row);
}

void tell_members_again(Step& step, const AgencyId& agency) {
    for (auto [inbox, row] : table::inboxes.collect(step.tx, {})) {
        if (row.agency != agency || !row.people) continue;
        row.certified_at = {};  // if it cannot be signed now, the next Tick does
        publish_certificate(step, inbox, row);
        table::inboxes.put(step.tx, inbox, row);
    }
}

void rotate_inbox(Step& step, const InboxId& inbox, InboxRow& row) {
    begin_epoch(step, inbox, row);
    publish_certificate(step, inbox, row);
    table::inboxes.put(step.tx, inbox, row);
    step.record(LogEvent::key_rotated, {}, row.agency);
}

}  // namespace mash::runtime
