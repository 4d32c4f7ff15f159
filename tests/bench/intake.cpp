// Large files: looked at with `intake try`, and taken in by a running agent.
#include <unistd.h>

#include <fstream>
#include <functional>

#include <fmt/core.h>

#include "tests/bench/benches.hpp"
#include "tests/bench/figures.hpp"
#include "tests/integration/area.hpp"

namespace mash::bench {

namespace {

using integration::Area;
using integration::Json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes patience{10};

double mib(double bytes) { return bytes / 1024 / 1024; }

/// What of a file one record is, so that a file of any size is written without being held.
struct Form {
    std::string name;
    std::string program;
    std::string before;
    std::function<std::string(std::size_t)> record;
    std::string after;
};

// Reports that are closed, three to a child: a first file of them is all history.
std::string police_row(std::size_t i) {
    return fmt::format(
        "{},{},{},Low,Low,Robin,Sample{},2016-02-29,,,,Home Address,,,2025-11-20 18:30:00,"
        "2025-11-20 20:05:00,,,2025-11-20 21:05:00,,,,,,,,,,,,\n",
        i, 1'000'000 + i, 5'000'000 + i / 3, i / 3);
}

std::string census_child(std::size_t i) {
    return fmt::format(
        "<Child><ChildIdentifiers><LAchildID>L{0}</LAchildID>"
        "<PersonBirthDate>2016-02-29</PersonBirthDate><Sex>F</Sex></ChildIdentifiers><CINdetails>"
        "<CINreferralDate>2025-01-08</CINreferralDate><CINclosureDate>2025-03-08</CINclosureDate>"
        "<ReferralNFA>0</ReferralNFA></CINdetails></Child>\n",
        i);
}

std::string notice(std::size_t i) {
    const Json made = {{"source_ref", "bench/" + std::to_string(i)},
                       {"agency", "police"},
                       {"role", "pol"},
                       {"type", "missing_episode_started"},
                       {"occurred_at", "2025-11-20T18:30:00Z"},
                       {"harm", "suspected"},
                       {"risk_grade", "medium"},
                       {"subject",
                        {{"forename", "Robin"},
                         {"surname", "Sample" + std::to_string(i)},
                         {"date_of_birth", "2016-02-29"},
                         {"postcode", "WR11 4QZ"}}},
                       {"sections",
                        {{"evt", {{"what", "A child is missing"}, {"date", "2025-11-20"}}},
                         {"rsk", {{"grade", "medium"}}},
                         {"voi", {{"reason_for_none", "not_seen"}}},
                         {"sfc", {{"note", "Ring the sender before any contact"}}},
                         {"pro", {{"whom_to_ring", "Missing desk, 01632 960201"}}}}}};
    return (i == 0 ? "" : ",\n") + made.dump();
}

Form police_form() {
    return {"police missing-person CSV", "mash-police",
            ",reportid,misperid,initial_risk_level,current_final_risk_level,forenames,surname,dob,"
            "pob,age,sex,residence_type,occdesc,nominalpersionid,missing_since,"
            "date_reported_missing,day_reported_missing,length_missing_mins,when_traced,"
            "mf_address,missing_from,reported_missing_by,TL_address,return_method_desc,"
            "circumstances,q_1,q_1_explanation,q_2,q_2_explanation,q_3,q_3_explanation\n",
            police_row, ""};
}

Form census_form() {
    return {"children in need census XML", "mash-social-care",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Message><Header><CollectionDetails>"
            "<Collection>CIN</Collection><Year>2026</Year><ReferenceDate>2026-03-31"
            "</ReferenceDate></CollectionDetails><Source><LEA>885</LEA><DateTime>"
            "2026-05-01T08:00:00</DateTime></Source></Header><Children>\n",
            census_child, "</Children></Message>\n"};
}

Form json_form() { return {"JSON list", "mash-hub", "[\n", notice, "\n]\n"}; }

std::size_t write_records(const Form& form, std::size_t records,
                          const std::filesystem::path& file) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << form.before;
    for (std::size_t i = 0; i < records; ++i) out << form.record(i);
    out << form.after;
    out.close();
    return std::filesystem::file_size(file);
}

struct Tried {
    bool complete = false;
    double peak_kib = 0;
};

Tried try_file(const Form& form, std::size_t records, const std::filesystem::path& file) {
    const auto bytes = write_records(form, records, file);
    const auto done = integration::run({Area::path_of(form.program), "intake", "try", file.string(),
                                        "--agency", "police", "--format", "json"},
                                       patience);
    std::filesystem::remove(file);
    const auto said = Json::parse(done.output, nullptr, false);
    if (done.code != 0 || !said.is_object()) {
        fmt::print(stderr, "bench: intake try of the {}: {}\n", form.name,
                   done.output.substr(0, 300));
        return {};
    }
    const double peak = said.value("peak_memory_kib", 0.0);
    fmt::print("  {:<30} {:>9} records, {:>6.1f} MiB: {:>7} records a second, peak {:.1f} MiB\n",
               form.name, records, mib(static_cast<double>(bytes)),
               said.value("records_per_second", 0), peak / 1024);
    return {said.value("records", std::size_t{0}) == records && said.value("rejected", 1) == 0,
            peak};
}

bool try_all(const IntakeOptions& options) {
    fmt::print("intake try, one process for each file:\n");
    bool complete = true;
    const auto file = options.folder / fmt::format("mash-bench-{}.txt", ::getpid());
    for (const auto& form : {police_form(), census_form(), json_form()}) {
        const auto few = try_file(form, options.records / 4, file);
        const auto many = try_file(form, options.records, file);
        complete = complete && few.complete && many.complete;
        const auto further = static_cast<double>(options.records) * 0.75;
        fmt::print("  {:<30} growth from the one to the other: {:.0f} bytes a record\n", "",
                   (many.peak_kib - few.peak_kib) * 1024 / further);
    }
    return complete;
}

/// What somebody at the console waits for while a file is read.
bool take_in(const Area& area, const std::string& words, const std::filesystem::path& written,
             const std::string& name, pid_t agent, std::size_t records) {
    const auto folder = area.folder("police");
    Spread answers;
    const auto began = Clock::now();
    std::filesystem::rename(written, folder / "intake" / name);
    bool answered = true;
    const bool taken = area.wait_until(
        [&] {
            const auto asked = Clock::now();
            answered = answered && area.status("police").contains("link");
            answers.add(Clock::now() - asked);
            return std::filesystem::exists(folder / "accepted" / name) ||
                   std::filesystem::exists(folder / "rejected" / name);
        },
        patience);
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    const auto used = usage_of(agent);
    fmt::print("  {:<30} {:.1f} s, {:.0f} records a second, peak {:.1f} MiB\n", words, seconds,
               static_cast<double>(records) / seconds,
               static_cast<double>(used.resident_peak_kib) / 1024);
    fmt::print("  {:<30} {}\n", "  its answers meanwhile:", answers.text());
    return taken && answered && std::filesystem::exists(folder / "accepted" / name);
}

bool take_in_all(const IntakeOptions& options) {
    const auto area = Area::make();
    const auto agent = area->program("police").pid();
    const auto idle = usage_of(agent);
    const auto file = area->folder("police") / ".bench.csv";
    const auto bytes = write_records(police_form(), options.records, file);
    fmt::print("a running police agent, {:.1f} MiB when idle; {} records, {:.1f} MiB:\n",
               static_cast<double>(idle.resident_kib) / 1024, options.records,
               mib(static_cast<double>(bytes)));
    bool complete =
        take_in(*area, "first file, all history", file, "bench-first.csv", agent, options.records);
    write_records(police_form(), options.records, file);
    complete = take_in(*area, "the same again, all known", file, "bench-again.csv", agent,
                       options.records) &&
               complete;
    return complete;
}

}  // namespace

bool measure_intake(const IntakeOptions& options) {
    const bool tried = try_all(options);
    return take_in_all(options) && tried;
}

}  // namespace mash::bench
