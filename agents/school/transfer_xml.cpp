#include <algorithm>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/source_row.hpp"
#include "agents/runtime/core/xml.hpp"
#include "agents/school/formats.hpp"
#include "agents/school/pupil.hpp"
#include "common/base/stable_order.hpp"

namespace mash::school {

namespace {

using runtime::Notification;
using runtime::put;
using runtime::ReadContext;
using runtime::ReadFile;
using runtime::XmlElement;

constexpr std::string_view format_name = "ctf-xml";
constexpr int version_min = 13;
constexpr int version_max = 25;
/// Of the first file of a school: a move of longer ago is history.
constexpr int history_days = 31;

PersonalText text(const XmlElement& element, std::string_view path) {
    auto value = element.value(path);
    return value ? std::move(*value) : PersonalText();
}

std::string plain(const XmlElement& element, std::string_view path) {
    return text(element, path).reveal();
}

/// What the file's header says, as far as it is needed.
struct Transfer {
    bool read = false;
    bool admissions = false;  ///< an Admissions Transfer File
    std::string from, to;     ///< "8859999"; "" when the file gives no number
    std::string from_urn, to_urn;
    std::string from_name;
    bool destination_unknown = false;
    std::optional<runtime::SourceTime> written;
};

bool is_unknown(const std::string& code) {
    return code.empty() || code.find_first_not_of("Xx") == std::string::npos;
}

const std::vector<std::string> record_paths{"CTfile/CTFpupilData/Pupil",
                                            "ATfile/ATFpupilData/Pupil"};

class TransferReading final : public runtime::SourceReading {
public:
    TransferReading(const ReadContext& context, runtime::SourceMemory& memory, ReadFile& out)
        : context_(context),
          memory_(memory),
          out_(out),
          past_(memory, format_name, context.agency),
          reader_(record_paths, [this](runtime::XmlFound&& found) { take(found); }) {
        out_.baseline = past_.is_baseline();
    }

    bool feed(std::string_view piece) override {
        if (fit_) fit_ = reader_.feed(piece).has_value();
        return fit_;
    }

    void finish() override {
        if (fit_) fit_ = reader_.finish().has_value();
        out_.children = children_.count();
        if (!fit_) {
            const auto& fault = reader_.fault();
            out_.refuse("", fault.rule, fault.message + ". The pupils before that were used",
                        fault.line);
        }
        if (fit_ && !header_.read)
            out_.refuse(
                "Header", "missing_header",
                "The file does not say from which school to which it goes: export it again");
        if (fit_ && header_.read) past_.end_baseline();
    }

private:
    void take(const runtime::XmlFound& found) {
        if (found.number > 0) {
            ++out_.records;
            pupil(found);
        } else if (found.path.ends_with("/Header")) {
            header(found.element);
        }
    }

    void header(const XmlElement& header) {
        auto& to = header_;
        to.read = true;
        to.admissions = reader_.root().name == "ATfile";
        out_.version = plain(header, to.admissions ? "ATFversion" : "CTFversion");
        const auto number = count_of(out_.version);
        const int least = to.admissions ? 1 : version_min;
        if (!number || *number < least || *number >= version_max + 1)
            out_.note(0, header.line, to.admissions ? "ATFversion" : "CTFversion",
                      "unknown_version",
                      "The file is of a version that this program does not know; it was read as "
                      "the nearest one");
        const auto numbers = [&](const char* school, std::string& dfe, std::string& urn) {
            const std::string base = std::string(school) + "/";
            dfe = school_number(plain(header, base + "LEA"), plain(header, base + "Estab"));
            urn = runtime::normalise_urn(plain(header, base + "URN"));
            if (urn.empty()) urn = urn_of_school(memory_, dfe);
        };
        numbers("SourceSchool", to.from, to.from_urn);
        numbers("DestSchool", to.to, to.to_urn);
        to.from_name = plain(header, "SourceSchool/SchoolName");
        to.destination_unknown = is_unknown(plain(header, "DestSchool/LEA")) &&
                                 is_unknown(plain(header, "DestSchool/Estab"));
        to.written = runtime::parse_source_time(plain(header, "DateTime"));
    }

