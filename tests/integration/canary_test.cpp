// The broker is blind (design rule 1): words that stand nowhere else go through the whole system,
// and are then looked for in everything that the broker keeps, says or holds in memory, and in what
// agents log.
#include <sys/uio.h>

#include <algorithm>
#include <bitset>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include "agents/runtime/core/tokens.hpp"
#include "common/area/keyfile.hpp"
#include "common/crypto/oprf.hpp"
#include "common/crypto/random.hpp"
#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

const std::vector<std::string> canaries{
    "Quillfeather",      // forename
    "Brambleshaw",       // surname
    "Ottoline",          // alias
    "Thistledown",       // a brother's forename
    "2016-03-28",        // his date of birth
    "2014-02-27",        // date of birth
    "9997003217",        // NHS number
    "999 700 3217",      // as people write it
    "WR99CN",            // postcode, normalised
    "WR9 9CN",           // postcode
    "canary-narrative",  // free text
    "canary-address",
    "canary-place",
    "canary-voice",
    "canary-risk",
    "canary-household",
    "canary-contact",
    "canary-safety",
    "canary-source",  // the sender's own references
    "canary-local",   // those of a list
    "canary-field",   // each field of each section of the catalogue that no word above stands in
    "canary-reason",  // why somebody decided
    "Peregrina",      // who decided
    "Withywick",
    // As identities are compared (normalisation 2): folded, and joined with what goes with them.
    "QUILLFEATHER",
    "BRAMBLESHAW",
    "OTTOLINE",
    // Former names and numbers, of rolls and of subjects.
    "Wimbleferret",
    "WIMBLEFERRET",
    "9997003306",
    "A999101320002",
    "A99910132000B",
    // An unborn child's mother, and the day on which it is due.
    "Larkspurrow",
    "LARKSPURROW",
    "Tansyfolk",
    "TANSYFOLK",
    "9997003233",
    "1997-08-09",
    "2031-03-19",
    // A child of whom every number is a placeholder.
    "Hazelwick",
    "HAZELWICK",
    "Featherpot",
    "FEATHERPOT",
    "2013-12-09",
    "DY14 8ZQ",
    "DY148ZQ",
    // A child known by name and date of birth, and the school that the sender names.
    "Thistledown",
    "THISTLEDOWN",
    "Marrowby",
    "MARROWBY",
    "2012-07-23",
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
        // NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process
        iovec there{reinterpret_cast<void*>(begin), part.size()};
        const auto got = ::process_vm_readv(pid, &here, 1, &there, 1, 0);
        if (got > 0) out.append(part, 0, static_cast<std::size_t>(got));
    }
    return out;
}

/// Tries whatever in `memory` could be a pepper: 32 bytes at an address as keys have it, as varied
/// as random ones. How many were tried, and how many give this token.
std::pair<std::size_t, std::size_t> tried_as_pepper(const std::string& memory,
                                                    const wire::Token& token, ByteView output) {
    constexpr std::size_t size = 32, step = 8, varied = 20;
    runtime::TokenEpoch epoch;
    epoch.epoch = token.epoch;
    epoch.pepper = crypto::SecretBytes(size);
    std::pair<std::size_t, std::size_t> tried;
    for (std::size_t at = 0; at + size <= memory.size(); at += step) {
        std::bitset<256> seen;
        for (std::size_t i = 0; i < size; ++i) seen.set(static_cast<unsigned char>(memory[at + i]));
        if (seen.count() < varied) continue;
        std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(at), size,
                    epoch.pepper.writable().begin());
        ++tried.first;
        if (runtime::token_of(epoch, token.kind, output) == token) ++tried.second;
    }
    return tried;
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

/// The same table with empty columns at its end.
std::string with_columns(const std::string& table, const std::string& columns) {
    const auto commas =
        std::string(1, ',') +
        std::string(static_cast<std::size_t>(std::ranges::count(columns, ',')), ',');
    std::istringstream lines(table);
    std::string out;
    for (std::string line; std::getline(lines, line);)
        out += line + (out.empty() ? "," + columns : commas) + "\n";
    return out;
}

