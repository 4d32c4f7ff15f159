#include "tests/unit/agents/social_care/dropped_files.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/paths/paths.hpp"

namespace mash::social_care::testing {

DroppedFiles::DroppedFiles(std::string_view now) {
    context_.agency = AgencyId("social-care");
    context_.role = RoleId("sw");
    later(now);
}

void DroppedFiles::later(std::string_view now) {
    context_.now.wall = *wall_time_from_rfc3339(now);
    context_.written_at = context_.now.wall;
}

runtime::ReadFile DroppedFiles::drop(const std::string& text, const std::set<std::string>& refuse) {
    const auto format = std::ranges::find_if(
        formats, [&](const auto& each) { return each->recognises(text.substr(0, 65536)); });
    if (format == formats.end()) {
        ADD_FAILURE() << "no format recognises the file";
        return {};
    }
    runtime::SourceMemory memory([this](std::string_view key) {
        const auto found = kept.find(key);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    });
    const auto keep = [this](const runtime::Remembered& entry) {
        if (entry.value.empty())
            kept.erase(entry.key);
        else
            kept[entry.key] = entry.value;
    };
    auto file = (*format)->read(text, context_, memory);
    for (const auto& made : file.notifications) {
        if (refuse.contains(made.notification.facts.type.value())) continue;
        std::ranges::for_each(made.remember, keep);
    }
    std::ranges::for_each(memory.entries(), keep);
    return file;
}

std::vector<std::string> said(const runtime::ReadFile& file) {
    std::vector<std::string> out;
    for (const auto& made : file.notifications) {
        const auto& facts = made.notification.facts;
        out.push_back(facts.type.value() + (facts.kind.empty() ? "" : "/" + facts.kind));
    }
    return out;
}

std::set<std::string> rules(const runtime::ReadFile& file) {
    std::set<std::string> out;
    for (const auto& fault : file.faults) out.insert(fault.rule);
    return out;
}

const runtime::Notification& only(const runtime::ReadFile& file) {
    static const runtime::Notification none;
    EXPECT_EQ(file.notifications.size(), 1U);
    return file.notifications.empty() ? none : file.notifications.front().notification;
}

std::string field(const runtime::Notification& notification, const std::string& section,
                  const std::string& name) {
    const auto found = notification.sections.find(section);
    if (found == notification.sections.end()) return "";
    const auto value = found->second.find(name);
    if (value == found->second.end()) return "";
    const auto json = nlohmann::json::parse(value->second.reveal());
    return json.is_string() ? json.get<std::string>() : json.dump();
}

std::uint64_t counted(const runtime::ReadFile& file, const std::string& what) {
    const auto found = file.understood.find(what);
    return found == file.understood.end() ? 0 : found->second;
}

std::string caseload(const std::vector<std::pair<std::string, std::string>>& children) {
    std::string out = "role,relation,local_id,nhs_number,forename,surname,date_of_birth,postcode\n";
    for (const auto& [id, born] : children)
        out += "sw,social_worker," + id + ",9990000018,Ava,Testcase," + born + ",WR5 1AA\n";
    return out;
}

std::optional<std::string> sample(const std::string& name) {
    std::ifstream in(test::shared_data() / "social_care" / name, std::ios::binary);
    if (!in) return std::nullopt;
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace mash::social_care::testing
