#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "agents/health/care_status.hpp"
#include "agents/health/fhir_codes.hpp"
#include "agents/health/fhir_tree.hpp"
#include "agents/health/formats.hpp"
#include "agents/runtime/core/xml.hpp"
#include "tests/paths/paths.hpp"

namespace mash::health {
namespace {

namespace fs = std::filesystem;

/// As the shell keeps it: what hangs on a notification counts only when that one was taken.
struct Trust {
    std::map<std::string, std::string, std::less<>> kept;

    runtime::ReadFile read(const std::string& text, std::string_view now = "2027-01-13T12:00:00Z") {
        const auto formats = all_formats();
        const auto format =
            std::ranges::find_if(formats, [&](const auto& each) { return each->recognises(text); });
        EXPECT_NE(format, formats.end());
        if (format == formats.end()) return {};
        runtime::SourceMemory memory([this](std::string_view key) {
            const auto found = kept.find(key);
            return found == kept.end() ? std::nullopt : std::optional(found->second);
        });
        runtime::ReadContext context;
        context.agency = AgencyId("trust");
        context.role = RoleId("hv");  // what else the agency does
        context.now.wall = context.written_at = *wall_time_from_rfc3339(now);
        auto file = (*format)->read(text, context, memory);
        for (const auto& made : file.notifications)
            for (const auto& entry : made.remember) kept[entry.key] = entry.value;
        for (const auto& entry : memory.entries()) kept[entry.key] = entry.value;
        return file;
    }
};

std::uint64_t understood(const runtime::ReadFile& file, std::string_view word) {
    const auto found = file.understood.find(std::string(word));
    return found == file.understood.end() ? 0 : found->second;
}

bool has_fault(const runtime::ReadFile& file, std::string_view rule) {
    return std::ranges::any_of(file.faults, [&](const auto& fault) { return fault.rule == rule; });
}

runtime::Notification only(const runtime::ReadFile& file) {
    EXPECT_EQ(file.notifications.size(), 1U);
    return file.notifications.empty() ? runtime::Notification()
                                      : file.notifications.front().notification;
}

struct Say {
    std::string status = "active";
    std::string code = "836881000000105";
    std::string born = "2013-04-05";
    std::string number = "9990000018";
    std::string subject = R"({"reference":"urn:uuid:child"})";
    std::string more = "";
    std::string more_codings = "";
    std::string family = "Testcase";
};

std::string patient(const Say& say) {
    return R"({"fullUrl":"urn:uuid:child","resource":{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":")" +
           say.number + R"("}],"name":[{"use":"official","family":")" + say.family +
           R"(","given":["Juno","Ann"]}],"gender":"female")" +
           (say.born.empty() ? "" : R"(,"birthDate":")" + say.born + "\"") +
           R"(,"address":[{"postalCode":"WR5 1AA"}]}})";
}

std::string bundle(const Say& say) {
    return R"({"resourceType":"Bundle","type":"message","timestamp":"2027-01-13T10:00:00+00:00","entry":[)"
           R"({"fullUrl":"urn:uuid:head","resource":{"resourceType":"MessageHeader","source":{"name":"Emergency service","contact":{"system":"phone","value":"01632 960777"}}}},)" +
           patient(say) +
           R"(,{"fullUrl":"urn:uuid:flag-1","resource":{"resourceType":"Flag","status":")" +
           say.status +
           R"(","category":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/flag-categories-bars","code":"SG"}]}],"code":{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/safeguarding-codes-bars","code":")" +
           say.code + R"("})" + say.more_codings + R"(],"text":"Seen by the crew"},"subject":)" +
           say.subject + R"(,"period":{"start":"2027-01-13T09:30:00Z"}}})" + say.more + "]}";
}

FhirNode tree_of_xml(std::string_view text) {
    std::optional<FhirNode> out;
    runtime::XmlReader reader(
        {"*"}, [&](runtime::XmlFound&& found) { out = fhir_from_xml(found.element); });
    EXPECT_TRUE(reader.feed(text).has_value());
    EXPECT_TRUE(reader.finish().has_value());
    return out.value_or(FhirNode());
}

void words_of(const FhirNode& node, const std::string& path, std::multiset<std::string>& out) {
    const std::string here = path + "/" + node.name;
    if (!node.value.reveal().empty()) out.insert(here + "=" + node.value.reveal());
    for (const auto& child : node.children) words_of(child, here, out);
}

