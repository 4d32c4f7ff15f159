#include "agents/health/hl7_adt.hpp"

#include <algorithm>
#include <array>

#include "agents/runtime/core/identity.hpp"

namespace mash::health {

namespace {

using runtime::SourceTime;

class Reader {
public:
    Reader(const Hl7Message& message, std::vector<FieldFault>& faults)
        : message_(message), faults_(faults) {}

    std::string text(const Hl7Segment* segment, std::size_t field) const {
        return message_.text(segment, field);
    }
    std::vector<Hl7Repeat> repeats(const Hl7Segment* segment, std::size_t field) const {
        return message_.repeats(segment, field);
    }
    std::optional<SourceTime> time(const Hl7Segment* segment, std::size_t field) {
        const std::string value = text(segment, field);
        if (value.empty()) return std::nullopt;
        auto parsed = runtime::parse_source_time(value);
        if (!parsed)
            note(segment, field, "bad_date",
                 "The value is no date and time as HL7 writes them; the message is used without "
                 "it");
        return parsed;
    }
    void note(const Hl7Segment* segment, std::size_t field, std::string rule, std::string words) {
        faults_.push_back(
            {segment->name + "-" + std::to_string(field), std::move(rule), std::move(words)});
    }

private:
    const Hl7Message& message_;
    std::vector<FieldFault>& faults_;
};

bool is_nhs_number(const Hl7Repeat& id) {
    static constexpr std::array<std::string_view, 4> types{"NH", "HN", "NI", "NHS"};
    if (id.part(4) == "NHS") return true;
    // A hospital's own number may bear the type of its index; the authority then is the hospital.
    return std::ranges::find(types, id.part(5)) != types.end() && id.part(1).size() >= 9;
}

/// The hospital's own number: of those that are no NHS number the one that says so, else the first.
std::string local_number(const std::vector<Hl7Repeat>& ids) {
    static constexpr std::array<std::string_view, 4> types{"MR", "PI", "PAS", "MEDREC"};
    std::string first;
    for (const auto& id : ids) {
        if (is_nhs_number(id)) continue;
        if (std::ranges::find(types, id.part(5)) != types.end()) return id.part(1);
        if (first.empty()) first = id.part(1);
    }
    return first;
}

/// A date of birth may carry a time, a zone, or what belongs elsewhere: its first eight digits
/// count.
std::optional<SourceTime> birth(Reader& in, const Hl7Segment* pid) {
    const std::string value = in.text(pid, 7);
    if (value.empty()) return std::nullopt;
    if (auto whole = runtime::parse_source_time(value)) return whole;
    auto date = runtime::parse_source_time(std::string_view(value).substr(0, 8));
    if (!date)
        in.note(pid, 7, "bad_date", "The date of birth is no date; the message is used without it");
    return date;
}

void read_name(Reader& in, const Hl7Segment* pid, AdtPerson& person) {
    const auto names = in.repeats(pid, 5);
    if (names.empty()) return;
    static constexpr std::array<std::string_view, 3> legal{"L", "D", "U"};
    auto main = std::ranges::find_if(names, [&](const Hl7Repeat& name) {
        return std::ranges::find(legal, name.part(7)) != legal.end();
    });
    if (main == names.end()) main = names.begin();
    person.family = PersonalText(main->part(1));
    person.given = PersonalText(main->part(2));
    person.middle = PersonalText(main->part(3));
    person.title = PersonalText(main->part(5));
    for (auto other = names.begin(); other != names.end(); ++other) {
        if (other == main) continue;
        person.aliases.push_back({PersonalText(other->part(1)), PersonalText(other->part(2))});
    }
    for (const auto& other : in.repeats(pid, 9))
        person.aliases.push_back({PersonalText(other.part(1)), PersonalText(other.part(2))});
}

void read_address(Reader& in, const Hl7Segment* pid, AdtPerson& person) {
    const auto addresses = in.repeats(pid, 11);
    // An old or a business address is not where the child is.
    const auto home = std::ranges::find_if(addresses, [](const Hl7Repeat& address) {
        const std::string type = address.part(7);
        return type.empty() || type == "H" || type == "C" || type == "L" || type == "P";
    });
    if (home == addresses.end()) return;
    std::string lines;
    for (const std::size_t part : {1, 2, 3, 4}) {
        const std::string line = home->part(part);
        if (!line.empty()) lines += (lines.empty() ? "" : ", ") + line;
    }
    person.postcode = PersonalText(home->part(5));
    person.address = PersonalText(lines);
}

AdtPerson read_person(Reader& in, const Hl7Segment* pid, const Hl7Segment* pd1) {
    AdtPerson out;
    auto ids = in.repeats(pid, 3);
    const auto older = in.repeats(pid, 2);
    ids.insert(ids.end(), older.begin(), older.end());
    out.mrn = local_number(ids);
    const auto nhs = std::ranges::find_if(ids, is_nhs_number);
    if (nhs != ids.end()) out.nhs_number = PersonalText(nhs->part(1));
    if (nhs != ids.end() && runtime::normalise_nhs_number(out.nhs_number.reveal()).empty())
        in.note(pid, 3, "unverified_number",
                "The NHS number is a placeholder or its check digit is wrong: it is kept as text "
                "and nobody is matched by it");
    out.nhs_number_status = in.text(pid, 32);
    read_name(in, pid, out);
    read_address(in, pid, out);
    out.born = birth(in, pid);
    out.sex = in.text(pid, 8);
    for (const std::size_t field : {13, 14}) {
        for (const auto& phone : in.repeats(pid, field)) {
            if (const auto number = phone.part(1); !number.empty()) out.phones.emplace_back(number);
        }
    }
    out.ethnic_group = PersonalText(in.text(pid, 22));
    out.religion = PersonalText(in.text(pid, 17));
    const std::string flag = in.text(pid, 30);
    if (flag == "Y" || flag == "y")
        out.dead = true;
    else if (flag == "N" || flag == "n")
        out.dead = false;
    else if (!flag.empty())
        in.note(pid, 30, "bad_flag",
                "The death flag is neither Y nor N: no death is reported from this message");
    out.died_at = in.time(pid, 29);
    out.gp_practice = in.text(pd1, 3);
    return out;
}

PatientClass class_of(Reader& in, const Hl7Segment* pv1) {
    const std::string code = in.text(pv1, 2);
    if (code == "E") return PatientClass::emergency;
    if (code == "I") return PatientClass::inpatient;
    if (code == "O") return PatientClass::outpatient;
    if (code == "DAY CASE" || code == "D" || code == "DC") return PatientClass::day_case;
    if (code == "N" || code == "NA") return PatientClass::not_applicable;
    if (code.empty() || code == "U" || code == "P" || code == "R" || code == "B")
        return PatientClass::unknown;
    in.note(pv1, 2, "unknown_code",
            "The patient class is none that we know: the visit counts as not unscheduled");
    return PatientClass::unknown;
}

std::string place(Reader& in, const Hl7Segment* pv1, std::size_t field) {
    const auto found = in.repeats(pv1, field);
    return found.empty() ? std::string() : found.front().first_parts(3);
}

AdtVisit read_visit(Reader& in, const Hl7Segment* pv1, const Hl7Segment* pv2) {
    AdtVisit out;
    out.patient_class = class_of(in, pv1);
    out.admission_type = in.text(pv1, 4);
    out.location = place(in, pv1, 3);
    out.previous_location = place(in, pv1, 6);
    out.number = in.text(pv1, 19);
    out.admitted_at = in.time(pv1, 44);
    out.discharged_at = in.time(pv1, 45);
    out.discharge_disposition = in.text(pv1, 36);
    out.discharged_to = in.text(pv1, 37);
    out.arrival_mode = in.text(pv2, 38);
    return out;
}

std::string first_part(const std::vector<Hl7Repeat>& repeats, std::size_t part = 1) {
    return repeats.empty() ? std::string() : repeats.front().part(part);
}

}  // namespace

std::string AdtPerson::birth_date() const { return born ? area::to_text(born->date) : ""; }

std::optional<SourceTime> AdtMessage::happened_at() const {
    if (occurred_at) return occurred_at;
    return recorded_at ? recorded_at : sent_at;
}

AdtMessage read_adt(const Hl7Message& message) {
    AdtMessage out;
    Reader in(message, out.faults);
    const auto* msh = message.segment("MSH");
    const auto* evn = message.segment("EVN");
    const auto* mrg = message.segment("MRG");
    const auto kind = in.repeats(msh, 9);
    out.type = first_part(kind);
    out.event = first_part(kind, 2);
    // Before 2.4 some senders named the event in EVN-1 only.
    if (out.event.empty()) out.event = in.text(evn, 1);
    out.id = in.text(msh, 10);
    out.application = in.text(msh, 3);
    out.facility = in.text(msh, 4);
    out.processing = in.text(msh, 11);
    out.version = in.text(msh, 12);
    out.sent_at = in.time(msh, 7);
    out.recorded_at = in.time(evn, 2);
    out.occurred_at = in.time(evn, 6);
    out.reason = in.text(evn, 4);
    const auto* pid = message.segment("PID");
    out.has_pid = pid != nullptr;
    out.person = read_person(in, pid, message.segment("PD1"));
    out.visit = read_visit(in, message.segment("PV1"), message.segment("PV2"));
    if (const auto* second = message.segment("PID", 1)) {
        out.other_person = read_person(in, second, message.segment("PD1", 1));
        out.other_visit = read_visit(in, message.segment("PV1", 1), message.segment("PV2", 1));
    }
    out.previous_mrn = local_number(in.repeats(mrg, 1));
    // The visit's number lies in field 5; older senders put it into field 3, the account.
    out.previous_visit = in.text(mrg, 5);
    if (out.previous_visit.empty()) out.previous_visit = in.text(mrg, 3);
    if (message.stray_lines() > 0)
        out.faults.push_back({"", "stray_line",
                              "Lines that are no segment were taken as the rest of the line before "
                              "them: the sender must escape line breaks"});
    return out;
}

}  // namespace mash::health