class Canary : public OnArea<Canary> {
protected:
    static Json report(const std::string& ref, const Json& subject) {
        return {{"source_ref", ref},
                {"agency", "police"},
                {"role", "pol"},
                {"type", "missing_episode_started"},
                {"occurred_at", utc(std::chrono::minutes(20))},
                {"risk_grade", "high"},
                {"subject", subject},
                {"sections",
                 {{"idn", {{"forenames", subject.value("forename", "")}}},
                  {"evt", {{"what", "canary-narrative"}, {"place", "canary-place"}}},
                  {"loc", {{"last_seen_place", "canary-place"}}},
                  {"voi", {{"reason_for_none", "not_seen"}}},
                  {"rsk", {{"grade", "high"}}}}}};
    }
    /// Former names and numbers, a mother, placeholders, a pupil number without a check, a name
    /// with the school that the sender names, an initial that raises a question.
    static void send_every_other_kind() {
        const Json former{
            {"nhs_number", "9997003306"},       {"upn", "A99910132000B"},
            {"former_upns", {"A999101320002"}}, {"former_nhs_numbers", {nhs_number("999700321")}},
            {"forename", "Quillfeather"},       {"surname", "Wimbleferret"},
            {"date_of_birth", "2014-02-27"}};
        const Json placeholders{{"nhs_number", "9999999999"},    {"upn", "UN3"},
                                {"forename", "Hazelwick"},       {"surname", "Featherpot"},
                                {"date_of_birth", "2013-12-09"}, {"postcode", "DY14 8ZQ"}};
        const Json at_school{{"forename", "Thistledown"},
                             {"surname", "Marrowby"},
                             {"date_of_birth", "2012-07-23"},
                             {"school_urn", "999103"}};
        const Json alike{
            {"forename", "Q"}, {"surname", "Brambleshaw"}, {"date_of_birth", "2014-02-27"}};
        int number = 10;
        for (const auto& subject : {former, placeholders, at_school, alike}) {
            const auto ref = "canary-source/" + std::to_string(number++);
            const auto id = area().post("police", report(ref, subject));
            ASSERT_FALSE(id.empty()) << subject.dump();
            EXPECT_TRUE(area().wait_stored("police", id)) << area().sent("police", id).dump(1);
        }
        Json unborn = report("canary-source/20", {{"unborn", true},
                                                  {"nhs_number", "9997003233"},
                                                  {"forename", "Larkspurrow"},
                                                  {"surname", "Tansyfolk"},
                                                  {"date_of_birth", "1997-08-09"},
                                                  {"due_date", "2031-03-19"}});
        unborn["agency"] = "social-care";
        unborn["role"] = "sw";
        unborn["type"] = "care_status_changed";
        unborn["kind"] = "unborn_plan_started";
        unborn.erase("risk_grade");
        unborn["sections"].erase("rsk");
        unborn["sections"].erase("loc");
        unborn["sections"]["leg"] = {{"has_plan_or_care_status", "canary-narrative"}};
        const auto id = area().post("social-care", unborn);
        ASSERT_FALSE(id.empty());
        EXPECT_TRUE(area().wait_rung("social-care", id, "health/hv", "stored"))
            << area().sent("social-care", id).dump(1);
    }
    /// A member of these inboxes, whose name stands nowhere else.
    static std::string add_decider(const std::string& host, const Argv& inboxes) {
        const auto saved = area().dir() / (host + "-decider.json");
        Argv command{"person",         "add",
                     "--dir",          area().folder(host).string(),
                     "--name",         "Peregrina Withywick",
                     "--recovery-key", (area().folder(host) / "keys" / "recovery.key").string(),
                     "--save",         saved.string()};
        for (const auto& inbox : inboxes) command.insert(command.end(), {"--inbox", inbox});
        const auto added = area().agent(host, command);
        EXPECT_EQ(added.code, 0) << added.output;
        return Json::parse(read_whole(saved), nullptr, false).value("token", "");
    }
    /// She answers a held decision and a task: her reasons and her name travel to the front door.
    static void decide(Json notification) {
        const auto officer = add_decider("police", {"police.pol"});
        notification["source_ref"] = "canary-source/30";
        notification["thread_ref"] = "canary-source/thread/30";
        notification["detriment"] = Json::array({{{"agency", "health"}, {"role", "hv"}}});
        const auto id = area().post("police", notification);
        ASSERT_FALSE(id.empty());
        ASSERT_TRUE(area().wait_until(
            [&] { return !area().sent("police", id).value("held", Json::array()).empty(); },
            seconds(20)))
            << area().sent("police", id).dump(1);
        const auto allowed = area().call("police", officer, "POST", "/api/v1/held/" + id,
                                         R"({"allow":true,"reason":"canary-reason of an answer"})");
        EXPECT_EQ(allowed.status, 200) << allowed.text;
        EXPECT_TRUE(area().wait_rung("police", id, "health/hv", "stored"));

        // Somebody of whom the area knows no inbox: that is a task.
        const auto front_door = add_decider("hub", {"hub.ffd", "hub.edt"});
        const Json conflict{
            {"subject", notification["subject"]},
            {"people", Json::array({{{"agency", "social-care"}, {"person", "p-unheard-of"}}})},
            {"reason", "canary-reason of a conflict"}};
        const auto declared =
            area().call("hub", front_door, "POST", "/api/v1/conflicts", conflict.dump());
        ASSERT_EQ(declared.status, 201) << declared.text;
        const auto task = [&] {
            const auto listed = area().call("hub", front_door, "GET", "/api/v1/tasks").json();
            for (const auto& one : listed.value("tasks", Json::array())) {
                if (one.value("kind", "") == "unknown_person") return one.value("id", "");
            }
            return std::string();
        };
        ASSERT_TRUE(area().wait_until([&] { return !task().empty(); }, seconds(20)));
        const auto done = area().call("hub", front_door, "POST", "/api/v1/tasks/" + task(),
                                      R"({"outcome":"done","reason":"canary-reason of a task"})");
        EXPECT_EQ(done.status, 200) << done.text;
        for (const auto* host : {"police", "hub"}) {
            EXPECT_TRUE(area().wait_until([&] { return area().status(host)["errands_owed"] == 0; },
                                          seconds(30)))
                << host << " has words that it has not told";
        }
    }
};

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
    // The children are on a caseload too, so that claims are in it as well as notifications.
    area().drop(
        "health", "", "canary.csv",
        with_columns(read_whole(test::source_dir() / "deploy/demo/involvement/health.csv"),
                     "former_upn,former_nhs_number,due_date") +
            "hv,health_visitor,canary-local," + number +
            ",A999101320001,Quillfeather,Brambleshaw,2014-02-27,WR9 9CN,Wimbleferret,Ottoline,"
            "A999101320002,9997003306,\n"
            "hv,health_visitor,canary-local-2,9997003233,,Larkspurrow,Tansyfolk,1997-08-09,"
            "WR9 9CN,,,,,2031-03-19\n"
            "hv,health_visitor,canary-local-3,0000000000,,Hazelwick,Featherpot,2013-12-09,"
            "DY14 8ZQ,,,,,\n");
    ASSERT_TRUE(area().wait_until(
        [&] {
            return std::filesystem::exists(area().folder("health") / "accepted" / "canary.csv") &&
                   area().status("health")["errands_owed"] == 0;
        },
        seconds(30)));

    const auto brothers_number = nhs_number("999700345");
    ASSERT_FALSE(brothers_number.empty());
    words.push_back(brothers_number);
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
        {"linked", Json::array({{{"relation", "sibling"},
                                 {"nhs_number", brothers_number},
                                 {"forename", "Thistledown"},
                                 {"surname", "Brambleshaw"},
                                 {"date_of_birth", "2016-03-28"}}})},
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

    decide(notification);
    send_every_other_kind();

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
    const auto decided = area().mashctl({"decisions", "list", "--socket", area().socket()});
    expect_none("decisions list", decided.output);
    const std::regex an_id("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}");
    std::size_t shown = 0;
    std::istringstream lines(decided.output);
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (!std::regex_search(line, found, an_id)) continue;
        const auto one =
            area().mashctl({"decisions", "show", found.str(), "--socket", area().socket()});
        EXPECT_EQ(one.code, 0) << one.output;
        expect_none("decisions show", one.output);
        ++shown;
    }
    EXPECT_GE(shown, 8U) << decided.output;
    const auto recorded = area().dir() / "recorded.jsonl";
    const auto exported =
        area().mashctl({"decisions", "export", "--socket", area().socket(), "--from", "2026-01-01",
                        "--to", "2100-01-01", recorded.string()});
    EXPECT_EQ(exported.code, 0) << exported.output;
    EXPECT_NE(read_whole(recorded).find("missing_episode_started"), std::string::npos);
    expect_none("decisions export", read_whole(recorded));
    std::string how;
    const auto memory = memory_of(area().program("broker").pid(), area().dir(), how);
    std::cout << "memory of mash-broker: " << how << ", " << memory.size() << " bytes\n";
    // What the broker does know is there: so the image is of the live program.
    EXPECT_NE(memory.find("missing_episode_started"), std::string::npos);
    expect_none("memory of mash-broker", memory);
    // Whoever has disk, memory and keys of the broker cannot make the token of a number that they
    // know: nothing in its memory is the pepper, whatever it is called there.
    const auto broker_keys =
        area::load_key_file(area().dir() / "area" / "broker" / "broker.key", nullptr);
    ASSERT_TRUE(broker_keys);
    const auto token_key = broker_keys->oprf(area::token_key_name(1));
    ASSERT_TRUE(token_key);
    crypto::SystemRandom random;
    const auto input = runtime::oprf_input(wire::TokenKind::nhs_dob, number + "|2014-02-27");
    const std::vector<ByteView> inputs{input};
    const auto asked = crypto::OprfQuestion::ask(crypto::OprfMode::verifiable, inputs, random);
    ASSERT_TRUE(asked);
    const auto evaluated =
        token_key->evaluate(crypto::OprfMode::verifiable, asked->blinded(), random);
    ASSERT_TRUE(evaluated);
    const auto output = asked->finalize(*evaluated, token_key->public_key());
    ASSERT_TRUE(output);
    runtime::TokenEpoch with_pepper;
    with_pepper.epoch = 1;
    with_pepper.pepper = secret->clone();
    const auto of_child =
        runtime::token_of(with_pepper, wire::TokenKind::nhs_dob, output->reveal());
    // The control: with the pepper it is the token that the broker keeps of this child.
    const std::string value(text_of(ByteView(of_child.value)));
    const bool is_kept = std::ranges::any_of(
        std::filesystem::directory_iterator(area().folder("broker")), [&](const auto& entry) {
            return entry.is_regular_file() &&
                   read_whole(entry.path()).find(value) != std::string::npos;
        });
    EXPECT_TRUE(is_kept);
    const auto [tried, found] = tried_as_pepper(memory, of_child, output->reveal());
    std::cout << tried << " places of its memory tried as a pepper\n";
    EXPECT_GT(tried, 1'000U);
    EXPECT_EQ(found, 0U);
    const auto [own, found_own] = tried_as_pepper(pepper.front(), of_child, output->reveal());
    EXPECT_EQ(found_own, 1U) << "it would have been found";
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
