#include "agents/health/handover_forms.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/health/fhir_tree.hpp"
#include "agents/health/formats.hpp"
#include "agents/health/hl7_adt.hpp"

namespace mash::health {
namespace {

const WallTime at = *wall_time_from_rfc3339("2027-01-13T10:30:00Z");

runtime::HandOver item(const std::string& json, bool recalled = false) {
    runtime::HandOver out;
    out.inbox = InboxId("trust.urg");
    out.notification = NotificationId{{1, 2, 3}};
    out.sender = AgencyId("hub");
    out.json = PersonalText(json);
    out.recalled = recalled;
    return out;
}

const std::string missing_child =
    R"({"id":"x","sender":"hub","type":"missing_episode_started","title":"A child is missing","kind":"","occurred_at":"2027-01-13T09:30:00.000Z","take_by_in_words":"Wednesday 13 January 2027 at 10:45 GMT","clocks":[{"name":"an_examination","label":"Health assessment","law":"","by":"2027-01-20T17:00:00Z","by_in_words":"Wednesday 20 January 2027 at 17:00 GMT"}],"why":{"you":"Unscheduled care is told","basis_in_words":"public task"},"withheld":[{"section":"plc","ask":"hub","message":"A placement address is withheld: ask hub"}],"views":{"idn.full":{"forenames":"Juno","surname":"Test|case","date_of_birth":"2013-04-05","sex":"female","nhs_number":"9990000018"},"evt.headline":{"what":"Reported missing","date":"2027-01-13"},"hlt.critical":{"life_saving_medication":["insulin"]}}})";

const std::string recalled =
    R"({"id":"x","sender":"hub","inbox":"trust.urg","recalled":true,"instruction":"Remove it, do not use it"})";

std::string all_text(const Hl7Message& message) {
    std::string out;
    for (std::size_t i = 0; message.segment("OBX", i) != nullptr; ++i)
        out += message.text(message.segment("OBX", i), 5) + "\n";
    return out;
}

TEST(Hl7Document, HoldsTheChildAndEveryWordThatWasGiven) {
    const auto written = hl7_document_of(item(missing_child), at);
    ASSERT_TRUE(written.has_value());
    const auto message = Hl7Message::read(written->reveal());
    ASSERT_TRUE(message.has_value());
    const auto read = read_adt(*message);
    EXPECT_EQ(read.type + " " + read.event, "MDM T02");
    EXPECT_EQ(read.id, hl7_document_id(item(missing_child)));
    EXPECT_EQ(read.person.family.reveal(), "Test|case");
    EXPECT_EQ(read.person.birth_date(), "2013-04-05");
    EXPECT_EQ(read.person.nhs_number.reveal(), "9990000018");
    EXPECT_EQ(read.person.sex, "F");
    const std::string words = all_text(*message);
    for (const std::string part :
         {"A child is missing", "10:45 GMT", "Reported missing", "insulin",
          "Yours to hold by Wednesday 20 January 2027 at 17:00 GMT: Health assessment",
          "placement address is withheld",
          "Safe contact: Not known: ask the sender before any contact"})
        EXPECT_NE(words.find(part), std::string::npos) << part;
    EXPECT_EQ(message->text(message->segment("TXA"), 17), "AU");
}

TEST(Hl7Document, ThatIsTakenBackNamesTheDocumentAndNothingElse) {
    const auto written = hl7_document_of(item(recalled, true), at);
    const auto message = Hl7Message::read(written.value().reveal());
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(read_adt(*message).event, "T11");
    EXPECT_NE(read_adt(*message).id, hl7_document_id(item(missing_child)));
    EXPECT_EQ(message->text(message->segment("TXA"), 12), to_text(item(recalled).notification));
    EXPECT_EQ(message->text(message->segment("TXA"), 17), "CA");
    EXPECT_EQ(all_text(*message), "Remove it, do not use it\n");
}

TEST(Hl7Document, ARepeatHasTheSameId) {
    EXPECT_EQ(hl7_document_id(item(missing_child)), hl7_document_id(item("{}")));
    EXPECT_LE(hl7_document_id(item(missing_child)).size(), 20U);
}

const FhirNode* resource(const FhirNode& bundle, std::string_view type) {
    for (const auto* each : bundle.all("entry/resource")) {
        if (each->text("resourceType") == type) return each;
    }
    return nullptr;
}

TEST(FhirBundle, HoldsPatientFlagAndCommunication) {
    const auto written = fhir_bundle_of(item(missing_child), at);
    const auto bundle = fhir_from_json(written.value().reveal());
    ASSERT_TRUE(bundle.has_value());
    EXPECT_EQ(bundle->text("type"), "message");
    EXPECT_EQ(bundle->text("entry/resource/resourceType"), "MessageHeader");
    const auto* patient = resource(*bundle, "Patient");
    ASSERT_NE(patient, nullptr);
    EXPECT_EQ(patient->text("identifier/value"), "9990000018");
    EXPECT_EQ(patient->text("birthDate"), "2013-04-05");
    const auto* flag = resource(*bundle, "Flag");
    ASSERT_NE(flag, nullptr);
    EXPECT_EQ(flag->text("status"), "active");
    EXPECT_EQ(flag->text("category/coding/code"), "SG");
    EXPECT_EQ(flag->text("code/text"), "Reported missing");
    const auto* words = resource(*bundle, "Communication");
    ASSERT_NE(words, nullptr);
    EXPECT_GT(words->all("payload").size(), 5U);
    // Every reference leads to a resource of the bundle.
    for (const auto* each : {flag, words}) {
        bool found = false;
        for (const auto* entry : bundle->all("entry"))
            found = found || entry->text("fullUrl") == each->text("subject/reference");
        EXPECT_TRUE(found);
    }
}

std::string care_status(const std::string& kind) {
    return R"({"id":"x","sender":"council","type":"care_status_changed","title":"t","kind":")" +
           kind +
           R"(","occurred_at":"2026-07-22T09:00:00.000Z","withheld":[],"views":{"idn.match":{"forenames":"Juno","surname":"T","date_of_birth":"2013-04-05"},"idn.full":{"forenames":"Juno","surname":"T","date_of_birth":"2013-04-05","nhs_number":"9990000018"},"leg.flag":{"has_plan_or_care_status":"yes","whom_to_ring":"01632 960105"}}})";
}

