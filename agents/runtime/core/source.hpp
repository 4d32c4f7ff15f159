// What every adapter does with a file: recognise it, read it record by record, say what each record
// means and what was wrong with it. Pure: files, folders and clocks belong to the shell
// (agents/runtime/shell/intake_folder).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "agents/runtime/core/notification.hpp"
#include "common/base/time.hpp"

namespace mash::area {
class Policy;
}

namespace mash::runtime {

/// One thing wrong with one record, for the report beside the rejected file and for `intake check`.
/// Names record, line, field and rule; never the value.
struct RecordFault {
    std::uint64_t record = 0;  ///< from 1; 0 = the file as a whole
    std::uint64_t line = 0;
    std::string field;
    std::string rule;          ///< "required", "bad_date", "not_linkable" ...
    std::string message;       ///< plain English, what to do
    bool record_lost = false;  ///< the record gave nothing; otherwise the rest of it was used
};

/// When schools are next open, by the calendar of the area's policy. Where none is held it is
/// estimated: three days on, which reaches over a weekend and not over holidays. Value type; asks
/// for the policy once, when it is first needed.
class SchoolSessions {
public:
    using FindPolicy = std::function<std::optional<area::Policy>()>;
    explicit SchoolSessions(FindPolicy find = {});

    struct Next {
        std::optional<WallTime> at;  ///< nothing: past the end of the calendar
        bool estimated = false;
    };
    Next after(WallTime at) const;

private:
    FindPolicy find_;
    struct Found;
    mutable std::shared_ptr<const Found> found_;
};

/// The policy and catalogue that the last commit holds, checked under the area's root; any thread.
/// Nothing: none is held, or the view failed.
std::optional<area::Policy> policy_held(store::View& view, const AreaId& area,
                                        const crypto::VerifyKey& root);

struct ReadContext {
    AgencyId agency;         ///< who speaks: from the folder, or the only one served
    RoleId role;             ///< as whom
    std::string school_urn;  ///< of the agency, for a school's own roll
    Now now;
    /// When the file was written. Where a record gives no time of its own this one stands in: it is
    /// the same however often the file is read.
    WallTime written_at;
    SchoolSessions school_sessions;
};

/// How many different ones there were, in eight bytes each.
class DistinctCount {
public:
    void add(std::string_view key);
    std::uint64_t count() const;

private:
    void tidy() const;
    mutable std::vector<std::uint64_t> seen_;
    mutable std::size_t tidied_ = 0;
};

/// What one file came to. Whoever feeds the reading keeps it within bounds: it takes the
/// notifications out between two pieces, and ends the reading of a file that has more faults or a
/// longer list than limits::intake_* allow.
struct ReadFile {
    std::string format;   ///< "misper-csv"
    std::string version;  ///< as the file states it; "" when its kind has none
    std::uint64_t records = 0;
    std::uint64_t children = 0;  ///< distinct, as far as the source's own keys tell
    std::uint64_t passed_over =
        0;  ///< adults, closed history at the first import, what was sent before
    std::map<std::string, std::uint64_t>
        understood;         ///< in the format's own words: "open", "closed", "with_school"
    bool baseline = false;  ///< the first file of this format from this agency
    struct Made {
        std::uint64_t record = 0;
        Notification notification;
        std::vector<Remembered> remember{};  ///< by SourceMemory::put_once_taken
    };
    std::vector<Made> notifications;
    std::vector<ReplaceRoll> rolls;
    std::vector<RecordFault> faults;
    std::uint64_t faults_left_out = 0;  ///< over limits::intake_faults_max
    /// They gave nothing because of a fault, or hide others in them.
    std::vector<std::uint64_t> rejected_records;

    /// The record is used without this field.
    void note(std::uint64_t record, std::uint64_t line, std::string_view field, std::string rule,
              std::string message);
    /// The record gives nothing.
    void lose(std::uint64_t record, std::uint64_t line, std::string_view field, std::string rule,
              std::string message);
    /// The file is not what it seemed, from here on: what came before was used.
    void refuse(std::string_view field, std::string rule, std::string message,
                std::uint64_t line = 0);
};

/// What an adapter remembers from file to file: one small text per key ("misper:900003" -> what was
/// last seen); an empty text forgets. Keys are the source's own references and kept as digests;
/// values are kept encrypted under the host's storage key. So a value may name a child where a
/// later file gives the child's local number alone; whatever else would do is not remembered. What
/// is said here is seen by the rest of the file at once; it lasts when the core has kept it.
class SourceMemory {
public:
    /// What earlier files left, nothing without `held`.
    using Held = std::function<std::optional<std::string>(std::string_view key)>;
    /// Makes what put() said last, so that a long history need not be held here whole. False when
    /// it cannot.
    using Keep = std::function<bool(std::vector<Remembered>&&)>;
    explicit SourceMemory(Held held = {}, Keep keep = {})
        : held_(std::move(held)), keep_(std::move(keep)) {}