TEST(FhirTree, IsTheSameOfJsonAndOfXml) {
    const auto json = fhir_from_json(
        R"({"resourceType":"Patient","id":"p","active":true,"name":[{"family":"Test","given":["A","B"]}],
            "birthDate":"2013-04-05","_birthDate":{"extension":[{"url":"time","valueDateTime":"2013-04-05T10:00:00Z"}]},
            "multipleBirthInteger":2,"text":{"status":"generated","div":"<div>words</div>"},
            "contained":[{"resourceType":"Organization","name":"Clinic"}]})");
    const auto xml = tree_of_xml(
        R"(<Patient xmlns="http://hl7.org/fhir"><id value="p"/><active value="true"/><!-- note -->
           <name><family value="Test"/><given value="A"/><given value="B"/></name>stray
           <birthDate value="2013-04-05"><extension url="time"><valueDateTime value="2013-04-05T10:00:00Z"/></extension></birthDate>
           <multipleBirthInteger value="2"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">words</div></text>
           <contained><Organization><name value="Clinic"/></Organization></contained></Patient>)");
    ASSERT_TRUE(json.has_value());
    std::multiset<std::string> from_json;
    std::multiset<std::string> from_xml;
    words_of(*json, "", from_json);
    words_of(xml, "", from_xml);
    EXPECT_EQ(from_json, from_xml);
    EXPECT_EQ(json->text("contained/resourceType"), "Organization");
    EXPECT_EQ(json->all("name/given").size(), 2U);
}