    void pupil(const runtime::XmlFound& found) {
        const auto lose = [&](std::string_view field, std::string rule, std::string message) {
            out_.lose(out_.records, found.line, field, std::move(rule), std::move(message));
        };
        const auto note = [&](std::string_view field, std::string rule, std::string message) {
            out_.note(out_.records, found.line, field, std::move(rule), std::move(message));
        };
        if (!header_.read)
            return lose("Header", "missing_header",
                        "The file does not say before its pupils which schools it is about");
        if (found.too_large)
            return lose("", "too_large", "The pupil's record is larger than any of its kind");
        const XmlElement& element = found.element;
        const auto when = moved_at(element);
        const std::string born_text = plain(element, "DOB");
        // An adult is nobody we may speak of: not even a fault is told of that record.
        const auto age = runtime::age_group(PersonalText(born_text), when);
        if (age == runtime::AgeGroup::adult) {
            ++out_.passed_over;
            return;
        }
        const Pupil who = read_pupil(element);
        if (!is_linkable(who))
            return lose("UPN", "not_linkable",
                        "The pupil cannot be matched: give a UPN, or surname and date of birth");
        if (age == runtime::AgeGroup::unknown)
            note("DOB", born_text.empty() ? "age_unknown" : "bad_date",
                 "There is no date of birth that is a date; the record is used without it");
        if (!who.upn.reveal().empty() && runtime::normalise_upn(who.upn.reveal()).empty())
            note("UPN", "check_failed",
                 "The number does not pass its check and is not used to match");
        children_.add(pupil_key(who));
        const bool in_care = runtime::flag_of(plain(element, "LookedAfter/InCare")) == true;
        if (in_care) ++out_.understood["looked_after"];
        if (!when)
            return lose("DateTime", "required",
                        "Neither the pupil's school history nor the file says when");
        if (header_.admissions) return admission(element, who, in_care);
        if (is_of_other_schools())
            return lose("SourceSchool", "other_school",
                        "The file names neither as source nor as destination the school whose "
                        "folder this is: put it into that school's folder");
        const bool ours_leaves = speaks_for_source();
        const std::string_view kind = !ours_leaves                  ? "joined_roll"
                                      : header_.destination_unknown ? "missing_education"
                                                                    : "left_roll";
        ++out_.understood[std::string(kind)];
        send(kind, who, element, *when, in_care);
        if (ours_leaves)
            absence(who, element, *when);
        else
            join_roll(who, *when);
    }

    /// From the day on which they have joined, not only from the next whole list. Nobody is taken
    /// off by it.
    void join_roll(const Pupil& who, const runtime::SourceTime& when) {
        const auto joined_ago = context_.now.wall - runtime::instant_of(when);
        if (joined_ago > std::chrono::hours(24 * history_days)) return;
        runtime::RollEntry entry;
        entry.subject = subject_of(who, context_.school_urn);
        if (runtime::canonical_identities(entry.subject, runtime::TokenUse::roll).empty()) {
            ++out_.understood["not_matched"];
            return;
        }
        if (out_.rolls.empty()) {
            auto& roll = out_.rolls.emplace_back();
            roll.seat = Seat{context_.agency, context_.role};
            roll.relation = "school";
            roll.partial = true;
        }
        out_.rolls.front().entries.push_back(std::move(entry));
    }

    /// An offer of a place: the child has moved once the day has come on which they entered the
    /// school whose folder this is.
    void admission(const XmlElement& element, const Pupil& who, bool in_care) {
        ++out_.understood["admission"];
        const auto accepted = runtime::flag_of(plain(element, "Admissions/Accept"));
        if (accepted) ++out_.understood[*accepted ? "place_accepted" : "place_declined"];
        const auto entered = entered_at(element);
        if (!entered || accepted == false || speaks_for_source() || is_of_other_schools() ||
            context_.written_at < runtime::instant_of(*entered)) {
            ++out_.passed_over;
            return;
        }
        ++out_.understood["joined_roll"];
        send("joined_roll", who, element, *entered, in_care);
        join_roll(who, *entered);
    }

    /// A child of another school that left for nobody knows where has not joined this one.
    bool is_of_other_schools() const {
        const std::string& own = context_.school_urn;
        if (own.empty() || header_.from_urn.empty() || header_.from_urn == own) return false;
        return header_.destination_unknown || (!header_.to_urn.empty() && header_.to_urn != own);
    }

    /// A school's own system writes the files of those who leave it; of those who come it has the
    /// file of the school before.
    bool speaks_for_source() const {
        const std::string& own = context_.school_urn;
        return own.empty() || header_.from_urn == own ||
               (header_.from_urn.empty() && header_.to_urn != own);
    }

    void send(std::string_view kind, const Pupil& who, const XmlElement& element,
              const runtime::SourceTime& when, bool in_care) {
        Notification notice = education_notice(context_, who, kind, when);
        if (kind == "missing_education") notice.facts.markers = {"untraced"};
        auto& education = notice.sections["edu"];
        std::string school = header_.from_name.empty() ? header_.from : header_.from_name;
        if (header_.admissions)
            school = "Joined by admission";
        else
            school = (kind == "joined_roll" ? "Came from " : "Left ") + school +
                     (kind == "missing_education" ? ", destination unknown"
                      : kind == "left_roll"       ? " for school " + header_.to
                                                  : "");
        put(education, "school", PersonalText(school));
        put(education, "attendance", PersonalText(attendance(element)));
        put(education, "send", PersonalText(support(element)));
        contacts(notice, element);
        if (in_care) {
            auto& legal = notice.sections["leg"];
            legal.emplace("has_plan_or_care_status", runtime::json_flag(true));
            const std::string authority = plain(element, "LookedAfter/CareAuthority");
            put(legal, "care_basis",
                PersonalText("Looked after, by the school's record" +
                             (authority.empty() ? "" : ", by local authority " + authority)));
        }
        give(std::move(notice), kind, who, when);
    }

