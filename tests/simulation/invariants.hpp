// The rules of design part 2, as checks on a running world. Cheap ones after every step, on what
// leaves a process; whole stores are read at quiet points; what must have become of every
// notification is asked once the world has healed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agents/runtime/core/records.hpp"
#include "broker/core/records.hpp"
#include "tests/simulation/workload.hpp"

namespace mash::simulation {

class Invariants final : public Watcher {
public:
    Invariants(World& world, const Workload& workload);

    void broker_said(const std::vector<broker::Effect>& effects) override;
    void agent_said(const HostId& host, const std::vector<runtime::Effect>& effects) override;
    void frame_to_broker(const HostId& host, ByteView bytes) override;
    void frame_to_agent(const HostId& host, ByteView bytes) override;
    void broker_restored() override;
    void agent_restored(const HostId& host) override;

    /// Reads every store. `thorough`: also tries every parcel with the keys of every other inbox.
    void check_stores(bool thorough);
    /// After heal() and Workload::finish().
    void check_ends();

private:
    using RungKey = std::tuple<AgencyId, NotificationId, Seat, wire::Rung>;

    void check_blind(ByteView bytes, const std::string& where);
    void check_accepted(const wire::Accepted& accepted);
    void check_delivery(const HostId& host, const wire::Delivery& delivery);
    void check_publish(const HostId& host, const wire::Publish& publish);
    void check_supplement(const HostId& host, const wire::Supplement& supplement);
    void check_floor(const HostId& host, const wire::SealedNotification& said,
                     const runtime::OutboxItem& item);
    void check_receipts(const HostId& host, const wire::Receipts& receipts);
    void check_hand_over(const runtime::HandOver& item);
    void check_accepted_is_durable();
    void check_versions();
    void check_rungs();
    /// What C3 lets this role see of it at most; nothing: it is told nothing of it.
    std::optional<std::set<std::string, std::less<>>> allowed_views(const TypeId& type,
                                                                    const RoleId& role,
                                                                    const NotificationId& id) const;
    bool is_released(const NotificationId& id, const Seat& seat);
    void check_inbox_item(const HostId& host, const runtime::InboxKey& key,
                          const runtime::InboxItem& item, bool thorough);
    void check_left_out(const HostId& host, const runtime::InboxKey& key, const wire::Cover& cover,
                        const std::set<std::string, std::less<>>& views, const std::string& where);
    void check_stop(const HostId& host, const runtime::InboxKey& key,
                    const runtime::StopMark& mark);
    void check_content(const std::string& text, const std::set<std::string, std::less<>>& views,
                       std::size_t child, const std::string& where);
    void check_is_listed(const runtime::InboxKey& key, const runtime::InboxItem& item);
    void check_end_of(const HostId& host, const NotificationId& id,
                      const runtime::OutboxItem& item);
    void check_end_of_accepted(const HostId& host, const NotificationId& id,
                               const runtime::OutboxItem& item);
    /// Seat by seat, against domain.md E2.
    void check_decision(const NotificationId& id, const runtime::OutboxItem& item);
    void check_clocks(const NotificationId& id, const runtime::OutboxItem& item,
                      const wire::Decision& decision);
    void check_own_clocks(const wire::Cover& cover, const wire::StatementBody& statement,
                          const std::string& where);
    /// Whom a later decision added: told once, and nobody else.
    void check_end_of_supplements(const HostId& host, const broker::ItemKey& item,
                                  const wire::Decision& decision,
                                  const broker::NotificationRecord& record);
    void check_withdrawn(const broker::ItemKey& item, const std::string& where);
    void check_told_by_telephone();
    void check_end_of_withdrawn(const HostId& host, const NotificationId& id,
                                const runtime::OutboxItem& item,
                                const broker::NotificationRecord& record);
    void check_end_of_recalled(const NotificationId& id, const AgencyId& sender,
                               const broker::NotificationRecord& record);
    // asking.cpp: questions to holders, and what comes of a yes
    void check_question(const HostId& host, const wire::InvolvementQuestion& question);
    void check_yes(const HostId& host, const wire::InvolvementAnswer& answer);
    void check_holders();
    void check_end_of_asking();
    void check_yes_is_kept();
    bool is_told(const broker::ItemKey& item, const broker::NotificationRecord& record,
                 const Seat& seat);
    bool has_task(const broker::ItemKey& item) const;
    /// By a conflict that was ever declared about that child.
    bool was_excluded(const InboxId& inbox, const broker::NotificationRecord& record) const;
    bool was_involved(const Seat& seat, std::size_t child) const;
    std::vector<crypto::BoxKeyPair>& keys_of(const HostId& host, const InboxId& inbox);
    void violate(std::string invariant, std::string detail) {
        world_.violate(std::move(invariant), std::move(detail));
    }

    World& world_;
    const Workload& workload_;
    std::map<broker::ItemKey, Digest>
        accepted_;                  ///< said by the broker, since its last restore lost something
    std::set<RungKey> rungs_said_;  ///< by the agents, signed
    std::map<std::tuple<HostId, InboxId, AgencyId, NotificationId>, Digest>
        parcels_;  ///< first content of each item
    std::map<std::tuple<HostId, std::string>, std::uint64_t> versions_;
    std::map<InboxId, std::pair<std::uint64_t, std::vector<crypto::BoxKeyPair>>>
        keys_;  ///< by epoch known
    std::set<HostId> restored_;
    std::set<std::pair<broker::ItemKey, Digest>> added_;  ///< supplements that the broker accepted
    bool is_broker_restored_ = false;
};

}  // namespace mash::simulation