TEST(FhirTree, WhatIsNoResourceIsRefused) {
    for (const std::string_view text :
         {"", "[]", "{}", "{\"resourceType\":1}", "{\"resourceType\":\"Flag\",\"a\":[[1]]}", "{"})
        EXPECT_FALSE(fhir_from_json(text).has_value()) << text;
    std::string deep = R"({"resourceType":"Flag","a":)";
    for (int i = 0; i < 200; ++i) deep += R"({"a":)";
    deep += "1" + std::string(201, '}');
    EXPECT_FALSE(fhir_from_json(deep).has_value());
    std::string wide = R"({"resourceType":"Bundle","entry":[{})";
    for (int i = 0; i < 300'000; ++i) wide += ",{}";
    EXPECT_FALSE(fhir_from_json(wide + "]}").has_value()) << "no bundle has so many entries";
}

TEST(SafeguardingFlag, OfAChildIsAConcernWithAllThatIsSaid) {
    Trust trust;
    const auto file = trust.read(bundle({}));
    const auto out = only(file);
    EXPECT_EQ(out.facts.type.value(), "safeguarding_referral");
    EXPECT_EQ(out.facts.harm, wire::Harm::suspected);
    EXPECT_EQ(out.source_ref, "fhir/flag/d-" + out.thread_ref.substr(12) + "/raised/1");
    EXPECT_EQ(out.subject.nhs_number.reveal(), "9990000018");
    EXPECT_EQ(out.subject.forename.reveal(), "Juno");
    EXPECT_EQ(out.subject.postcode.reveal(), "WR5 1AA");
    EXPECT_EQ(out.sections.at("evt").at("what").reveal(),
              "\"The health service has set a safeguarding flag: Child is cause for safeguarding "
              "concern\"");
    EXPECT_EQ(out.sections.at("evt").at("details").reveal(), "\"Seen by the crew\"");
    EXPECT_EQ(out.sections.at("pro").at("whom_to_ring").reveal(),
              "\"Emergency service, 01632 960777\"");
    EXPECT_EQ(to_rfc3339(out.facts.occurred_at), "2027-01-13T09:30:00.000Z");
    EXPECT_EQ(file.children, 1U);
    EXPECT_EQ(file.records, 3U);
}

TEST(SafeguardingFlag, GoesByTheMostGuardedOfItsCodes) {
    const auto type_of = [](const Say& say) {
        Trust trust;
        const auto out = only(trust.read(bundle(say)));
        return out.facts.type.value() + " " + out.facts.kind;
    };
    EXPECT_EQ(type_of({.code = "713201008"}), "harmful_practice_concern fgm_risk");
    EXPECT_EQ(type_of({.code = "1054321000000100"}), "harmful_practice_concern forced_marriage");
    EXPECT_EQ(type_of({.code = "919461000000108"}), "exploitation_concern ");
    EXPECT_EQ(type_of({.code = "766969008"}), "radicalisation_concern ");
    EXPECT_EQ(type_of({.code = "700255001",
                       .more_codings = R"(,{"code":"713201008"},{"code":"861931000000100"})"}),
              "harmful_practice_concern fgm_risk");
    // A code that nobody knows is a concern nevertheless.
    EXPECT_EQ(type_of({.code = "999999"}), "safeguarding_referral ");
}

TEST(SafeguardingFlag, OfAdultsPlacesAndNoConcernRaisesNothing) {
    for (const auto& say :
         {Say{.born = "1980-01-01"}, Say{.code = "861931000000100"}, Say{.code = "766561000000109"},
          Say{.subject = R"({"reference":"Location/4"})"}, Say{.status = "inactive"},
          Say{.status = "entered-in-error"}}) {
        Trust trust;
        const auto file = trust.read(bundle(say));
        EXPECT_TRUE(file.notifications.empty()) << say.status << say.code << say.subject;
        EXPECT_TRUE(file.faults.empty());
        EXPECT_EQ(file.passed_over, 1U);
    }
}

TEST(SafeguardingFlag, IsToldOnceChangedInPlaceAndTakenBack) {
    Trust trust;
    const auto first = only(trust.read(bundle({})));
    EXPECT_TRUE(trust.read(bundle({})).notifications.empty());
    const auto changed = only(trust.read(bundle({.code = "162596006"})));
    EXPECT_EQ(changed.supersedes_ref, first.source_ref);
    const auto withdrawn = only(trust.read(bundle({.status = "entered-in-error"})));
    EXPECT_EQ(withdrawn.facts.type.value(), "correction");
    EXPECT_EQ(withdrawn.supersedes_ref, changed.source_ref);
    EXPECT_EQ(withdrawn.thread_ref, first.thread_ref);
    EXPECT_TRUE(trust.read(bundle({.status = "inactive"})).notifications.empty());
    EXPECT_EQ(only(trust.read(bundle({}))).facts.type.value(), "safeguarding_referral");
}

TEST(SafeguardingFlag, ALogicalReferenceIsEnough) {
    Trust trust;
    const auto out = only(trust.read(bundle(
        {.code = "902961000000107",
         .subject =
             R"({"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"999 000 0018"}})"})));
    EXPECT_EQ(out.facts.type.value(), "harmful_practice_concern");
    EXPECT_EQ(out.subject.nhs_number.reveal(), "999 000 0018");
}

TEST(SafeguardingFlag, WithoutAKnownSubjectGoesUnmatchedOnlyIfItMustBeAChild) {
    Trust trust;
    const auto lost =
        trust.read(bundle({.code = "U", .subject = R"({"reference":"urn:uuid:nobody"})"}));
    EXPECT_TRUE(lost.notifications.empty());
    EXPECT_EQ(lost.rejected_records, std::vector<std::uint64_t>{3});
    Trust other;
    const auto sent =
        other.read(bundle({.code = "700255001", .subject = R"({"reference":"urn:uuid:nobody"})"}));
    EXPECT_EQ(sent.notifications.size(), 1U);
    EXPECT_TRUE(has_fault(sent, "not_linkable"));
}

TEST(SafeguardingFlag, OfUnknownAgeIsAQuestionAndGoes) {
    Trust trust;
    const auto file = trust.read(bundle({.code = "U", .born = ""}));
    EXPECT_EQ(file.notifications.size(), 1U);
    EXPECT_TRUE(has_fault(file, "unknown_age"));
}

TEST(SafeguardingFlag, OfAChildWhoseDateOfBirthIsKnownInPartGoesWithIt) {
    Trust trust;
    const auto out = only(trust.read(bundle({.born = "2013-04"})));
    EXPECT_EQ(out.subject.date_of_birth.reveal(), "2013-04");
    EXPECT_TRUE(Trust().read(bundle({.born = "2005"})).notifications.empty()) << "an adult";
}

TEST(SafeguardingFlag, OfAnUnbornChildNamesTheMotherAmongTheHousehold) {
    Trust trust;
    const auto out = only(trust.read(bundle({.code = "878111000000109", .born = "1995-01-01"})));
    EXPECT_TRUE(out.subject.unborn);
    EXPECT_TRUE(out.subject.surname.reveal().empty());
    EXPECT_EQ(out.sections.at("hhd").at("members").reveal(),
              "[\"Mother: Juno Testcase, NHS number 9990000018\"]");
}

TEST(SafeguardingFlag, OldOnesAtTheFirstImportAreHistory) {
    Trust trust;
    const auto file = trust.read(bundle({}), "2027-06-01T12:00:00Z");
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(understood(file, "history"), 1U);
    EXPECT_TRUE(trust.read(bundle({}), "2027-06-01T12:00:00Z").notifications.empty());
}

std::string plan(const std::string& period, const std::string& status = "active") {
    return R"({"resourceType":"Bundle","type":"collection","entry":[)" + patient({}) +
           R"(,{"fullUrl":"CarePlan/1","resource":{"resourceType":"CarePlan","status":")" + status +
           R"(","category":[{"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}],"subject":{"reference":"urn:uuid:child"},"period":)" +
           period + "}}]}";
}

constexpr std::string_view attended =
    R"(,{"fullUrl":"urn:uuid:visit","resource":{"resourceType":"Encounter","status":"finished","class":{"code":"EMER"},"subject":{"reference":"urn:uuid:child"},"period":{"start":"2027-01-13T09:00:00Z"}}})";

TEST(NationalFlag, MakesAttendancesNewsForAsLongAsThePlanIsOpen) {
    const std::string visit = bundle({.code = "861931000000100", .more = std::string(attended)});
    Trust none;
    EXPECT_TRUE(none.read(visit).notifications.empty());
    Trust open;
    EXPECT_EQ(understood(open.read(plan(R"({"start":"2026-07-22"})")), "active_plans"), 1U);
    EXPECT_EQ(only(open.read(visit)).facts.markers, std::vector<std::string>{"care_status_active"});
    EXPECT_TRUE(open.read(visit).notifications.empty());
    Trust ended;
    EXPECT_EQ(
        understood(ended.read(plan(R"({"start":"2026-07-22","end":"2026-12-01"})")), "ended_plans"),
        1U);
    EXPECT_TRUE(ended.read(visit).notifications.empty());
    Trust withdrawn;
    withdrawn.read(plan(R"({"start":"2026-07-22"})"));
    withdrawn.read(plan(R"({"start":"2026-07-22"})", "entered-in-error"));
    EXPECT_TRUE(withdrawn.read(visit).notifications.empty());
}

std::string plan_with(const std::string& period) {
    return R"({"resourceType":"CarePlan","status":"active","intent":"plan","category":[{"coding":[{"code":"342191000000101"}]}],"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},"period":{)" +
           period + "}}";
}

std::string visit(const std::string& status, const std::string& patient_class,
                  const std::string& period) {
    return R"({"resourceType":"Bundle","type":"message","entry":[)" + patient({}) +
           R"(,{"fullUrl":"urn:uuid:visit","resource":{"resourceType":"Encounter","id":"V1","status":")" +
           status + R"(","class":{"code":")" + patient_class +
           R"("},"subject":{"reference":"urn:uuid:child"},"period":{)" + period + "}}}]}";
}

