// FHIR messages over REST at the enrolled health agent: taken once durable, one issue for each
// fault, the same answer to the same bundle, killed in between.
#include <fstream>

#include <curl/curl.h>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

std::size_t collect(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
}

class Fhir : public OnArea<Fhir> {
protected:
    static void SetUpTestSuite() {
        OnArea<Fhir>::SetUpTestSuite();
        EXPECT_TRUE(area().program("health").stop(seconds(30)));
        std::ofstream(area().folder("health") / "agent.toml", std::ios::binary | std::ios::app)
            << "\n[services.fhir]\nlisten = \"127.0.0.1:" << area().broker_port() + 3
            << "\"\nagency = \"health\"\n";
        area().start("health");
        EXPECT_TRUE(area().wait_linked("health"));
    }
    static Answer send(const std::string& path, const std::string& type, const std::string& body,
                       const std::string& token) {
        Answer out;
        CURL* curl = curl_easy_init();
        curl_slist* headers = curl_slist_append(nullptr, ("Content-Type: " + type).c_str());
        headers = curl_slist_append(headers, ("Authorization: Bearer " + token).c_str());
        const std::string url =
            "http://127.0.0.1:" + std::to_string(area().broker_port() + 3) + path;
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20'000L);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.text);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        if (curl_easy_perform(curl) == CURLE_OK) {
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.status);
            const char* given = nullptr;
            curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &given);
            if (given != nullptr) out.content_type = given;
        }
        curl_slist_free_all(headers);
        curl_easy_cleanup(curl);
        return out;
    }
    static Answer send(const std::string& body, const std::string& path = "/fhir/$process-message",
                       const std::string& type = "application/fhir+json") {
        return send(path, type, body, area().service("health"));
    }
    static Json flag_of(const std::string& id, const std::string& patient) {
        return {{"fullUrl", "urn:uuid:" + id},
                {"resource",
                 {{"resourceType", "Flag"},
                  {"id", id},
                  {"status", "active"},
                  {"code",
                   {{"coding",
                     {{{"system", "https://fhir.nhs.uk/CodeSystem/safeguarding-codes-bars"},
                       {"code", "836881000000105"}}}}}},
                  {"subject", {{"reference", patient}}},
                  {"period", {{"start", utc(std::chrono::minutes(30))}}}}}};
    }
    static Json message(std::vector<Json> entries) {
        Json all = Json::array({{{"fullUrl", "urn:uuid:m1"},
                                 {"resource",
                                  {{"resourceType", "MessageHeader"},
                                   {"id", "m1"},
                                   {"eventCoding", {{"code", "servicerequest-request"}}}}}},
                                {{"fullUrl", "urn:uuid:p1"},
                                 {"resource",
                                  {{"resourceType", "Patient"},
                                   {"name", {{{"family", "Hollis"}, {"given", {"Wren"}}}}},
                                   {"birthDate", "2017-04-03"},
                                   {"address", {{{"postalCode", "WR11 4QZ"}}}}}}}});
        for (auto& entry : entries) all.push_back(std::move(entry));
        return {{"resourceType", "Bundle"}, {"type", "message"}, {"entry", all}};
    }
    static std::size_t referrals() {
        const auto list =
            area().call("health", area().service("health"), "GET", "/api/v1/sent?limit=100").json();
        std::size_t out = 0;
        for (const auto& item : list["sent"])
            out += item.value("type", "") == "safeguarding_referral" ? 1 : 0;
        return out;
    }
};

TEST_F(Fhir, AMessageIsAnsweredOnceItIsSafeAndAfterAKillTheSame) {
    const auto body = message({flag_of("f1", "urn:uuid:p1")}).dump();
    const auto first = send(body);
    ASSERT_EQ(first.status, 200) << first.text;
    EXPECT_EQ(first.content_type, "application/fhir+json");
    EXPECT_EQ(first.json()["resourceType"], "OperationOutcome");
    EXPECT_EQ(first.json()["issue"][0]["severity"], "information");
    EXPECT_EQ(referrals(), 1U);
    area().program("health").kill_hard();
    area().start("health");
    const auto again = send(body);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(referrals(), 1U);
}

TEST_F(Fhir, EachFaultIsAnIssueAndTheRestIsUsed) {
    const auto before = referrals();
    // The second flag's child is nowhere in the bundle.
    auto lost = flag_of("f3", "urn:uuid:nowhere");
    lost["resource"]["code"]["coding"][0]["code"] = "U";
    const auto answer = send(message({flag_of("f2", "urn:uuid:p1"), lost}).dump());
    EXPECT_EQ(answer.status, 422) << answer.text;
    const auto issues = answer.json()["issue"];
    ASSERT_GE(issues.size(), 2U) << answer.text;
    EXPECT_EQ(issues[0]["severity"], "error");
    EXPECT_EQ(issues[1]["severity"], "error");
    EXPECT_NE(issues[1]["diagnostics"].get<std::string>().find("Entry 4"), std::string::npos)
        << answer.text;
    EXPECT_EQ(answer.text.find("Hollis"), std::string::npos);
    EXPECT_EQ(referrals(), before + 1);
    EXPECT_TRUE(fs::exists(area().folder("health") / "rejected" / "fhir"));
}

TEST_F(Fhir, XmlIsAnsweredInXmlAndWhatIsNoMessageIsRefused) {
    const std::string patient =
        "<Patient xmlns=\"http://hl7.org/fhir\"><birthDate value=\"2017-04-03\"/></Patient>";
    const auto plain = send(patient, "/fhir", "application/fhir+xml; charset=utf-8");
    EXPECT_EQ(plain.status, 200) << plain.text;
    EXPECT_EQ(plain.content_type, "application/fhir+xml");
    EXPECT_NE(plain.text.find("<OperationOutcome xmlns=\"http://hl7.org/fhir\">"),
              std::string::npos);
    EXPECT_EQ(send(patient, "/fhir/$process-message", "application/fhir+xml").status, 422);
    EXPECT_EQ(send("{\"resourceType\":", "/fhir").status, 400);
    EXPECT_EQ(send("{}", "/fhir", "text/plain").status, 415);
    EXPECT_EQ(send("{}", "/elsewhere").status, 404);
    const auto nobody = send("/fhir", "application/fhir+json", "{}", "mash1.service.wrong");
    EXPECT_EQ(nobody.status, 401);
    EXPECT_EQ(nobody.json()["resourceType"], "OperationOutcome");
    // A person's token opens inboxes; it sends nothing here.
    EXPECT_EQ(send("/fhir", "application/fhir+json", "{}", area().person("health", "school-nurse"))
                  .status,
              401);
}

}  // namespace
}  // namespace mash::integration