    std::optional<std::string> get(std::string_view key) const;
    /// Holds whatever becomes of the file's notifications: history, a baseline.
    void put(std::string key, std::string value);
    /// Holds once the core has taken `made`, and from the same commit on. So a record that is
    /// refused is news again when it comes mended.
    void put_once_taken(ReadFile::Made& made, std::string key, std::string value);
    /// What put() said and is not kept yet.
    const std::vector<Remembered>& entries() const { return entries_; }
    /// `keep` could not: what this reading says from now on must not be used.
    bool failed() const { return failed_; }
    /// The core has answered for all that put_once_taken() said so far, and holds what it took.
    void forget_taken();

private:
    Held held_;
    Keep keep_;
    bool failed_ = false;
    std::map<std::string, std::string, std::less<>> said_;
    std::vector<Remembered> entries_;
};

/// What is the same in all adapters that compare a file with the one before: what was last seen of
/// each of the source's own keys, and whether there was a file before at all.
class Snapshot {
public:
    /// Of one format from one agency.
    Snapshot(SourceMemory& memory, std::string_view format, const AgencyId& agency);
    /// This is the first file: what it says of the past raises nothing.
    bool is_baseline() const { return baseline_; }
    std::optional<std::string> before(std::string_view key) const;
    /// Remembered whatever becomes of the file's notifications.
    void keep(std::string_view key, std::string value);
    /// Remembered once the core has taken `made`.
    void keep_once_taken(ReadFile::Made& made, std::string_view key, std::string value);
    /// The file was fit: the next one is news.
    void end_baseline();

    /// What a record says of one child, one notification for each revision of it. None of the three
    /// names a person: digests of ours do (source_row.hpp, revision_of).
    struct Said {
        std::string what;      ///< the source's own key and the kind of event: "ctf/885/left_roll"
        std::string child;     ///< which child of it; "" when the source's key says that
        std::string revision;  ///< changes when any word of the record does
    };
    /// This very revision was sent, or is history.
    bool knows(const Said& said) const;
    /// A revision of it was.
    bool was_sent(const Said& said) const;
    void keep_as_history(const Said& said);
    /// Adds the notification under a reference of its own, in place of the revision before it.
    ReadFile::Made& give(ReadFile& out, std::uint64_t record, Notification&& notification,
                         const Said& said);

private:
    std::string name_of(std::string_view key) const;
    SourceMemory& memory_;
    std::string prefix_;
    bool baseline_ = false;
};

/// One file under way. Ends with the file: what it was given at its beginning outlives it.
class SourceReading {
public:
    virtual ~SourceReading() = default;
    /// The next piece, in UTF-8, cut anywhere. False: no more of this file is wanted; why is a
    /// fault with record 0.
    virtual bool feed(std::string_view piece) = 0;
    /// The end of the file. Also after feed() said false.
    virtual void finish() = 0;
};

/// Copies single records of a file as it came, to be mended and put in again. Fed with the same
/// pieces as a reading. What is written is in UTF-8, and a file of the same format.
class RecordSelector {
public:
    using Write = std::function<void(std::string_view)>;
    virtual ~RecordSelector() = default;
    virtual void feed(std::string_view piece) = 0;
    /// The end of the file. Where the file goes wrong its records end, as they did when it was
    /// read.
    virtual void finish() = 0;
};

/// One format of one agency's systems. Stateless; everything remembered goes through SourceMemory.
class SourceFormat {
public:
    virtual ~SourceFormat() = default;
    virtual std::string_view name() const = 0;   ///< "misper-csv"
    virtual std::string_view title() const = 0;  ///< "Missing-person report CSV (formats 5.2)"
    /// Looks at the first bytes only (a header row, a root element), in UTF-8.
    virtual bool recognises(std::string_view head) const = 0;
    /// One bad field never loses the record, one bad record never loses the file. A file that is
    /// not what it seemed has a fault with record 0. Whatever is said of a record is in `out` when
    /// the piece with its end has been fed. All arguments outlive the reading.
    virtual std::unique_ptr<SourceReading> begin(const ReadContext& context, SourceMemory& memory,
                                                 ReadFile& out) const = 0;
    /// `records` are in rising order and outlive the selector. Rows of a CSV, under its header,
    /// unless the format says otherwise (record_selector.hpp).
    virtual std::unique_ptr<RecordSelector> select(const std::vector<std::uint64_t>& records,
                                                   RecordSelector::Write write) const;
    /// A file that is in memory already.
    ReadFile read(std::string_view content, const ReadContext& context, SourceMemory& memory) const;
};

using SourceFormats = std::vector<std::unique_ptr<SourceFormat>>;

/// The documented JSON: one notification, or a list of them (agents/README.md). Every agent takes
/// it.
std::unique_ptr<SourceFormat> make_json_format();
/// The roll or caseload CSV of our own (agents/README.md): header `relation,role,...`, whole list
/// at each send.
std::unique_ptr<SourceFormat> make_roll_csv_format();

}  // namespace mash::runtime