TEST(NationalFlag, APlanThatEndsInAMonthIsOpenToTheEndOfThatMonthAndNoLonger) {
    const struct {
        std::string period;
        bool open;
    } cases[] = {{R"("start":"2026-07","end":"2027-01")", true},
                 {R"("start":"2026","end":"2027")", true},
                 {R"("start":"2026-07","end":"2026-12")", false},
                 {R"("start":"2024","end":"2025")", false},
                 {R"("start":"2027-02")", false},
                 {R"("start":"2027-01")", true},
                 {R"("start":"2026-07","end":"soon")", false}};
    for (const auto& [period, open] : cases) {
        Trust trust;
        const auto plan = trust.read(plan_with(period));
        EXPECT_EQ(has_fault(plan, "bad_date"), period.find("soon") != std::string::npos);
        const auto told =
            trust.read(visit("in-progress", "EMER", R"("start":"2027-01-13T09:00:00Z")"));
        EXPECT_EQ(told.notifications.size(), open ? 1U : 0U) << period;
    }
}

TEST(Encounter, ArrivalAdmissionAndDischargeAreOneThread) {
    Trust trust;
    (void)trust.read(plan_with(R"("start":"2026-07-22")"));
    const auto read = [&](const std::string& status, const std::string& patient_class,
                          const std::string& end = "") {
        return trust.read(visit(status, patient_class, R"("start":"2027-01-13T09:00:00Z")" + end));
    };
    EXPECT_TRUE(read("in-progress", "IMP").notifications.empty()) << "a planned stay is no news";
    const auto came = only(read("in-progress", "EMER"));
    EXPECT_EQ(came.role, RoleId("urg")) << "nobody else may say it";
    EXPECT_EQ(came.sections.at("evt").at("what").reveal(), "\"Came to unscheduled care\"");
    EXPECT_TRUE(read("in-progress", "EMER").notifications.empty());
    const auto admitted = only(read("in-progress", "IMP"));
    EXPECT_EQ(admitted.sections.at("evt").at("what").reveal(),
              "\"Admitted to hospital from unscheduled care\"");
    const std::string end = R"(,"end":"2027-01-14T08:00:00Z")";
    const auto left = only(read("finished", "IMP", end));
    EXPECT_EQ(left.sections.at("evt").at("what").reveal(), "\"Discharged from hospital\"");
    EXPECT_EQ(left.sections.at("evt").at("ended_at").reveal(), "\"2027-01-14T08:00:00.000Z\"");
    EXPECT_TRUE(read("finished", "IMP", end).notifications.empty());
    EXPECT_TRUE(read("in-progress", "IMP").notifications.empty()) << "it came late";
    EXPECT_EQ(came.thread_ref, admitted.thread_ref);
    EXPECT_EQ(came.thread_ref, left.thread_ref);
    EXPECT_TRUE(admitted.supersedes_ref.empty() && left.supersedes_ref.empty());
    EXPECT_EQ(std::set<std::string>({came.source_ref, admitted.source_ref, left.source_ref}).size(),
              3U);
}

