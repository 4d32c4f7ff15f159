#include "tests/unit/agents/school/reading.hpp"

namespace mash::school::testing {
namespace {

class TransferFile : public Reading {
protected:
    static std::string pupil(const std::string& inside, const std::string& dob = "2016-02-29") {
        return "<Pupil><UPN>U885999926001</UPN><Surname>Lark</Surname><Forename>Ava</"
               "Forename><DOB>" +
               dob + "</DOB><Sex>F</Sex>" + inside + "</Pupil>";
    }
    static std::string file(const std::string& pupils,
                            const std::string& destination = "<LEA>885</LEA><Estab>9998</Estab>",
                            const std::string& root = "CTf", const std::string& version = "25.0") {
        const std::string kind = root == "CTf" ? "CTF" : "ATF";
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?><" + root + "ile><Header><" + kind +
               "version>" + version + "</" + kind +
               "version><DateTime>2027-01-11T09:30:00</DateTime><SourceSchool><LEA>885</LEA><Estab>"
               "9999</Estab><URN>884001</URN><SchoolName>Invented Hill</SchoolName></SourceSchool>"
               "<DestSchool>" +
               destination + "</DestSchool></Header><" + kind + "pupilData>" + pupils + "</" +
               kind + "pupilData></" + root + "ile>";
    }
};

constexpr const char* unknown = "<LEA>XXX</LEA><Estab>XXXX</Estab>";

TEST_F(TransferFile, AMoveIsToldByTheSchoolThatThePupilLeaves) {
    context.school_urn = "884001";
    const auto got =
        later(file(pupil("<SchoolHistory><School><LEA>885</LEA><Estab>9999</Estab>"
                         "<LeavingDate>2027-01-08</LeavingDate></School>"
                         "</SchoolHistory>")));
    EXPECT_EQ(kinds(got), Words{"left_roll"});
    EXPECT_EQ(got.version, "25.0");
    const auto& made = got.notifications.at(0).notification;
    EXPECT_EQ(to_rfc3339(made.facts.occurred_at), "2027-01-08T12:00:00.000Z");
    EXPECT_EQ(made.sections.at("edu").at("school").reveal(),
              "\"Left Invented Hill for school 8859998\"");
    EXPECT_EQ(made.subject.date_of_birth.reveal(), "2016-02-29");
    EXPECT_TRUE(made.facts.markers.empty());
}

TEST_F(TransferFile, ASchoolThatGetsTheFileOfAnotherSaysWhoHasJoined) {
    context.school_urn = "884002";
    EXPECT_EQ(kinds(later(file(pupil("")))), Words{"joined_roll"});
}

TEST_F(TransferFile, WhoHasJoinedIsOnTheRollAndNobodyIsTakenOff) {
    context.school_urn = "884002";
    const auto got = later(file(pupil("")));
    ASSERT_EQ(got.rolls.size(), 1U);
    const auto& roll = got.rolls[0];
    EXPECT_EQ(roll.seat, (Seat{context.agency, context.role}));
    EXPECT_EQ(roll.relation, "school");
    EXPECT_TRUE(roll.partial);
    ASSERT_EQ(roll.entries.size(), 1U);
    EXPECT_EQ(roll.entries[0].subject.school_urn.reveal(), "884002");
    // Who leaves stays until the school's own list says so, and who came long ago is on it.
    context.school_urn = "884001";
    EXPECT_TRUE(later(file(pupil(""))).rolls.empty());
    context.school_urn = "884002";
    context.now.wall = context.now.wall + std::chrono::hours(24 * 60);
    EXPECT_TRUE(later(file(pupil(""))).rolls.empty());
}

TEST_F(TransferFile, APupilWhomAnotherSchoolHasLostHasNotJoinedThisOne) {
    context.school_urn = "884002";
    const auto got = later(file(pupil(""), unknown));
    EXPECT_TRUE(got.notifications.empty());
    ASSERT_EQ(got.faults.size(), 1U);
    EXPECT_EQ(got.faults.front().rule, "other_school");
    EXPECT_EQ(got.rejected_records, (std::vector<std::uint64_t>{1}));
    // Nor one who went to a third school.
    const auto third = later(file(pupil(""), "<LEA>885</LEA><Estab>9998</Estab><URN>884003</URN>"));
    EXPECT_TRUE(third.notifications.empty());
    EXPECT_EQ(third.rejected_records, (std::vector<std::uint64_t>{1}));
}

TEST_F(TransferFile, AnUnknownDestinationIsAChildMissingEducation) {
    const auto got = later(file(pupil(""), unknown));
    EXPECT_EQ(kinds(got), Words{"missing_education"});
    EXPECT_EQ(got.notifications.at(0).notification.facts.markers, Words{"untraced"});
}

TEST_F(TransferFile, WhatTheSchoolKnowsOfCareSupportAndAdultsGoesWithTheMove) {
    const auto got = later(file(pupil(
        "<LookedAfter><InCare>true</InCare><CareAuthority>885</CareAuthority></LookedAfter>"
        "<SENhistory><SEN><StartDate>2023-09-04</StartDate><SENprovision>K</SENprovision></SEN>"
        "<SEN><StartDate>2025-01-13</StartDate><SENprovision>E</SENprovision></SEN></SENhistory>"
        "<Address><BS7666Address><PAON>    12</PAON><Street>Invented Road</Street></BS7666Address>"
        "<PostCode>wr5 1aa</PostCode></Address>"
        "<Contacts><Contact><Order>2</Order><Surname>Second</Surname><Relationship>OTH"
        "</Relationship><SuppInfo><CourtOrder>Y</CourtOrder></SuppInfo></Contact><Contact><Order>1"
        "</Order><Surname>First</Surname><Relationship>CAR</Relationship><Responsibility>true"
        "</Responsibility><Phones><Phone><PhoneNo>01632 960000</PhoneNo></Phone></Phones></Contact>"
        "</Contacts>")));
    ASSERT_EQ(got.notifications.size(), 1U);
    EXPECT_EQ(got.understood.at("looked_after"), 1U);
    const auto& sections = got.notifications[0].notification.sections;
    EXPECT_EQ(sections.at("leg").at("has_plan_or_care_status").reveal(), "true");
    EXPECT_EQ(sections.at("edu").at("send").reveal(),
              "\"Education, health and care plan since 2025-01-13\"");
    EXPECT_EQ(sections.at("adr").at("address").reveal(), "\"12, Invented Road\"");
    EXPECT_EQ(got.notifications[0].notification.subject.postcode.reveal(), "WR5 1AA");
    EXPECT_EQ(sections.at("hhd").at("members").reveal(),
              "[\"First (carer, parental responsibility)\",\"Second (contact, OTH)\"]");
    EXPECT_EQ(sections.at("hhd").at("contact").reveal(), "\"First, 01632 960000\"");
    EXPECT_TRUE(sections.contains("sfc"));
}

TEST_F(TransferFile, AbsenceOverATenthIsToldBesidesTheMove) {
    const auto year = [](const char* number, const char* absent) {
        return std::string("<YearData><Year>") + number +
               "</Year><SessionsPossible>380</SessionsPossible><SessionsUnauthorised>" + absent +
               "</SessionsUnauthorised></YearData>";
    };
    EXPECT_EQ(kinds(later(file(pupil("<Attendance>" + year("2026", "38") + year("2025", "0") +
                                     "</Attendance>")))),
              (Words{"left_roll", "persistent_absence"}));
    EXPECT_EQ(kinds(later(file(pupil("<Attendance>" + year("2026", "37") + year("2025", "99") +
                                     "</Attendance>")))),
              Words{"left_roll"});
}

TEST_F(TransferFile, SentAgainItSaysNothingAndCorrectedItReplacesWhatItSaid) {
    const auto first = later(file(pupil("")));
    const auto again = read(file(pupil("")));
    EXPECT_TRUE(again.notifications.empty());
    EXPECT_EQ(again.passed_over, 1U);
    const auto corrected = read(file(pupil("", "2016-02-28")));
    ASSERT_EQ(corrected.notifications.size(), 1U);
    EXPECT_EQ(corrected.notifications[0].notification.supersedes_ref,
              first.notifications.at(0).notification.source_ref);
}

TEST_F(TransferFile, OfTheFirstFileAnOldMoveIsHistoryAndARecentOneIsNot) {
    EXPECT_EQ(read(file(pupil(""))).notifications.size(), 1U);
    runtime::SourceMemory other;
    memory = std::move(other);
    context.now.wall = *wall_time_from_rfc3339("2027-03-01T10:00:00Z");
    const auto old = read(file(pupil("")));
    EXPECT_TRUE(old.baseline);
    EXPECT_TRUE(old.notifications.empty());
    EXPECT_EQ(old.passed_over, 1U);
    EXPECT_TRUE(read(file(pupil(""))).notifications.empty()) << "and stays so";
}

TEST_F(TransferFile, AnAdultIsPassedOverAndAnUnknownAgeIsAQuestion) {
    const auto adult = later(file(pupil("<UPN/>", "2008-01-01")));
    EXPECT_TRUE(adult.notifications.empty() && adult.faults.empty());
    EXPECT_EQ(adult.passed_over, 1U);
    const auto asked = later(file(pupil("", "")));
    EXPECT_EQ(asked.notifications.size(), 1U);
    EXPECT_EQ(rules(asked)[0], "age_unknown");
}

TEST_F(TransferFile, OneBadPupilLosesNoOther) {
    const auto got = later(file("<Pupil><Forename>Nobody</Forename></Pupil>stray" + pupil("")));
    EXPECT_EQ(got.records, 2U);
    EXPECT_EQ(got.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_EQ(rules(got)[0], "not_linkable");
    EXPECT_EQ(got.notifications.size(), 1U);
}

TEST_F(TransferFile, WhatIsNoTransferFileIsRefused) {
    const auto whole = file(pupil(""));
    const auto cut = later(whole.substr(0, whole.size() - 10));
    ASSERT_FALSE(cut.faults.empty());
    EXPECT_EQ(rules(cut).back(), "cut_off");
    const auto headless = later("<CTfile><CTFpupilData>" + pupil("") + "</CTFpupilData></CTfile>");
    EXPECT_EQ(rules(headless).back(), "missing_header");
    EXPECT_EQ(headless.rejected_records.size(), 1U);
    EXPECT_TRUE(rules(later(file(pupil(""), unknown, "CTf", "12.0"))).at(0) == "unknown_version");
    EXPECT_TRUE(runtime_shell::find_format(
                    formats, "<!DOCTYPE CTfile [<!ENTITY a 'b'>]><CTfile></CTfile>") == nullptr);
    EXPECT_TRUE(runtime_shell::find_format(formats, "<Pupils><Pupil/></Pupils>") == nullptr);
}

TEST_F(TransferFile, AnAdmissionsFileOffersPlacesAndSendsNothing) {
    const auto got = later(file(pupil("<ApplicationReference>1</ApplicationReference>"),
                                "<LEA>885</LEA><Estab>9998</Estab>", "ATf", "15.0"));
    EXPECT_EQ(got.records, 1U);
    EXPECT_EQ(got.understood, (Counts{{"admission", 1}}));
    EXPECT_TRUE(got.notifications.empty() && got.faults.size() <= 1);
}

TEST_F(TransferFile, APlaceOfAnAdmissionsFileIsAMoveOnceItsDayHasCome) {
    context.school_urn = "884002";
    const auto offer = [](const std::string& accept, const std::string& entry) {
        return file(pupil("<ApplicationReference>1</ApplicationReference><SchoolHistory><School>"
                          "<LEA>885</LEA><Estab>9998</Estab><EntryDate>" +
                          entry + "</EntryDate></School></SchoolHistory><Admissions><Accept>" +
                          accept + "</Accept></Admissions>"),
                    "<LEA>885</LEA><Estab>9998</Estab><URN>884002</URN>", "ATf", "15.0");
    };
    const auto ahead = later(offer("true", "2027-09-03"));
    EXPECT_TRUE(ahead.notifications.empty());
    EXPECT_EQ(ahead.understood, (Counts{{"admission", 1}, {"place_accepted", 1}}));
    const auto declined = later(offer("false", "2027-01-11"));
    EXPECT_TRUE(declined.notifications.empty());
    EXPECT_EQ(declined.understood, (Counts{{"admission", 1}, {"place_declined", 1}}));
    const auto come = later(offer("true", "2027-01-11"));
    ASSERT_EQ(kinds(come), Words{"joined_roll"});
    EXPECT_EQ(to_rfc3339(come.notifications[0].notification.facts.occurred_at),
              "2027-01-11T12:00:00.000Z");
    EXPECT_TRUE(later(offer("true", "2027-01-11")).notifications.empty()) << "once";
    // The authority's own copy of the file says nothing that the school does not.
    context.school_urn = "884001";
    EXPECT_TRUE(later(offer("true", "2027-01-11")).notifications.empty());
}

TEST_F(TransferFile, AFormerNumberMatchesAsTheNewOneDoes) {
    context.school_urn = "884001";
    const auto got =
        later(file(pupil("<BasicDetails><FormerUPN>H801200001001</FormerUPN></BasicDetails>")));
    ASSERT_EQ(got.notifications.size(), 1U);
    const auto& former = got.notifications[0].notification.subject.former_upns;
    ASSERT_EQ(former.size(), 1U);
    EXPECT_EQ(former[0].reveal(), "H801200001001");
}

TEST_F(TransferFile, APupilWhoWasNotUsedComesBackAsAFileThatCanBeMended) {
    context.school_urn = "884001";
    const auto text = file(pupil("") + "<Pupil><Forename>Ava</Forename></Pupil>" + pupil(""));
    const auto got = later(text);
    EXPECT_EQ(got.rejected_records, std::vector<std::uint64_t>{2});
    const auto mended = selected(text, got.rejected_records);
    EXPECT_EQ(mended, file("<Pupil><Forename>Ava</Forename></Pupil>"));
    const auto again = later(mended);
    EXPECT_EQ(again.records, 1U);
    EXPECT_EQ(rules(again), Words{"not_linkable"});
}

TEST_F(TransferFile, TheRegisterOfSchoolsSaysWhoseNumberIsMissing) {
    (void)read(
        "\"URN\",\"LA (code)\",\"EstablishmentNumber\",\"EstablishmentName\","
        "\"EstablishmentStatus (name)\"\n884009,\"885\",\"9998\",\"Old\",\"Closed\"\n"
        "884002,\"885\",\"9998\",\"New\",\"Open\"\n884010,\"885\",\"9998\",\"Older\","
        "\"Closed\"\n");
    context.school_urn = "884002";
    auto text = file(pupil(""));
    text.replace(text.find("<URN>884001</URN>"), 17, "<URN>XXXXXX</URN>");
    EXPECT_EQ(kinds(later(text)), Words{"joined_roll"});
}

TEST_F(TransferFile, NoReferenceHoldsAName) {
    for (const auto& made : later(file(pupil(""))).notifications) {
        EXPECT_EQ(made.notification.source_ref.find("Lark"), std::string::npos);
        EXPECT_EQ(made.notification.source_ref.find("U8859"), std::string::npos);
    }
}

TEST_F(TransferFile, TheSampleHasTwoPupilsOfWhomOneIsLookedAfter) {
    const auto text = sample("8859999_CTF_8859998_001.xml");
    if (!text) GTEST_SKIP() << "The public sample schools/8859999_CTF_8859998_001.xml is absent";
    const auto got = later(*text);
    EXPECT_EQ(got.records, 2U);
    EXPECT_EQ(got.children, 2U);
    EXPECT_EQ(got.understood, (Counts{{"left_roll", 2}, {"looked_after", 1}}));
    EXPECT_EQ(kinds(got), (Words{"left_roll", "left_roll"}));
    EXPECT_TRUE(got.rejected_records.empty());
}

TEST_F(TransferFile, TheSampleOfALostPupilIsOneChildMissingEducation) {
    const auto text = sample("8859999_CTF_XXXXXXX_001.xml");
    if (!text) GTEST_SKIP() << "The public sample schools/8859999_CTF_XXXXXXX_001.xml is absent";
    const auto got = later(*text);
    EXPECT_EQ(got.version, "19.0");
    EXPECT_EQ(kinds(got), Words{"missing_education"});
    EXPECT_EQ(to_rfc3339(got.notifications.at(0).notification.facts.occurred_at),
              "2025-11-21T12:00:00.000Z");
}

}  // namespace
}  // namespace mash::school::testing
