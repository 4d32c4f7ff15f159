// What the tests of this folder share: a file read as the shell does it, and the public samples.
#pragma once

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/shell/file_source.hpp"
#include "agents/school/formats.hpp"
#include "common/area/policy.hpp"
#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"
#include "tests/support/waiting.hpp"

namespace mash::school::testing {

using Counts = std::map<std::string, std::uint64_t>;

inline std::optional<std::string> sample(const std::string& name) {
    std::ifstream in(test::shared_data() / "schools" / name, std::ios::binary);
    if (!in) return std::nullopt;
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

class Reading : public ::testing::Test {
protected:
    Reading() : formats(all_formats()) {
        context.agency = AgencyId("orchard-gate");
        context.role = RoleId("sch");
        context.now.wall = *wall_time_from_rfc3339("2027-01-13T10:00:00Z");
        context.written_at = *wall_time_from_rfc3339("2027-01-13T09:00:00Z");
    }
    /// As a file after the first.
    runtime::ReadFile later(const std::string& text) {
        const auto* format = runtime_shell::find_format(formats, text);
        if (format == nullptr) {
            ADD_FAILURE() << "no format recognises it";
            return {};
        }
        runtime::Snapshot(memory, format->name(), context.agency).end_baseline();
        return read(text);
    }
    runtime::ReadFile read(const std::string& text) {
        const auto* format = runtime_shell::find_format(formats, text);
        if (format == nullptr) {
            ADD_FAILURE() << "no format recognises it";
            return {};
        }
        auto file = format->read(text, context, memory);
        expect_takeable(file);
        return file;
    }
    /// Every word in a notification is one of the area's catalogue, as far as no person must add
    /// to it.
    static void expect_takeable(const runtime::ReadFile& file) {
        static const auto policy = [] {
            const auto folder = test::source_dir() / "deploy" / "policy";
            std::vector<area::PolicyFault> faults;
            auto parsed = area::Policy::parse(
                test::content_of(folder / "policy.toml"), "policy.toml",
                test::content_of(folder / "catalogue.toml"), "catalogue.toml", faults);
            CHECK(parsed.has_value());
            return std::move(*parsed);
        }();
        for (const auto& made : file.notifications) {
            for (const auto& fault : runtime::check_against_policy(made.notification, policy))
                ADD_FAILURE() << fault.path << " " << fault.rule;
        }
    }
    /// The records as they are given back to be mended.
    std::string selected(const std::string& text, const std::vector<std::uint64_t>& records) const {
        std::string out;
        const auto selector =
            runtime_shell::find_format(formats, text)->select(records, [&](std::string_view piece) {
                out += piece;
            });
        selector->feed(text);
        selector->finish();
        return out;
    }
    static std::vector<std::string> kinds(const runtime::ReadFile& file) {
        std::vector<std::string> out;
        for (const auto& made : file.notifications) out.push_back(made.notification.facts.kind);
        return out;
    }
    static std::vector<std::string> rules(const runtime::ReadFile& file) {
        std::vector<std::string> out;
        for (const auto& fault : file.faults) out.push_back(fault.rule);
        return out;
    }

    runtime::SourceFormats formats;
    runtime::ReadContext context;
    runtime::SourceMemory memory;
};

using Words = std::vector<std::string>;

}  // namespace mash::school::testing