TEST(Encounter, OneThatIsOverWhenItIsFirstToldIsOneNotice) {
    Trust trust;
    (void)trust.read(plan_with(R"("start":"2026-07-22")"));
    const auto text =
        visit("finished", "EMER", R"("start":"2027-01-13T09:00:00Z","end":"2027-01-13T11:00:00Z")");
    const auto out = only(trust.read(text));
    EXPECT_EQ(out.sections.at("evt").at("ended_at").reveal(), "\"2027-01-13T11:00:00.000Z\"");
    EXPECT_TRUE(trust.read(text).notifications.empty());
}

TEST(SafeguardingFlag, OfAMonthAloneSaysTheMonthAndIsNotTakenForOlder) {
    Trust trust;
    auto text = bundle({});
    const std::string whole = "2027-01-13T09:30:00Z";
    text.replace(text.rfind(whole), whole.size(), "2027-01");
    const auto out = only(trust.read(text));
    EXPECT_EQ(out.sections.at("evt").at("date").reveal(), "\"2027-01\"");
    EXPECT_FALSE(out.sections.at("evt").contains("time"));
    EXPECT_EQ(to_rfc3339(out.facts.occurred_at), "2027-01-13T10:00:00.000Z")
        << "not later than the message";
    text.replace(text.rfind("\"2027-01\""), 9, "\"2025\"");
    Trust first;
    EXPECT_TRUE(first.read(text).notifications.empty()) << "history at the first import";
}

TEST(FhirFile, OfWhichAnEntryWasNotUsedComesBackWhole) {
    const auto text = bundle(
        {.more =
             R"(,{"resource":{"resourceType":"Flag","status":"active","code":{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/safeguarding-codes-bars","code":"U"}]}}})"});
    Trust trust;
    const auto file = trust.read(text);
    ASSERT_EQ(file.rejected_records.size(), 1U);
    std::string back;
    const auto selector =
        make_fhir_json()->select(file.rejected_records, [&](auto piece) { back += piece; });
    selector->feed(text);
    selector->finish();
    EXPECT_EQ(back, text) << "the entry rests on the others";
    EXPECT_TRUE(trust.read(back).notifications.empty()) << "and what was used is not used twice";
}

// ---- who a child is recorded as

constexpr const char* hospital = "https://hospital.example/record";

/// A patient under a number of the source's own, with further elements.
std::string record(const std::string& number, const std::string& family,
                   const std::string& more = "", const std::string& nhs = "9990000018") {
    return R"({"fullUrl":"urn:uuid:r)" + number +
           R"(","resource":{"resourceType":"Patient","id":"r)" + number +
           R"(","identifier":[{"system":")" + hospital + R"(","value":")" + number +
           R"("},{"system":"https://fhir.nhs.uk/Id/nhs-number","value":")" + nhs +
           R"("}],"name":[{"family":")" + family +
           R"(","given":["Juno"]}],"birthDate":"2013-04-05")" + more + "}}";
}
std::string flag_on(const std::string& number, const std::string& id = "f1",
                    const std::string& status = "active") {
    return R"({"fullUrl":"urn:uuid:)" + id + R"(","resource":{"resourceType":"Flag","id":")" + id +
           R"(","status":")" + status +
           R"(","code":{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/safeguarding-codes-bars","code":"836881000000105"}]},"subject":{"reference":"urn:uuid:r)" +
           number + R"("},"period":{"start":"2027-01-13T09:30:00Z"}}})";
}
std::string visit_of(const std::string& number) {
    return R"({"resource":{"resourceType":"Encounter","id":"v1","status":"in-progress","class":{"code":"EMER"},"subject":{"reference":"urn:uuid:r)" +
           number + R"("},"period":{"start":"2027-01-13T09:00:00Z"}}})";
}
std::string collection(const std::vector<std::string>& entries) {
    std::string out;
    for (const auto& entry : entries) out += (out.empty() ? "" : ",") + entry;
    return R"({"resourceType":"Bundle","type":"collection","entry":[)" + out + "]}";
}

TEST(RecordedAnew, WhoWasToldHearsOnceWhoTheChildIsRecordedAsNow) {
    Trust trust;
    const auto first = only(trust.read(collection({record("1", "Testcase"), flag_on("1")})));
    EXPECT_TRUE(trust.read(collection({record("1", "Testcase")})).notifications.empty());
    const auto file = trust.read(collection({record("1", "Othername")}));
    const auto out = only(file);
    EXPECT_EQ(out.facts.type.value(), "correction");
    EXPECT_EQ(out.supersedes_ref, first.source_ref);
    EXPECT_EQ(out.thread_ref, first.thread_ref);
    EXPECT_EQ(out.subject.surname.reveal(), "Othername");
    EXPECT_EQ(understood(file, "demographic_changes"), 1U);
    // Said once; the flag that comes again with the new name says nothing new.
    EXPECT_TRUE(trust.read(collection({record("1", "Othername")})).notifications.empty());
    EXPECT_TRUE(
        trust.read(collection({record("1", "Othername"), flag_on("1")})).notifications.empty());
    // And what takes it back replaces the correction.
    const auto back =
        only(trust.read(collection({record("1", "Othername"), flag_on("1", "f1", "inactive")})));
    EXPECT_EQ(back.supersedes_ref, out.source_ref);
    EXPECT_TRUE(trust.read(collection({record("1", "Third")})).notifications.empty())
        << "nothing stands any more";
}

