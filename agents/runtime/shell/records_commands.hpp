// `decision` and `access-log`: what is asked of a running agent about its records.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/personal.hpp"

namespace mash::runtime_shell {

/// Which records; "" = not asked for.
struct RecordsQuery {
    std::string area;
    std::string sent;
    std::string from;
    std::string to;
    std::string person;
    std::string item;
    std::string cursor;
    bool full = false;
};

std::string decisions_path(const RecordsQuery& query);
std::string decision_path(const std::string& id, const RecordsQuery& query);
std::string replay_path(const std::string& id, const RecordsQuery& query);
std::string access_log_path(const RecordsQuery& query);

/// Makes every recorded decision of the query again, one line for each that differs or cannot be
/// made, and a sum. 0: all are equal; 1: one differs or the agent refused.
int replay_all(const std::string& program, const std::filesystem::path& folder,
               const PersonalText& token, RecordsQuery query);

}  // namespace mash::runtime_shell