    void absence(const Pupil& who, const XmlElement& element, const runtime::SourceTime& when) {
        const XmlElement* last = last_year(element);
        if (last == nullptr) return;
        const auto possible = count_of(plain(*last, "SessionsPossible"));
        const auto unauthorised = count_of(plain(*last, "SessionsUnauthorised"));
        if (!possible || !unauthorised || !is_persistent(*unauthorised, *possible)) return;
        ++out_.understood["persistent_absence"];
        Notification notice = education_notice(context_, who, "persistent_absence", when);
        put(notice.sections["edu"], "attendance", PersonalText(attendance(element)));
        give(std::move(notice), "persistent_absence", who, when);
    }

    void give(Notification&& notice, std::string_view kind, const Pupil& who,
              const runtime::SourceTime& when) {
        // Whatever is said of the child is in the notice: its digest is the revision.
        std::vector<PersonalText> words{PersonalText(runtime::text_of(when)), who.postcode};
        for (const auto& [code, section] : notice.sections) {
            for (const auto& [field, value] : section) words.push_back(value);
        }
        const runtime::Snapshot::Said said{
            "ctf/" + header_.from + "-" + header_.to + "/" + std::string(kind), pupil_key(who),
            runtime::revision_of(words)};
        if (past_.knows(said)) {
            ++out_.passed_over;
            return;
        }
        const auto age_of_news = context_.now.wall - runtime::instant_of(when);
        if (out_.baseline && age_of_news > std::chrono::hours(24 * history_days)) {
            ++out_.passed_over;
            past_.keep_as_history(said);
            return;
        }
        past_.give(out_, out_.records, std::move(notice), said);
    }

    /// When they entered the school that the file goes to.
    std::optional<runtime::SourceTime> entered_at(const XmlElement& element) const {
        std::optional<runtime::SourceTime> out;
        for (const auto* school : element.all("SchoolHistory/School")) {
            const std::string number =
                school_number(plain(*school, "LEA"), plain(*school, "Estab"));
            const bool is_destination =
                (!header_.to.empty() && number == header_.to) ||
                (!header_.to_urn.empty() && plain(*school, "URN") == header_.to_urn);
            const auto entry = runtime::parse_source_time(plain(*school, "EntryDate"));
            if (is_destination && entry && (!out || out->date < entry->date)) out = entry;
        }
        return out;
    }

    /// When they left the school that wrote the file; else when it was written.
    std::optional<runtime::SourceTime> moved_at(const XmlElement& element) const {
        std::optional<runtime::SourceTime> out;
        for (const auto* school : element.all("SchoolHistory/School")) {
            const std::string number =
                school_number(plain(*school, "LEA"), plain(*school, "Estab"));
            const bool is_source =
                (!header_.from.empty() && number == header_.from) ||
                (!header_.from_urn.empty() && plain(*school, "URN") == header_.from_urn);
            const auto left = runtime::parse_source_time(plain(*school, "LeavingDate"));
            if (is_source && left && (!out || out->date < left->date)) out = left;
        }
        return out ? out : header_.written;
    }

    static Pupil read_pupil(const XmlElement& element) {
        Pupil out;
        out.upn = text(element, "UPN");
        out.former_upn = text(element, "BasicDetails/FormerUPN");
        out.forename = text(element, "Forename");
        out.surname = text(element, "Surname");
        out.preferred_forename = text(element, "BasicDetails/PreferredForename");
        out.preferred_surname = text(element, "BasicDetails/PreferredSurname");
        out.former_surname = text(element, "BasicDetails/FormerSurname");
        out.date_of_birth = PersonalText(runtime::source_birth_date(plain(element, "DOB")));
        const std::string sex = plain(element, "Sex");
        out.sex = PersonalText(runtime::sex_word(sex.empty() ? plain(element, "Gender") : sex));
        if (const auto* address = element.child("Address")) {
            out.postcode = text(*address, "PostCode");
            if (out.postcode.reveal().empty()) out.postcode = text(*address, "Zip");
            if (out.postcode.reveal().empty()) out.postcode = text(*address, "ZIP");
            out.address = PersonalText(address_lines(*address));
        }
        return out;
    }