TEST(RecordedAnew, WhatIsLeftOutIsNoChangeAndWhatIsAddedIs) {
    Trust trust;
    (void)trust.read(collection(
        {record("1", "Testcase", R"(,"address":[{"postalCode":"WR5 1AA"}])"), flag_on("1")}));
    EXPECT_TRUE(trust.read(collection({record("1", "Testcase")})).notifications.empty());
    EXPECT_TRUE(trust.read(collection({record("1", "Testcase", "", "")})).notifications.empty());
    const auto moved = only(trust.read(
        collection({record("1", "Testcase", R"(,"address":[{"postalCode":"WR5 1AB"}])")})));
    EXPECT_EQ(moved.subject.postcode.reveal(), "WR5 1AB");
}

TEST(RecordedAnew, NobodyHearsOfSomebodyOfWhomNothingWasTold) {
    Trust trust;
    (void)trust.read(collection({record("1", "Testcase"), flag_on("1")}));
    EXPECT_TRUE(trust.read(collection({record("2", "Testcase")})).notifications.empty());
    EXPECT_TRUE(trust.read(collection({record("2", "Othername")})).notifications.empty())
        << "another record, though the NHS number is the same";
}

TEST(RecordedAnew, AFlagAndAVisitAreEachCorrectedOnceAlsoWhenTheFlagComesAlong) {
    Trust trust;
    (void)trust.read(plan_with(R"("start":"2026-07-22")"));
    const auto told =
        trust.read(collection({record("1", "Testcase"), flag_on("1"), visit_of("1")}));
    ASSERT_EQ(told.notifications.size(), 2U);
    const auto file = trust.read(collection({record("1", "Othername"), flag_on("1")}));
    std::map<std::string, std::string> by_thread;
    for (const auto& made : file.notifications)
        by_thread[made.notification.thread_ref] = made.notification.facts.type.value();
    EXPECT_EQ(by_thread,
              (std::map<std::string, std::string>{{"fhir/flag/f1", "safeguarding_referral"},
                                                  {"fhir/flag/visit-v1", "correction"}}));
    EXPECT_TRUE(trust.read(collection({record("1", "Othername"), flag_on("1"), visit_of("1")}))
                    .notifications.empty());
}

TEST(RecordedAnew, AMergeTellsWhoTheChildIsWhicheverRecordNamesTheOther) {
    const std::string replaced =
        R"(,"active":false,"link":[{"other":{"reference":"urn:uuid:r2"},"type":"replaced-by"}])";
    const std::string replaces =
        R"(,"link":[{"other":{"reference":"urn:uuid:r1"},"type":"replaces"}])";
    const std::string by_id = R"(,"link":[{"other":{"reference":"Patient/r1"},"type":"replaces"}])";
    const std::string by_number = R"(,"link":[{"other":{"identifier":{"system":")" +
                                  std::string(hospital) + R"(","value":"1"}},"type":"replaces"}])";
    for (const auto& entries : std::vector<std::vector<std::string>>{
             {record("1", "Testcase", replaced), record("2", "Rightname")},
             {record("1", "Testcase"), record("2", "Rightname", replaces)},
             {record("1", "Testcase", replaced), record("2", "Rightname", replaces)},
             {record("2", "Rightname", by_id)},
             {record("2", "Rightname", by_number)}}) {
        Trust trust;
        const auto first = only(trust.read(collection({record("1", "Testcase"), flag_on("1")})));
        const auto out = only(trust.read(collection(entries)));
        EXPECT_EQ(out.facts.type.value(), "correction");
        EXPECT_EQ(out.supersedes_ref, first.source_ref);
        EXPECT_EQ(out.subject.surname.reveal(), "Rightname");
        EXPECT_TRUE(trust.read(collection(entries)).notifications.empty()) << "said once";
        // The old record comes late, with what it said; the new one's changes count.
        EXPECT_TRUE(trust.read(collection({record("1", "Testcase")})).notifications.empty());
        EXPECT_EQ(only(trust.read(collection({record("2", "Newname")}))).supersedes_ref,
                  out.source_ref);
    }
}

