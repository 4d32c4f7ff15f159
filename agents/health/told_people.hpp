// Of whom something was told from FHIR, by the source's own records: so that a change of who
// somebody is recorded as, and a merge of two records, reaches whoever was told. Nothing is kept of
// anybody of whom nothing was told.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/health/hospital_memory.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::health {

/// Digests of name, number, birth date and postcode, one by one: what a message leaves out says
/// nothing.
class RecordedIdentity {
public:
    RecordedIdentity() = default;
    explicit RecordedIdentity(const std::vector<PersonalText>& fields);
    /// As text() wrote it.
    static RecordedIdentity from(std::string_view text);
    std::string text() const;
    /// Whether this says anything that `before` does not.
    bool is_news_to(const RecordedIdentity& before) const;
    /// What neither leaves out; of both what this says.
    RecordedIdentity over(const RecordedIdentity& before) const;

private:
    std::vector<std::string> fields_;
};

class ToldPeople {
public:
    explicit ToldPeople(runtime::Snapshot& past) : past_(past) {}

    struct Found {
        std::string key;
        PersonState state;
        bool is_merged = false;  ///< the record asked for became this one
    };
    /// Of whom one of these records is; nothing: nothing was told of them.
    std::optional<Found> find(const std::vector<std::string>& records) const;
    /// Something was told, and is remembered as `held_as`.
    void tell(runtime::ReadFile::Made& made, const std::vector<std::string>& records,
              const RecordedIdentity& identity, const std::string& held_as);
    /// With the notification that tells of it; null: none does.
    void keep(runtime::ReadFile::Made* made, const std::string& key, const PersonState& state);
    /// One of their records, to find them by.
    void keep_record(runtime::ReadFile::Made& made, const std::string& record,
                     const std::string& key);

private:
    runtime::Snapshot& past_;
};

}  // namespace mash::health
