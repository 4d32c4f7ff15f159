// The broker is blind (design rule 1): words that stand nowhere else go through the whole system,
// and are then looked for in everything that the broker keeps, says or holds in memory, and in what
// agents log.
#include <sys/uio.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "common/area/keyfile.hpp"
#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

const std::vector<std::string> canaries{
    "Quillfeather",      // forename
    "Brambleshaw",       // surname
    "Ottoline",          // alias
    "2014-02-27",        // date of birth
    "9997003217",        // NHS number
    "999 700 3217",      // as people write it
    "WR99CN",            // postcode, normalised
    "WR9 9CN",           // postcode
    "canary-narrative",  // free text
    "canary-address",   "canary-place",   "canary-voice",  "canary-risk",
    "canary-household", "canary-contact", "canary-safety",
    "canary-source",  // the sender's own references
    "canary-field",   // each field of each section of the catalogue that no word above stands in
    "canary-reason",  // why somebody decided
};

/// The check digit is computed, so that the number passes as one of the 999 range.
std::string nhs_number(std::string first_nine) {
    int sum = 0;
    for (int i = 0; i < 9; ++i) sum += (first_nine[static_cast<std::size_t>(i)] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;
    return check == 10 ? "" : first_nine + static_cast<char>('0' + check);
}

std::vector<std::string> found_in(const std::string& bytes, const std::vector<std::string>& words) {
    std::vector<std::string> out;
    for (const auto& word : words) {
        if (bytes.find(word) != std::string::npos) out.push_back(word);
        // As a wide string, or as what a database or a log writes for bytes.
        std::string hex;
        for (const char c : word) {
            constexpr char digits[] = "0123456789abcdef";
            hex += digits[static_cast<unsigned char>(c) >> 4];
            hex += digits[static_cast<unsigned char>(c) & 15];
        }
        if (bytes.find(hex) != std::string::npos) out.push_back(word + " (hex)");
    }
    return out;
}

/// A core dump by gcore where it is installed, and then nothing else will do; otherwise the
/// writable mappings read from /proc, which needs root.
std::string memory_of(pid_t pid, const std::filesystem::path& folder, std::string& how) {
    if (run({"/bin/sh", "-c", "command -v gcore"}, seconds(10)).code == 0) {
        how = "core dump by gcore";
        const auto prefix = folder / "core";
        const auto dumped =
            run({"gcore", "-a", "-o", prefix.string(), std::to_string(pid)}, seconds(60));
        const auto core = prefix.string() + "." + std::to_string(pid);
        if (dumped.code != 0 || !std::filesystem::exists(core)) {
            ADD_FAILURE() << "gcore is installed and made no core dump, so the memory was not "
                             "searched: "
                          << dumped.output;
            return "";
        }
        auto out = read_whole(core);
        std::filesystem::remove(core);
        return out;
    }
    how = "writable mappings of /proc/PID/mem";
    std::string out;
    std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0, end = 0;
        char rights[5] = {};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3 || rights[1] != 'w')
            continue;
        std::string part(end - begin, '\0');
        iovec here{part.data(), part.size()};
        iovec there{reinterpret_cast<void*>(begin), part.size()};
        const auto got = ::process_vm_readv(pid, &here, 1, &there, 1, 0);
        if (got > 0) out.append(part, 0, static_cast<std::size_t>(got));
    }
    return out;
}

/// A word in every field that the area's catalogue has, over those that have one already.
void fill_every_field(Json& sections) {
    std::istringstream catalogue(read_whole(test::source_dir() / "deploy/policy/catalogue.toml"));
    std::string section;
    std::size_t filled = 0;
    for (std::string line; std::getline(catalogue, line);) {
        constexpr std::string_view heading = "[sections.";
        if (line.starts_with("["))
            section = line.starts_with(heading)
                          ? line.substr(heading.size(), line.find(']') - heading.size())
                          : "";
        const auto fields = line.find("fields = [");
        if (section.empty() || fields == std::string::npos) continue;
        std::istringstream names(line.substr(fields + 10, line.find(']', fields) - fields - 10));
        for (std::string name; std::getline(names, name, ',');) {
            const auto begin = name.find('"') + 1;
            const auto field = name.substr(begin, name.rfind('"') - begin);
            if (sections[section].contains(field)) continue;
            sections[section][field] = "canary-field " + field;
            ++filled;
        }
    }
    EXPECT_GT(filled, 50U) << "the catalogue is written in another way than this reads";
}