TEST(RecordedAnew, ASupersededNumberIsTheSamePersonUnderAnother) {
    Trust trust;
    const auto first = only(trust.read(bundle({})));
    const auto out = only(trust.read(
        R"({"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"name":[{"family":"Testcase","given":["Juno"]}],"birthDate":"2013-04-05","link":[{"other":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026"}},"type":"replaced-by"}]})"));
    EXPECT_EQ(out.supersedes_ref, first.source_ref);
    EXPECT_EQ(out.subject.nhs_number.reveal(), "9990000026");
    EXPECT_EQ(out.subject.surname.reveal(), "Testcase");
}

TEST(RecordedAnew, AMergeIntoARecordThatIsNotThereIsAQuestion) {
    Trust trust;
    (void)trust.read(collection({record("1", "Testcase"), flag_on("1")}));
    const auto file = trust.read(collection(
        {record("1", "Testcase",
                R"(,"link":[{"other":{"reference":"Patient/9"},"type":"replaced-by"}])")}));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(has_fault(file, "not_found"));
    // Of nobody of whom anything was told it is nothing.
    const auto other = trust.read(collection(
        {record("7", "Testcase",
                R"(,"link":[{"other":{"reference":"Patient/9"},"type":"replaced-by"}])")}));
    EXPECT_TRUE(other.faults.empty());
    EXPECT_EQ(understood(other, "merges"), 1U);
}

// ---- who looked a child up in the national service

std::string look(const std::string& at, const std::string& purpose,
                 const std::string& id = "look-1", const std::string& more = R"(,"outcome":"0")") {
    return R"({"resource":{"resourceType":"AuditEvent","id":")" + id + R"(","recorded":")" + at +
           R"(")" + more +
           (purpose.empty() ? "" : R"(,"purposeOfEvent":[{"text":")" + purpose + R"("}])") +
           R"(,"agent":[{"who":{"reference":"PractitionerRole/pr"},"requestor":true}]}})";
}
const std::string looker =
    R"({"resource":{"resourceType":"PractitionerRole","id":"pr","practitioner":{"display":"Invented Nurse"},"organization":{"display":"Invented General Hospital"},"code":[{"text":"Triage nurse"}]}})";
std::string team(const std::string& number = "9990000018") {
    return R"({"resource":{"resourceType":"CareTeam","category":[{"coding":[{"code":"342191000000101"}]}],"period":{"start":"2026-07-22"},"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":")" +
           number + R"("}}}})";
}
std::string search_answer(const std::vector<std::string>& entries) {
    std::string out = collection(entries);
    return out.replace(out.find("collection"), 10, "searchset");
}

TEST(LookedUp, TheAccessHistoryOfUnscheduledCareGoesToWhoWorksWithTheChildOnce) {
    Trust trust;
    const auto text =
        search_answer({team(), look("2027-01-13T09:00:00Z", "Emergency care"), looker});
    const auto out = only(trust.read(text));
    EXPECT_EQ(out.facts.type.value(), "unscheduled_health_attendance");
    EXPECT_EQ(out.role, RoleId("urg"));
    EXPECT_EQ(out.facts.markers, std::vector<std::string>{"care_status_active"});
    EXPECT_EQ(to_rfc3339(out.facts.occurred_at), "2027-01-13T09:00:00.000Z");
    EXPECT_EQ(out.subject.nhs_number.reveal(), "9990000018");
    const auto& facts = out.sections.at("evt");
    EXPECT_EQ(facts.at("place").reveal(), "\"Invented General Hospital\"");
    EXPECT_EQ(facts.at("details").reveal(), "\"Looked up by: Invented Nurse, Triage nurse.\"");
    EXPECT_TRUE(trust.read(text).notifications.empty());
}

TEST(LookedUp, ScheduledCareIsCountedAndWhatDoesNotSayGoesWithThatSaid) {
    Trust trust;
    const auto scheduled =
        trust.read(search_answer({team(), look("2027-01-13T09:00:00Z", "Scheduled care"), looker}));
    EXPECT_TRUE(scheduled.notifications.empty());
    EXPECT_EQ(understood(scheduled, "scheduled_looks"), 1U);
    const auto out =
        only(trust.read(search_answer({team(), look("2027-01-13T09:00:00Z", "", "look-2")})));
    EXPECT_NE(out.sections.at("evt").at("details").reveal().find("does not say"),
              std::string::npos);
}

TEST(LookedUp, OldLooksFailedOnesAndThoseOfNobodyWithAPlanTellNothing) {
    Trust trust;
    const auto none = [&](const std::vector<std::string>& entries) {
        const auto file = trust.read(search_answer(entries));
        EXPECT_TRUE(file.notifications.empty());
        return file;
    };
    EXPECT_EQ(understood(none({team(), look("2027-01-01T09:00:00Z", "Emergency care", "old")}),
                         "history"),
              1U);
    none({team(), look("2027-01-13T09:00:00Z", "Emergency care", "failed", R"(,"outcome":"8")")});
    EXPECT_TRUE(
        has_fault(none({look("2027-01-13T09:00:00Z", "Emergency care", "a")}), "not_linkable"));
    EXPECT_TRUE(has_fault(
        none({team(), team("9990000026"), look("2027-01-13T09:00:00Z", "Emergency care", "b")}),
        "not_linkable"));
    EXPECT_TRUE(has_fault(none({team(), look("some day", "Emergency care", "c")}), "required"));
    // Named itself, and without a plan.
    const std::string entity =
        R"(,"entity":[{"what":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000034"}}}])";
    EXPECT_EQ(understood(none({look("2027-01-13T09:00:00Z", "Emergency care", "d", entity)}),
                         "without_known_care_status"),
              1U);
}

