#include "tests/unit/agents/health/shell/fake_hospital_core.hpp"

#include <unistd.h>

#include "agents/health/care_status.hpp"

namespace mash::health_shell {

namespace fs = std::filesystem;

FakeHospitalCore::FakeHospitalCore() {
    std::string name = (fs::temp_directory_path() / "mash-mllp-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder_ = name;
    runtime::SourceMemory memory;
    health::remember_status(memory, AgencyId("trust"), PersonalText("9990000018"), "2013-04-05",
                            {"protection_plan", "2026-07-22", "", false});
    for (const auto& entry : memory.entries()) kept_[entry.key] = entry.value;
}

FakeHospitalCore::~FakeHospitalCore() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::vector<runtime::Notification> FakeHospitalCore::taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
}

std::vector<fs::path> FakeHospitalCore::put_aside() const {
    std::vector<fs::path> out;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_ / "rejected" / "mllp", ignored))
        out.push_back(entry.path());
    return out;
}

runtime_shell::ServicePlace FakeHospitalCore::place() {
    using runtime_shell::SubmitOutcome;
    const auto ready = [](SubmitOutcome outcome) {
        std::promise<SubmitOutcome> promise;
        promise.set_value(std::move(outcome));
        return promise.get_future();
    };
    runtime_shell::ServicePlace out;
    out.area_folder = out.agent_folder = folder_;
    out.read_clocks = [] {
        return Now{SteadyTime::from_ms(0), *wall_time_from_rfc3339("2027-01-13T12:00:00Z")};
    };
    out.context_of = [](const std::string& agency) -> std::optional<runtime::ReadContext> {
        if (agency != "trust") return std::nullopt;
        runtime::ReadContext context;
        context.agency = AgencyId("trust");
        context.role = RoleId("urg");
        context.now.wall = *wall_time_from_rfc3339("2027-01-13T12:00:00Z");
        return context;
    };
    out.is_service = [](const PersonalText& credential) { return credential.reveal() == "token"; };
    out.doors.remembered = [this](std::string_view key) -> Result<std::optional<std::string>> {
        const std::lock_guard lock(mutex_);
        if (in_trouble) return fail(ErrorCode::store_failed);
        const auto found = kept_.find(key);
        return found == kept_.end() ? std::nullopt : std::optional(found->second);
    };
    out.doors.submit = [this, ready](runtime::Submit input) {
        const std::lock_guard lock(mutex_);
        if (busy) return ready({.accepted = false, .later = true, .faults = {}});
        if (refuses)
            return ready({.accepted = false,
                          .later = false,
                          .faults = {{"/sections/evt", "too_large", "Shorten it"}}});
        taken_.push_back(std::move(input.notification));
        for (const auto& entry : input.remember) kept_[entry.key] = entry.value;
        return ready({.accepted = true, .later = false, .faults = {}});
    };
    out.doors.remember = [this, ready](const runtime::Remember& input) {
        const std::lock_guard lock(mutex_);
        if (busy) return ready({.accepted = false, .later = true, .faults = {}});
        for (const auto& entry : input.entries) kept_[entry.key] = entry.value;
        return ready({.accepted = true, .later = false, .faults = {}});
    };
    out.doors.note = [](const runtime::Recorded&) {};
    return out;
}

std::string attendance(const std::string& id, const std::string& header_rest,
                       const std::string& visit) {
    return "MSH|^~\\&|EPIC|FAC|MASH|AREA|20270113103000||ADT^A04|" + id + "|P|2.4" + header_rest +
           "\rEVN|A04|20270113103000\rPID|1||40800000^^^H^MR~9990000018^^^NHS^NH||Testcase^Juno^^^"
           "^^L||20130405|F\rPV1|1|E|ED||||||||||||||||" +
           visit + "|||||||||||||||||||||||||20270113103000\r";
}

}  // namespace mash::health_shell
