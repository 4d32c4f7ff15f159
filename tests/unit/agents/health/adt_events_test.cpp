#include "agents/health/adt_events.hpp"

#include <gtest/gtest.h>

#include "agents/health/care_status.hpp"
#include "agents/health/formats.hpp"
#include "agents/runtime/core/identity.hpp"

namespace mash::health {
namespace {

constexpr std::string_view nhs = "9990000018";

/// As the shell keeps it: what hangs on a notification counts only when that one was taken.
struct Hospital {
    std::map<std::string, std::string, std::less<>> kept;
    std::set<std::string> refused{};

    runtime::ReadFile read(const std::string& text, std::string_view now = "2027-01-13T12:00:00Z") {
        runtime::SourceMemory memory([this](std::string_view key) {
            const auto found = kept.find(key);
            return found == kept.end() ? std::nullopt : std::optional(found->second);
        });
        runtime::ReadContext context;
        context.agency = AgencyId("trust");
        context.role = RoleId("hv");  // what else the agency does
        context.now.wall = context.written_at = *wall_time_from_rfc3339(now);
        auto file = make_hl7_adt()->read(text, context, memory);
        for (const auto& made : file.notifications) {
            if (refused.contains(made.notification.facts.type.value())) continue;
            for (const auto& entry : made.remember) kept[entry.key] = entry.value;
        }
        for (const auto& entry : memory.entries()) kept[entry.key] = entry.value;
        return file;
    }
    void flag(const CareStatus& status, std::string_view number = nhs,
              const std::string& born = "2013-04-05") {
        runtime::SourceMemory memory;
        remember_status(memory, AgencyId("trust"), PersonalText(std::string(number)), born, status);
        for (const auto& entry : memory.entries()) kept[entry.key] = entry.value;
    }
    static Hospital with_plan() {
        Hospital out;
        out.flag({"protection_plan", "2026-07-22", "", false});
        return out;
    }
};

struct Say {
    std::string event = "A04";
    std::string at = "20270113103000";
    std::string patient_class = "E";
    std::string visit = "V100";
    std::string mrn = "40800000";
    std::string number = std::string(nhs);
    std::string family = "Testcase";
    std::string born = "20130405";
    std::string processing = "P";
    std::string death = "|N";  // PID-29 and PID-30
    std::string previous = "";
    std::string application = "EPIC";
};

std::string message(const Say& say) {
    std::string out = "MSH|^~\\&|" + say.application + "|FAC|||" + say.at + "||ADT^" + say.event +
                      "|M1|" + say.processing + "|2.4\r";
    out += "EVN|" + say.event + "|" + say.at + "||||" + say.at + "\r";
    out += "PID|1||" + say.mrn + "^^^H^MR~" + say.number + "^^^NHS^NH||" + say.family +
           "^Juno^^^^^L||" + say.born + "|F|||1 Test Street^^Worcester^^WR5 1AA||||||||||||||||||" +
           say.death + "\r";
    if (!say.previous.empty()) out += "MRG|" + say.previous + "^^^H^MR\r";
    out += "PV1|1|" + say.patient_class + "|ED^Bay 2^1||||||||||||||||" + say.visit +
           "|||||||||||||||||||||||||" + say.at + "\r";
    return out;
}

runtime::Notification only(const runtime::ReadFile& file) {
    EXPECT_EQ(file.notifications.size(), 1U);
    return file.notifications.empty() ? runtime::Notification()
                                      : file.notifications.front().notification;
}

std::string what(const runtime::Notification& notification) {
    return notification.sections.at("evt").at("what").reveal();
}

bool has_fault(const runtime::ReadFile& file, std::string_view rule) {
    return std::ranges::any_of(file.faults, [&](const auto& fault) { return fault.rule == rule; });
}

TEST(Attendance, OfAChildWithAnActivePlanIsToldWithAllThatIsKnown) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read(message({}));
    const auto& out = only(file);
    EXPECT_EQ(out.facts.type.value(), "unscheduled_health_attendance");
    EXPECT_EQ(out.role, RoleId("urg")) << "nobody else may say it";
    EXPECT_EQ(out.facts.markers, std::vector<std::string>{"care_status_active"});
    EXPECT_EQ(to_rfc3339(out.facts.occurred_at), "2027-01-13T10:30:00.000Z");
    EXPECT_EQ(out.source_ref, "hl7/EPIC.FAC/visit/V100/attended/1/40800000");
    EXPECT_EQ(out.thread_ref, "hl7/EPIC.FAC/visit/V100");
    EXPECT_EQ(out.subject.nhs_number.reveal(), nhs);
    EXPECT_EQ(out.subject.date_of_birth.reveal(), "2013-04-05");
    EXPECT_EQ(out.subject.postcode.reveal(), "WR5 1AA");
    EXPECT_EQ(out.sections.at("evt").at("place").reveal(), "\"FAC, ED\"");
    EXPECT_EQ(out.sections.at("leg").at("plan").reveal(), "\"Subject to a child protection plan\"");
    EXPECT_EQ(file.children, 1U);
}

TEST(Attendance, OfAChildWhoseDateOfBirthIsKnownInPartIsTold) {
    for (const std::string born : {"201304", "2013"}) {
        auto hospital = Hospital::with_plan();
        const auto file = hospital.read(message({.born = born}));
        ASSERT_EQ(file.notifications.size(), 1U) << "the plan's whole date does not contradict it";
        EXPECT_EQ(file.notifications.front().notification.subject.date_of_birth.reveal(),
                  born.size() == 4 ? "2013" : "2013-04");
    }
    auto hospital = Hospital::with_plan();
    EXPECT_TRUE(hospital.read(message({.born = "2005"})).notifications.empty()) << "an adult";
}

TEST(Attendance, OfAChildWithoutAKnownStatusIsNobodysBusiness) {
    Hospital hospital;
    const auto file = hospital.read(message({}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(file.passed_over, 1U);
    EXPECT_EQ(file.understood.at("without_known_care_status"), 1U);
}

TEST(Attendance, APlanThatHasEndedOrIsWithdrawnOrIsAnotherChildsIsNotActive) {
    for (const auto& status : {CareStatus{"protection_plan", "2026-07-22", "2027-01-12", false},
                               CareStatus{"protection_plan", "2027-01-14", "", false},
                               CareStatus{"protection_plan", "2026-07-22", "", true}}) {
        Hospital hospital;
        hospital.flag(status);
        EXPECT_TRUE(hospital.read(message({})).notifications.empty());
    }
    Hospital other;
    other.flag({"looked_after", "", "", false}, nhs, "2012-01-01");
    EXPECT_TRUE(other.read(message({})).notifications.empty());
    Hospital last_day;
    last_day.flag({"looked_after", "", "2027-01-13", false});
    EXPECT_EQ(last_day.read(message({})).notifications.size(), 1U);
}

TEST(Attendance, PlannedOnesAreCountedOnly) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read(message({.patient_class = "O"}) +
                                    message({.event = "A01", .patient_class = "I", .visit = "V2"}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(file.understood.at("registrations"), 1U);
    EXPECT_EQ(file.understood.at("admissions"), 1U);
    EXPECT_FALSE(file.understood.contains("unscheduled_attendances"));
}

TEST(Attendance, OfAnAdultIsNotEvenAFault) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read(message({.number = "123", .born = "20080113"}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(file.faults.empty());
    EXPECT_EQ(file.understood.at("about_adults"), 1U);
    // The day before the eighteenth birthday.
    Hospital young;
    young.flag({"looked_after", "", "", false}, nhs, "2009-01-14");
    EXPECT_EQ(young.read(message({.born = "20090114"})).notifications.size(), 1U);
}

TEST(Attendance, OfAMotherWhoseUnbornChildHasAPlanIsAboutTheChild) {
    Hospital hospital;
    hospital.flag({"unborn_plan", "2026-12-01", "", false}, nhs, "1997-03-04");
    const auto file = hospital.read(message({.born = "19970304"}));
    const auto& out = only(file);
    EXPECT_EQ(out.facts.type.value(), "unscheduled_health_attendance");
    EXPECT_TRUE(out.subject.unborn);
    EXPECT_EQ(out.subject.nhs_number.reveal(), nhs);
    EXPECT_EQ(out.sections.at("voi").at("reason_for_none").reveal(), "\"unborn\"");
    EXPECT_EQ(out.sections.at("leg").at("plan").reveal(),
              "\"Subject to a protection plan before birth\"");
    // Her own death, and what her record is changed to, are nobody's business here.
    const auto death =
        hospital.read(message({.event = "A08", .born = "19970304", .death = "20270113110000|Y"}));
    EXPECT_TRUE(death.notifications.empty());
    // Once the plan has ended she is an adult like any other.
    hospital.flag({"unborn_plan", "2026-12-01", "2027-01-10", false}, nhs, "1997-03-04");
    const auto later = hospital.read(message({.visit = "V101", .born = "19970304"}));
    EXPECT_TRUE(later.notifications.empty());
    EXPECT_EQ(later.understood.at("about_adults"), 1U);
}

TEST(Attendance, OfAChildOfWhomSocialCareToldTheLookUpIsTold) {
    Hospital hospital;
    runtime::Subject child;
    child.nhs_number = PersonalText(std::string(nhs));
    child.date_of_birth = PersonalText("2013-04-05");
    // As the core keeps it: by each strong identity, one list of flags.
    const auto identities = runtime::canonical_identities(child, runtime::TokenUse::caseload);
    ASSERT_EQ(identities.size(), 1U);
    const std::string key = "care-flag/trust/" +
                            std::to_string(static_cast<int>(identities[0].first)) + "/" +
                            identities[0].second.reveal();
    hospital.kept[key] = R"([{"by":"social-care","thread":"00000000-0000-4000-8000-000000000001",)"
                         R"("plan":"looked_after","since":"2026-07-22"}])";
    EXPECT_EQ(only(hospital.read(message({}))).sections.at("leg").at("plan").reveal(),
              "\"Looked after by a local authority\"");
    Hospital other;
    other.kept = hospital.kept;
    EXPECT_TRUE(other.read(message({.visit = "V9", .born = "20130406"})).notifications.empty())
        << "another birth date";
}

TEST(Attendance, ATestMessageRaisesNothing) {
    auto hospital = Hospital::with_plan();
    for (const std::string processing : {"T", "D"}) {
        const auto file = hospital.read(message({.processing = processing}));
        EXPECT_TRUE(file.notifications.empty());
        EXPECT_EQ(file.understood.at("test_messages"), 1U);
    }
    EXPECT_EQ(hospital.read(message({})).notifications.size(), 1U);
}

TEST(Visit, IsToldOnceHoweverOftenItIsSent) {
    auto hospital = Hospital::with_plan();
    EXPECT_EQ(hospital.read(message({}) + message({})).notifications.size(), 1U);
    EXPECT_TRUE(hospital.read(message({})).notifications.empty());
    EXPECT_TRUE(hospital.read(message({.at = "20270113104500"})).notifications.empty());
    EXPECT_EQ(hospital.read(message({.visit = "V101"})).notifications.size(), 1U);
    EXPECT_EQ(hospital.read(message({.application = "CERNER"})).notifications.size(), 1U);
}

TEST(Visit, RefusedByTheCoreIsNewsAgain) {
    auto hospital = Hospital::with_plan();
    hospital.refused = {"unscheduled_health_attendance"};
    EXPECT_EQ(hospital.read(message({})).notifications.size(), 1U);
    hospital.refused.clear();
    EXPECT_EQ(hospital.read(message({})).notifications.size(), 1U);
}

TEST(Visit, RegisteredAdmittedAndDischargedIsOneThread) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read(
        message({}) + message({.event = "A01", .at = "20270113113000", .patient_class = "I"}) +
        message({.event = "A06", .at = "20270113113100", .patient_class = "I"}) +
        message({.event = "A03", .at = "20270113115000", .patient_class = "I"}) +
        message({.event = "A03", .at = "20270113115000", .patient_class = "I"}));
    ASSERT_EQ(file.notifications.size(), 3U);
    for (const auto& made : file.notifications)
        EXPECT_EQ(made.notification.thread_ref, "hl7/EPIC.FAC/visit/V100");
    EXPECT_EQ(what(file.notifications[1].notification),
              "\"Admitted to hospital from unscheduled care\"");
    EXPECT_EQ(what(file.notifications[2].notification), "\"Discharged from hospital\"");
    EXPECT_EQ(file.passed_over, 2U);
}

TEST(Visit, ADischargeThatWasNeverToldOfIsNoNews) {
    auto hospital = Hospital::with_plan();
    EXPECT_TRUE(hospital.read(message({.event = "A03"})).notifications.empty());
    // The arrival that comes after it still is.
    EXPECT_EQ(hospital.read(message({})).notifications.size(), 1U);
}

TEST(Cancellation, OfAToldAttendanceCorrectsIt) {
    auto hospital = Hospital::with_plan();
    const auto told = only(hospital.read(message({}))).source_ref;
    const auto file = hospital.read(message({.event = "A11", .at = "20270113110000"}));
    const auto& out = only(file);
    EXPECT_EQ(out.facts.type.value(), "correction");
    EXPECT_EQ(out.supersedes_ref, told);
    EXPECT_TRUE(
        hospital.read(message({.event = "A11", .at = "20270113110000"})).notifications.empty());
    // The arrival, resent, came before; a new one comes after.
    EXPECT_TRUE(hospital.read(message({})).notifications.empty());
    EXPECT_EQ(hospital.read(message({.at = "20270113120000"})).notifications.size(), 1U);
}

TEST(Cancellation, OfWhatWeNeverSawIsNormalAndKeepsItsArrivalBack) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read(message({.event = "A11", .at = "20270113110000"}) +
                                    message({.event = "A13", .visit = "V7"}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(file.rejected_records.empty());
    EXPECT_TRUE(hospital.read(message({})).notifications.empty());
}

TEST(Cancellation, OfADischargeSaysThatTheChildIsStillThere) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read(message({}) + message({.event = "A03"}));
    const auto left = file.notifications.at(1).notification.source_ref;
    const auto& out = only(hospital.read(message({.event = "A13"})));
    EXPECT_EQ(out.supersedes_ref, left);
    EXPECT_TRUE(hospital.read(message({.event = "A13"})).notifications.empty());
    EXPECT_EQ(hospital.read(message({.event = "A03"})).notifications.size(), 1U);
}

TEST(Identity, ANewNameCorrectsWhatWasTold) {
    auto hospital = Hospital::with_plan();
    EXPECT_TRUE(hospital.read(message({.event = "A28"})).notifications.empty());
    EXPECT_EQ(hospital.read(message({})).notifications.size(), 1U);
    EXPECT_TRUE(hospital.read(message({.event = "A08"})).notifications.empty());
    const auto file = hospital.read(message({.event = "A31", .family = "Testcase-New"}));
    EXPECT_EQ(only(file).facts.type.value(), "correction");
    EXPECT_EQ(only(file).subject.surname.reveal(), "Testcase-New");
    EXPECT_TRUE(
        hospital.read(message({.event = "A31", .family = "Testcase-New"})).notifications.empty());
}

TEST(Identity, AMergeRelinksAllThatWasTold) {
    auto hospital = Hospital::with_plan();
    hospital.read(message({}));
    hospital.read(message({.visit = "V101"}));
    const Say merge{
        .event = "A40", .mrn = "40800001", .number = "9990000026", .previous = "40800000"};
    const auto file = hospital.read(message(merge));
    ASSERT_EQ(file.notifications.size(), 2U);
    for (const auto& made : file.notifications) {
        EXPECT_EQ(made.notification.facts.type.value(), "correction");
        EXPECT_FALSE(made.notification.supersedes_ref.empty());
        EXPECT_EQ(made.notification.subject.nhs_number.reveal(), "9990000026");
    }
    EXPECT_TRUE(hospital.read(message(merge)).notifications.empty());
    // A late message under the old number belongs to who it became.
    const auto late =
        hospital.read(message({.event = "A08", .number = "9990000026", .family = "Changed"}));
    EXPECT_EQ(late.notifications.size(), 2U);
}

TEST(Identity, ARecordThatWasMergedTwiceIsStillFound) {
    auto hospital = Hospital::with_plan();
    hospital.read(message({.mrn = "1"}));
    hospital.read(message({.event = "A40", .mrn = "2", .previous = "1"}));
    hospital.read(message({.event = "A40", .mrn = "3", .previous = "2"}));
    hospital.read(message({.event = "A08", .mrn = "3", .death = "20270113|Y"}));
    const auto late = hospital.read(message({.event = "A08", .mrn = "1", .death = "20270113|Y"}));
    EXPECT_TRUE(late.notifications.empty());
}

TEST(Identity, AMergeThatNamesNoRecordIsLostWithItsReason) {
    Hospital hospital;
    const auto file = hospital.read(message({.event = "A40"}));
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_TRUE(has_fault(file, "required"));
}

TEST(Identity, AMovedVisitGoesToTheOtherChild) {
    auto hospital = Hospital::with_plan();
    hospital.read(message({}));
    Say move{.event = "A45",
             .mrn = "5",
             .number = "9990000026",
             .family = "Other",
             .previous = "40800000"};
    const auto file = hospital.read(message(move));
    EXPECT_EQ(only(file).subject.surname.reveal(), "Other");
    EXPECT_TRUE(hospital.read(message(move)).notifications.empty());
}

TEST(Identity, APersonWhoIsDeletedAfterSomethingWasToldIsNamedForAPerson) {
    auto hospital = Hospital::with_plan();
    EXPECT_FALSE(has_fault(hospital.read(message({.event = "A29"})), "person_deleted"));
    hospital.read(message({}));
    EXPECT_TRUE(has_fault(hospital.read(message({.event = "A29"})), "person_deleted"));
}

TEST(Death, OfAChildIsToldOnceWhateverElseTheMessageSays) {
    auto hospital = Hospital::with_plan();
    const Say died{.event = "A03", .death = "20270113090000|Y"};
    const auto file = hospital.read(message(died));
    EXPECT_EQ(only(file).facts.type.value(), "child_death_notice");
    EXPECT_EQ(to_rfc3339(only(file).facts.occurred_at), "2027-01-13T09:00:00.000Z");
    EXPECT_TRUE(hospital.read(message(died)).notifications.empty());
    EXPECT_TRUE(hospital.read(message({.event = "A08", .death = "20270113090000|Y"}))
                    .notifications.empty());
}

TEST(Death, ATimeOfDeathAgainstTheFlagIsAQuestion) {
    Hospital hospital;
    const auto file = hospital.read(message({.event = "A03", .death = "20270113090000|N"}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(has_fault(file, "death_contradicted"));
}

TEST(Death, WithoutADateOfBirthIsAQuestion) {
    Hospital hospital;
    const auto file = hospital.read(message({.event = "A08", .born = "", .death = "|Y"}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(has_fault(file, "unknown_age"));
}

TEST(Death, OfAnAdultRaisesNothingAndOfAChildWhoWouldBeAdultNowDoes) {
    Hospital hospital;
    EXPECT_TRUE(hospital.read(message({.born = "19800101", .death = "20270113090000|Y"}))
                    .notifications.empty());
    EXPECT_EQ(hospital.read(message({.event = "A08", .born = "20090112", .death = "20270111|Y"}))
                  .notifications.size(),
              1U);
}

TEST(FirstImport, OldEventsAreHistory) {
    auto hospital = Hospital::with_plan();
    const auto old = hospital.read(
        message({.at = "20261201103000"}) +
        message({.event = "A08", .mrn = "6", .number = "9990000026", .death = "20261201|Y"}));
    EXPECT_TRUE(old.baseline);
    EXPECT_TRUE(old.notifications.empty());
    EXPECT_EQ(old.understood.at("history"), 2U);
    const auto again = hospital.read(message({.at = "20261201103000"}));
    EXPECT_FALSE(again.baseline);
    EXPECT_TRUE(again.notifications.empty());
    EXPECT_EQ(hospital.read(message({.visit = "V101"})).notifications.size(), 1U);
}

TEST(Record, ThoseThatWereNotUsedComeBackAsMessages) {
    auto bad = message({.event = "A40"});
    const auto text = message({}) + bad + message({.visit = "V2"});
    Hospital hospital;
    const auto file = hospital.read(text);
    ASSERT_EQ(file.rejected_records, std::vector<std::uint64_t>{2});
    std::string back;
    const auto selector =
        make_hl7_adt()->select(file.rejected_records, [&](auto piece) { back += piece; });
    for (const char& c : text) selector->feed({&c, 1});
    selector->finish();
    const auto again = hospital.read(back);
    EXPECT_EQ(again.records, 1U);
    EXPECT_EQ(again.faults.size(), 1U);
    EXPECT_EQ(again.faults.front().rule, file.faults.front().rule);
}

TEST(Record, OneThatIsBrokenNeverLosesTheOthers) {
    auto hospital = Hospital::with_plan();
    const auto file = hospital.read("MSH|^^^^|broken\rPID|1\r" + message({}) +
                                    "MSH|^~\\&|A|B|||||ORU^R01|9|P|2.4\rPID|||1\r" +
                                    "MSH|^~\\&|A|B|||||ADT^A04|9|P|2.4\rPV1|1|E\r" +
                                    "MSH|^~\\&|A|B|||||ADT^A04|9|P|2.4\rPID|||||x\r");
    EXPECT_EQ(file.records, 5U);
    EXPECT_EQ(file.notifications.size(), 1U);
    EXPECT_EQ(file.rejected_records, (std::vector<std::uint64_t>{1, 3, 4, 5}));
    for (const auto* rule : {"malformed", "unsupported_type", "required", "not_linkable"})
        EXPECT_TRUE(has_fault(file, rule)) << rule;
}

}  // namespace
}  // namespace mash::health