TEST(Death, OfAChildIsToldOnce) {
    const std::string text =
        R"({"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"name":[{"family":"T"}],"birthDate":"2013-04-05","deceasedDateTime":"2027-01-12T10:00:00Z"})";
    Trust trust;
    EXPECT_EQ(only(trust.read(text)).facts.type.value(), "child_death_notice");
    EXPECT_TRUE(trust.read(text).notifications.empty());
}

TEST(FhirFile, ThatIsBrokenIsRefusedWhole) {
    const auto refused = [](const runtime::SourceFormat& format, std::string_view text) {
        runtime::SourceMemory memory;
        const auto file = format.read(text, runtime::ReadContext(), memory);
        EXPECT_TRUE(file.notifications.empty());
        ASSERT_EQ(file.faults.size(), 1U) << text;
        EXPECT_EQ(file.faults.front().record, 0U);
    };
    refused(*make_fhir_json(), R"({"resourceType":"Bundle","entry":[)");
    refused(*make_fhir_xml(), R"(<Flag xmlns="http://hl7.org/fhir"><status value="active"/>)");
    refused(*make_fhir_xml(), R"(<Flag xmlns="urn:other"><status value="active"/></Flag>)");
    refused(*make_fhir_xml(),
            R"(<!DOCTYPE Flag [<!ENTITY a "b">]><Flag xmlns="http://hl7.org/fhir"/>)");
    refused(*make_fhir_json(), std::string(fhir_bytes_max + 1, ' '));
}

// The public samples

fs::path samples() { return test::shared_data() / "health" / "fhir"; }

std::string text_of_path(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(FhirSamples, AreCountedAsTheirPublishersSay) {
    if (!fs::exists(samples())) GTEST_SKIP() << "the public samples are absent: " << samples();
    Trust trust;
    const auto referral = trust.read(text_of_path(samples() / "BaRS-REFREQ01-111-to-ED.xml"));
    EXPECT_EQ(referral.records, 25U);
    EXPECT_EQ(understood(referral, "flags"), 3U);
    EXPECT_EQ(understood(referral, "safeguarding_flags"), 1U);
    EXPECT_GE(understood(referral, "about_adults"), 1U);
    EXPECT_TRUE(referral.notifications.empty());
    EXPECT_TRUE(referral.faults.empty());

    const auto cpis = trust.read(text_of_path(samples() / "CPIS-CPP-Bundle-Example.xml"));
    EXPECT_EQ(cpis.records, 3U);
    EXPECT_EQ(understood(cpis, "national_flags"), 1U);
    EXPECT_EQ(understood(cpis, "active_plans"), 1U);
    EXPECT_EQ(understood(cpis, "care_teams"), 1U);

    const auto flag = trust.read(text_of_path(samples() / "BaRS-FLA06-SafeguardingConcern.xml"));
    EXPECT_EQ(understood(flag, "safeguarding_flags"), 1U);
    EXPECT_TRUE(has_fault(flag, "not_linkable"));

    const auto allergy =
        trust.read(text_of_path(samples() / "UKCore-Flag-FoodAllergy-Example.xml"));
    EXPECT_EQ(understood(allergy, "flags"), 1U);
    EXPECT_EQ(understood(allergy, "safeguarding_flags"), 0U);
}

TEST(FhirSamples, EverySampleIsReadAndEveryPublishedCodeIsKnown) {
    if (!fs::exists(samples())) GTEST_SKIP() << "the public samples are absent: " << samples();
    for (const auto& entry : fs::directory_iterator(samples())) {
        Trust trust;
        const auto file = trust.read(text_of_path(entry.path()));
        EXPECT_GE(file.records, 1U) << entry.path();
        EXPECT_FALSE(has_fault(file, "malformed")) << entry.path();
    }
    const auto codes =
        tree_of_xml(text_of_path(samples() / "CodeSystem-safeguarding-codes-bars.xml"));
    std::size_t known = 0;
    for (const auto* code : codes.all("concept/code")) {
        EXPECT_NE(safeguarding_code(code->value.reveal()), nullptr) << code->value.reveal();
        ++known;
    }
    EXPECT_EQ(known, 46U);
    const auto plans =
        tree_of_xml(text_of_path(samples() / "ValueSet-England-ChildProtectionPlan.xml"));
    for (const auto* code : plans.all("expansion/contains/code"))
        EXPECT_TRUE(plan_of_code(code->value.reveal()).has_value());
}

}  // namespace
}  // namespace mash::health
