// What the command line asks of a running agent, over its local interface.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/personal.hpp"
#include "common/base/result.hpp"

namespace mash::runtime_shell {

struct ClientAnswer {
    int status = 0;
    PersonalText body;
};

/// `folder` holds api.json of the running agent. Errors: not_found (no api.json), disconnected
/// (nobody answers).
Result<ClientAnswer> ask_agent(const std::filesystem::path& folder, const std::string& method,
                               const std::string& path, const PersonalText& token,
                               const PersonalText& body);

/// The service token of api.json, "" when there is none.
PersonalText service_token_of(const std::filesystem::path& folder);

}  // namespace mash::runtime_shell