class Canary : public OnArea<Canary> {};

TEST_F(Canary, NothingThatIsSaidAboutAChildReachesTheBrokerOrAnyLog) {
    auto words = canaries;
    const auto number = nhs_number("999700321");
    ASSERT_FALSE(number.empty());
    words.push_back(number);
    // The secret without which a token says nothing: it was never here.
    const auto peppers =
        area::load_key_file(area().dir() / "area" / "registrar" / "pepper.key", nullptr);
    ASSERT_TRUE(peppers);
    const auto secret = peppers->secret("pepper-1");
    ASSERT_TRUE(secret);
    const std::vector<std::string> pepper{std::string(text_of(secret->reveal()))};
    // The child is on a caseload too, so that claims are in it as well as notifications.
    area().drop("health", "", "canary.csv",
                read_whole(test::source_dir() / "deploy/demo/involvement/health.csv") +
                    "hv,health_visitor,canary-local," + number +
                    ",,Quillfeather,Brambleshaw,2014-02-27,WR9 9CN,,Ottoline\n");
    ASSERT_TRUE(area().wait_until(
        [&] {
            return std::filesystem::exists(area().folder("health") / "accepted" / "canary.csv") &&
                   area().status("health")["errands_owed"] == 0;
        },
        seconds(30)));

    Json notification{
        {"source_ref", "canary-source/1"},
        {"thread_ref", "canary-source/thread"},
        {"event_ref", "canary-source/event"},
        {"agency", "police"},
        {"role", "pol"},
        {"type", "missing_episode_started"},
        {"occurred_at", utc(std::chrono::minutes(30))},
        {"harm", "suspected"},
        {"risk_grade", "high"},
        {"subject",
         {{"nhs_number", number},
          {"forename", "Quillfeather"},
          {"surname", "Brambleshaw"},
          {"date_of_birth", "2014-02-27"},
          {"postcode", "WR9 9CN"},
          {"upn", "A999101320001"},
          {"aliases", Json::array({{{"forename", "Ottoline"}, {"surname", "Brambleshaw"}}})}}},
        {"sections",
         {{"idn",
           {{"forenames", "Quillfeather"},
            {"surname", "Brambleshaw"},
            {"date_of_birth", "2014-02-27"},
            {"nhs_number", number}}},
          {"evt",
           {{"what", "canary-narrative event"},
            {"date", utc(std::chrono::minutes(30)).substr(0, 10)},
            {"place", "canary-place"}}},
          {"adr", {{"address", "1 canary-address"}, {"postcode", "WR9 9CN"}}},
          {"loc", {{"last_seen_place", "canary-place"}}},
          {"nar", {{"worries", "canary-narrative in full"}}},
          {"rsk", {{"grade", "high"}, {"factors", Json::array({"canary-risk"})}}},
          {"voi", {{"words", "canary-voice"}, {"heard_by", "A neighbour"}}},
          {"hhd", {{"contact", "canary-household"}}},
          {"sfc", {{"note", "canary-safety"}}},
          {"pro", {{"whom_to_ring", "canary-contact 01632 960201"}}}}}};
    words.push_back("A999101320001");
    fill_every_field(notification["sections"]);
    // Where there is a protected address, the home address goes to nobody: in the second one.
    const auto protected_address = notification["sections"]["saf"];
    notification["sections"].erase("saf");
    const auto answer = area().call("police", area().service("police"), "POST",
                                    "/api/v1/notifications", notification.dump());
    ASSERT_EQ(answer.status, 202) << answer.text;
    const auto id = answer.json().value("id", "");
    ASSERT_TRUE(area().wait_rung("police", id, "health/hv", "stored"))
        << area().sent("police", id).dump(1);
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));

    // Opened and taken, so that every step has happened; and the reader sees the words, so that the
    // search can find some.
    const auto token = area().person("social-care", "missing-officer");
    const auto opened = area().call("social-care", token, "GET",
                                    "/api/v1/received/" + id + "?inbox=social-care.mco");
    ASSERT_EQ(opened.status, 200) << opened.text;
    for (const char* word : {"Quillfeather", "canary-narrative", "canary-place", "canary-voice",
                             "canary-safety", "canary-address", "canary-field"}) {
        EXPECT_NE(opened.text.find(word), std::string::npos) << word;
    }
    ASSERT_EQ(area()
                  .call("social-care", token, "POST",
                        "/api/v1/received/" + id + "/taken?inbox=social-care.mco", "{}")
                  .status,
              200);
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "taken"));
    // A refusal, a conflict and a recall are the other ways in which words travel.
    auto wrong = notification;
    wrong["source_ref"] = "canary-source/2";
    wrong["type"] = "canary-narrative";
    (void)area().call("police", area().service("police"), "POST", "/api/v1/notifications",
                      wrong.dump());
    const Json conflict{{"subject", notification["subject"]},
                        {"excluded", {"lickey-road.sch"}},
                        {"reason", "canary-reason"}};
    const auto declared = area().call("hub", area().person("hub", "front-door"), "POST",
                                      "/api/v1/conflicts", conflict.dump());
    EXPECT_EQ(declared.status, 201) << declared.text;
    auto second = notification;
    second["source_ref"] = "canary-source/3";
    second["sections"]["saf"] = protected_address;
    const auto taken_back = area().post("police", second);
    ASSERT_TRUE(area().wait_rung("police", taken_back, "social-care/mco", "stored"));
    EXPECT_EQ(area()
                  .call("police", area().person("police", "missing-desk"), "POST",
                        "/api/v1/sent/" + taken_back + "/recall", R"({"reason":"wrong_child"})")
                  .status,
              202);
    EXPECT_TRUE(area().wait_rung("police", taken_back, "social-care/mco", "recalled"));

    std::size_t searched = 0;
    const auto expect_none = [&](const std::string& what, const std::string& bytes) {
        EXPECT_FALSE(bytes.empty()) << what << " is empty, so this says nothing";
        searched += bytes.size();
        for (const auto& word : found_in(bytes, words)) ADD_FAILURE() << what << " holds " << word;
        EXPECT_TRUE(found_in(bytes, pepper).empty()) << what << " holds the area's pepper";
    };
    for (const auto& entry : std::filesystem::directory_iterator(area().folder("broker"))) {
        if (!entry.is_regular_file() || entry.path().extension() == ".lock") continue;
        expect_none(entry.path().filename().string(), read_whole(entry.path()));
    }
    expect_none(
        "metrics",
        area().get("http://127.0.0.1:" + std::to_string(area().metrics_port()) + "/metrics").text);
    expect_none(
        "health",
        area().get("http://127.0.0.1:" + std::to_string(area().metrics_port()) + "/health").text);
    for (const char* question : {"status", "stats", "tasks", "requests"}) {
        expect_none(question,
                    area().mashctl({question, "--socket", area().socket(), "--json"}).output);
    }
    expect_none(
        "quarantine",
        area().mashctl({"quarantine", "list", "--socket", area().socket(), "--json"}).output);
    std::string how;
    const auto memory = memory_of(area().program("broker").pid(), area().dir(), how);
    std::cout << "memory of mash-broker: " << how << ", " << memory.size() << " bytes\n";
    // What the broker does know is there: so the image is of the live program.
    EXPECT_NE(memory.find("missing_episode_started"), std::string::npos);
    expect_none("memory of mash-broker", memory);
    expect_none("log of broker", read_whole(area().log("broker")));
    for (const auto& host : hosts) {
        expect_none("log of " + host, read_whole(area().log(host)));
        expect_none("metrics of " + host, area().call(host, "", "GET", "/metrics").text);
        expect_none("status of " + host, area().status(host).dump());
    }
    // At rest an agent's content is encrypted under a key that is not in the same file.
    for (const auto& host : hosts) {
        for (const auto& entry : std::filesystem::directory_iterator(area().store(host))) {
            const auto name = entry.path().filename().string();
            if (name.starts_with("agent.sqlite") && !name.ends_with(".lock"))
                expect_none(host + " " + name, read_whole(entry.path()));
        }
    }
    EXPECT_GT(searched, 1'000'000U);
}

}  // namespace
}  // namespace mash::integration