TEST(FhirBundle, OfACareStatusIsTheNationalFlagThatWeReadOurselves) {
    const auto read = [](const std::string& kind) {
        const auto written = fhir_bundle_of(item(care_status(kind)), at);
        runtime::SourceMemory memory;
        runtime::ReadContext context;
        context.agency = AgencyId("trust");
        context.now.wall = context.written_at = at;
        return make_fhir_json()->read(written.value().reveal(), context, memory);
    };
    const auto started = read("cp_plan_started");
    EXPECT_EQ(started.understood.at("national_flags"), 1U);
    EXPECT_EQ(started.understood.at("active_plans"), 1U);
    EXPECT_TRUE(started.faults.empty());
    const auto ended = read("looked_after_ended");
    EXPECT_EQ(ended.understood.at("ended_plans"), 1U);
    EXPECT_FALSE(ended.understood.contains("active_plans"));
}

TEST(FhirBundle, ThatIsTakenBackIsInError) {
    const auto bundle = fhir_from_json(fhir_bundle_of(item(recalled, true), at).value().reveal());
    ASSERT_TRUE(bundle.has_value());
    EXPECT_EQ(resource(*bundle, "Flag")->text("status"), "entered-in-error");
    EXPECT_EQ(resource(*bundle, "Communication")->text("status"), "entered-in-error");
    EXPECT_EQ(resource(*bundle, "Communication")->text("payload/contentString"),
              "Remove it, do not use it");
}

TEST(HandoverForms, WhatIsNoItemIsNotWritten) {
    for (const std::string text : {"", "[]", "7", "{"}) {
        EXPECT_FALSE(hl7_document_of(item(text), at).has_value());
        EXPECT_FALSE(fhir_bundle_of(item(text), at).has_value());
    }
}

}  // namespace
}  // namespace mash::health
