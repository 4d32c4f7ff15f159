// The public hospital messages and, value for value, what the project that they come from expects
// of 14 of them.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "agents/health/formats.hpp"
#include "agents/health/hl7_adt.hpp"
#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"

namespace mash::health {
namespace {

namespace fs = std::filesystem;

fs::path samples() { return test::shared_data() / "health" / "hl7_emap_generic"; }

std::string text_of_path(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

AdtMessage sample(const std::string& name) {
    const auto message = Hl7Message::read(text_of_path(samples() / (name + ".txt")));
    CHECK(message.has_value());
    return read_adt(*message);
}

std::string instant(const std::optional<runtime::SourceTime>& time) {
    if (!time) return "null";
    // Their convention for a bare date; ours stays a date.
    if (!time->instant) return area::to_text(time->date) + "T00:00:00Z";
    const std::string text = to_rfc3339(*time->instant);
    return text.substr(0, 19) + "Z";
}

std::string or_null(const std::string& text) { return text.empty() ? "null" : text; }

std::string class_word(PatientClass value) {
    switch (value) {
        case PatientClass::emergency: return "EMERGENCY";
        case PatientClass::inpatient: return "INPATIENT";
        case PatientClass::outpatient: return "OUTPATIENT";
        case PatientClass::day_case: return "DAY_CASE";
        case PatientClass::not_applicable: return "NOT_APPLICABLE";
        case PatientClass::unknown: break;
    }
    return "null";
}

/// Their name for the kind of message.
std::string kind_word(const std::string& event) {
    static const std::map<std::string, std::string> words{{"A01", "AdmitPatient"},
                                                          {"A02", "TransferPatient"},
                                                          {"A03", "DischargePatient"},
                                                          {"A04", "RegisterPatient"},
                                                          {"A06", "TransferPatient"},
                                                          {"A08", "UpdatePatientInfo"},
                                                          {"A11", "CancelAdmitPatient"},
                                                          {"A12", "CancelTransferPatient"},
                                                          {"A13", "CancelDischargePatient"},
                                                          {"A17", "SwapLocations"},
                                                          {"A29", "DeletePersonInformation"},
                                                          {"A40", "MergePatient"},
                                                          {"A45", "MoveVisitInformation"},
                                                          {"A47", "ChangePatientIdentifiers"}};
    const auto found = words.find(event);
    return found == words.end() ? "" : "uk.ac.ucl.rits.inform.interchange.adt." + found->second;
}

/// What we read under each of their names; nothing: a name that this test does not know.
std::optional<std::string> value_of(const AdtMessage& in, const std::string& name) {
    const auto& person = in.person;
    const auto& visit = in.visit;
    if (name == "@class") return kind_word(in.event);
    if (name == "recordedDateTime") return instant(in.recorded_at);
    if (name == "eventOccurredDateTime" || name == "cancelledDateTime")
        return instant(in.occurred_at);
    if (name == "eventReasonCode") return in.reason;
    if (name == "sourceSystem") return in.application;
    if (name == "mrn") return person.mrn;
    if (name == "nhsNumber") return person.nhs_number.reveal();
    if (name == "visitNumber") return visit.number;
    if (name == "previousMrn") return in.previous_mrn;
    if (name == "previousVisitNumber") return in.previous_visit;
    if (name == "otherMrn") return in.other_person->mrn;
    if (name == "otherNhsNumber") return in.other_person->nhs_number.reveal();
    if (name == "otherVisitNumber") return in.other_visit->number;
    if (name == "otherFullLocationString") return in.other_visit->location;
    // When somebody comes without being admitted, the same field says when they came.
    if (name == "admissionDateTime" || name == "presentationDateTime")
        return instant(visit.admitted_at);
    if (name == "dischargeDateTime") return instant(visit.discharged_at);
    if (name == "dischargeDisposition") return visit.discharge_disposition;
    if (name == "dischargeLocation") return visit.discharged_to;
    if (name == "modeOfArrival") return visit.arrival_mode;
    if (name == "fullLocationString") return or_null(visit.location);
    if (name == "previousLocationString" || name == "cancelledLocation")
        return or_null(visit.previous_location);
    if (name == "patientClass") return class_word(visit.patient_class);
    if (name == "patientBirthDate") return or_null(person.birth_date());
    if (name == "patientBirthDateTime") return instant(person.born);
    if (name == "patientIsAlive") return person.dead ? (*person.dead ? "false" : "true") : "null";
    if (name == "patientFamilyName") return person.family.reveal();
    if (name == "patientGivenName") return person.given.reveal();
    if (name == "patientMiddleName") return person.middle.reveal();
    if (name == "patientTitle") return person.title.reveal();
    if (name == "patientSex") return person.sex;
    if (name == "patientReligion") return person.religion.reveal();
    if (name == "patientZipOrPostalCode") return person.postcode.reveal();
    // Theirs is the hospital's own word for the code that the message holds.
    if (name == "ethnicGroup")
        return person.ethnic_group.reveal() == "Z2" ? "Refused to Give"
                                                    : person.ethnic_group.reveal();
    return std::nullopt;
}

std::string expected_text(const YAML::Node& node) {
    const YAML::Node value = node.IsMap() ? node["value"] : node;
    return value.IsNull() ? "null" : value.as<std::string>();
}

TEST(HospitalSamples, EveryExpectedValueIsReadFromItsMessage) {
    if (!fs::exists(samples() / "expected"))
        GTEST_SKIP() << "the public samples are absent: " << samples() / "expected";
    std::size_t files = 0;
    std::size_t values = 0;
    for (const auto& entry : fs::directory_iterator(samples() / "expected")) {
        ++files;
        const auto read = sample(entry.path().stem().string());
        const auto expected = YAML::LoadFile(entry.path().string());
        for (const auto& item : expected) {
            const auto name = item.first.as<std::string>();
            const auto ours = value_of(read, name);
            ASSERT_TRUE(ours.has_value()) << entry.path() << ": nothing is read for " << name;
            EXPECT_EQ(*ours, expected_text(item.second)) << entry.path() << ": " << name;
            ++values;
        }
    }
    EXPECT_EQ(files, 14U);
    EXPECT_GT(values, 200U);
}

TEST(HospitalSamples, AllNineteenMessagesAreReadAndAdultsRaiseNothing) {
    if (!fs::exists(samples())) GTEST_SKIP() << "the public samples are absent: " << samples();
    std::string all;
    for (const auto& entry : fs::directory_iterator(samples())) {
        if (entry.path().extension() == ".txt") all += text_of_path(entry.path()) + "\n";
    }
    const auto format = make_hl7_adt();
    ASSERT_TRUE(format->recognises(all));
    runtime::ReadContext context;
    context.agency = AgencyId("trust");
    context.role = RoleId("urg");
    context.now.wall = context.written_at = *wall_time_from_rfc3339("2013-02-12T09:00:00Z");
    runtime::SourceMemory memory;
    const auto file = format->read(all, context, memory);
    EXPECT_EQ(file.records, 19U);
    EXPECT_TRUE(file.rejected_records.empty());
    EXPECT_TRUE(file.notifications.empty());
    const std::map<std::string, std::uint64_t> events{{"admissions", 2},
                                                      {"moves", 1},
                                                      {"discharges", 4},
                                                      {"registrations", 1},
                                                      {"updates", 2},
                                                      {"changes_to_inpatient", 1},
                                                      {"cancelled_arrivals", 1},
                                                      {"cancelled_moves", 1},
                                                      {"cancelled_discharges", 1},
                                                      {"swaps", 1},
                                                      {"people_deleted", 1},
                                                      {"merges", 1},
                                                      {"visits_moved", 1},
                                                      {"identifiers_changed", 1}};
    for (const auto& [word, count] : events) EXPECT_EQ(file.understood.at(word), count) << word;
}

TEST(HospitalSamples, TheDeathFlagDecidesNotTheTimeOfDeath) {
    if (!fs::exists(samples())) GTEST_SKIP() << "the public samples are absent: " << samples();
    EXPECT_EQ(sample("A03_death").person.dead, true);
    EXPECT_EQ(instant(sample("A03_death").person.died_at), "2013-02-11T08:34:56Z");
    const auto contradiction = sample("A03_death_2").person;
    EXPECT_EQ(contradiction.dead, false);
    EXPECT_TRUE(contradiction.died_at.has_value());
    // A word in the field for where somebody went is no death.
    EXPECT_EQ(sample("A03_death_3").person.dead, false);
}

}  // namespace
}  // namespace mash::health
