// A section of agent.toml that makes this agent listen: its settings, and what is said of wrong
// ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "agents/runtime/shell/agent_service.hpp"

namespace mash::health_shell {

struct ListenAt {
    std::string address;
    std::uint16_t port = 0;
};

/// Lives no longer than `place` and `problem`. Every error is bad_value, with `problem` in plain
/// English.
class ListenerSection {
public:
    /// `name` as in agent.toml: "services.mllp".
    ListenerSection(const runtime_shell::ServicePlace& place, std::string_view name,
                    std::string& problem)
        : place_(place), name_(name), problem_(problem) {}

    decltype(fail(ErrorCode::bad_value)) refuse(std::string_view words) const;
    /// No setting but these.
    Result<void> allow_only(std::span<const std::string_view> known) const;
    std::string text(std::string_view setting) const;            ///< "" when absent
    std::filesystem::path path(std::string_view setting) const;  ///< from the agent's folder
    /// `example` is shown to whoever wrote it wrong.
    Result<ListenAt> listen(std::string_view example) const;
    /// One that this agent serves.
    Result<std::string> agency() const;

private:
    const runtime_shell::ServicePlace& place_;
    std::string_view name_;
    std::string& problem_;
};

}  // namespace mash::health_shell