    static std::string address_lines(const XmlElement& address) {
        std::string out;
        const auto add = [&](const std::string& line) {
            if (!line.empty()) out += (out.empty() ? "" : ", ") + line;
        };
        for (const auto* name :
             {"SAON", "PAON", "Street", "Locality", "Town", "PostTown", "AdministrativeArea"})
            add(plain(address, std::string("BS7666Address/") + name));
        for (int line = 1; line <= 5; ++line)
            add(plain(address, "AddressLines/AddressLine" + std::to_string(line)));
        add(plain(address, "County"));
        return out;
    }

    static const XmlElement* last_year(const XmlElement& element) {
        const XmlElement* out = nullptr;
        for (const auto* year : element.all("Attendance/YearData")) {
            if (out == nullptr || plain(*out, "Year") <= plain(*year, "Year")) out = year;
        }
        return out;
    }

    static std::string attendance(const XmlElement& element) {
        const auto* year = last_year(element);
        if (year == nullptr || plain(*year, "SessionsPossible").empty()) return {};
        const auto number = [&](const char* name) {
            const std::string value = plain(*year, name);
            return value.empty() ? std::string("not known") : value;
        };
        return "Of " + number("SessionsPossible") + " sessions in " + plain(*year, "Year") +
               ": attended " + number("SessionsAttended") + ", authorised absence " +
               number("SessionsAuthorised") + ", unauthorised absence " +
               number("SessionsUnauthorised");
    }

    static std::string support(const XmlElement& element) {
        const XmlElement* now = nullptr;
        for (const auto* one : element.all("SENhistory/SEN")) {
            if (plain(*one, "EndDate").empty() &&
                (now == nullptr || plain(*now, "StartDate") <= plain(*one, "StartDate")))
                now = one;
        }
        if (now == nullptr) return {};
        const std::string code = plain(*now, "SENprovision");
        const std::string words = code == "E"   ? "Education, health and care plan"
                                  : code == "K" ? "Special educational needs support"
                                  : code == "N" ? "No special educational needs"
                                                : "Provision " + code;
        return words + " since " + plain(*now, "StartDate");
    }

    /// Adults are linked people of the child's notice, never a record of their own.
    static void contacts(Notification& notice, const XmlElement& element) {
        runtime::Json members = runtime::Json::array();
        std::string contact;
        bool court_order = false;
        auto all = element.all("Contacts/Contact");
        const auto order = [](const auto* one) {
            return count_of(plain(*one, "Order")).value_or(1e6);
        };
        sort_keeping_order(all, [&](const auto* a, const auto* b) { return order(a) < order(b); });
        for (const auto* one : all) {
            const std::string relation = plain(*one, "Relationship");
            std::string name = plain(*one, "Forename");
            name += (name.empty() ? "" : " ") + plain(*one, "Surname");
            if (name.empty()) continue;
            const bool responsible = runtime::flag_of(plain(*one, "Responsibility")) == true;
            const std::string words = relation == "PAM"   ? "mother"
                                      : relation == "PAF" ? "father"
                                      : relation == "CAR" ? "carer"
                                      : relation.empty()  ? "contact"
                                                          : "contact, " + relation;
            members.push_back(name + " (" + words +
                              (responsible ? ", parental responsibility)" : ")"));
            const std::string phone = plain(*one, "Phones/Phone/PhoneNo");
            if (responsible && !phone.empty() && contact.empty()) contact = name + ", " + phone;
            court_order =
                court_order || runtime::flag_of(plain(*one, "SuppInfo/CourtOrder")) == true;
        }
        if (!members.empty()) {
            auto& household = notice.sections["hhd"];
            household.emplace("members", PersonalText(runtime::text_of_json(members)));
            put(household, "contact", PersonalText(contact));
        }
        // Which of them must not be told the file does not say.
        if (court_order)
            put(notice.sections["sfc"], "note",
                PersonalText("The school records a court order about one of the contacts: ask the "
                             "school before any contact"));
    }

    const ReadContext& context_;
    runtime::SourceMemory& memory_;
    ReadFile& out_;
    runtime::Snapshot past_;
    Transfer header_;
    runtime::DistinctCount children_;
    bool fit_ = true;
    runtime::XmlReader reader_;
};

class TransferXml final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return format_name; }
    std::string_view title() const override {
        return "Common Transfer File and Admissions Transfer File (XML)";
    }
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers& records,
        runtime::RecordSelector::Write write) const override {
        return runtime::select_xml(record_paths, records, std::move(write));
    }

    bool recognises(std::string_view head) const override {
        const auto root = runtime::xml_root(head);
        return root && (root->first == "CTfile" || root->first == "ATfile");
    }

    std::unique_ptr<runtime::SourceReading> begin(const ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  ReadFile& out) const override {
        return std::make_unique<TransferReading>(context, memory, out);
    }
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_transfer_xml() {
    return std::make_unique<TransferXml>();
}

}  // namespace mash::school
