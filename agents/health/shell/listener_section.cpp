#include "agents/health/shell/listener_section.hpp"

#include <algorithm>

namespace mash::health_shell {

decltype(fail(ErrorCode::bad_value)) ListenerSection::refuse(std::string_view words) const {
    problem_ = "agent.toml, [" + std::string(name_) + "]: " + std::string(words);
    return fail(ErrorCode::bad_value);
}

Result<void> ListenerSection::allow_only(std::span<const std::string_view> known) const {
    for (const auto& [name, value] : place_.settings) {
        if (std::ranges::find(known, name) == known.end())
            return refuse(name + " is no setting of this section");
    }
    return {};
}

std::string ListenerSection::text(std::string_view setting) const {
    const auto found = place_.settings.find(setting);
    return found == place_.settings.end() ? std::string() : found->second;
}

std::filesystem::path ListenerSection::path(std::string_view setting) const {
    const std::filesystem::path given = text(setting);
    return given.empty() || given.is_absolute() ? given : place_.agent_folder / given;
}

Result<ListenAt> ListenerSection::listen(std::string_view example) const {
    const std::string given = text("listen");
    const auto colon = given.find_last_of(':');
    const std::string port = colon == std::string::npos ? "" : given.substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos || std::stoul(port) > 65535)
        return refuse("listen must be an address and a port, for example \"" +
                      std::string(example) + "\"");
    return ListenAt{given.substr(0, colon), static_cast<std::uint16_t>(std::stoul(port))};
}

Result<std::string> ListenerSection::agency() const {
    std::string id = text("agency");
    if (!place_.context_of(id))
        return refuse("agency must be the id of an agency that this agent serves");
    return id;
}

}  // namespace mash::health_shell
