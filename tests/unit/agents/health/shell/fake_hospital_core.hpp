// The core as the listener sees it: takes, refuses or keeps silent as told, and keeps what is to be
// remembered. What it holds outlives the listener, as a store does.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agents/runtime/shell/agent_service.hpp"

namespace mash::health_shell {

class FakeHospitalCore {
public:
    FakeHospitalCore();
    ~FakeHospitalCore();

    runtime_shell::ServicePlace place();
    std::vector<runtime::Notification> taken() const;
    /// Everything in rejected/mllp.
    std::vector<std::filesystem::path> put_aside() const;
    const std::filesystem::path& folder() const { return folder_; }

    bool busy = false;        ///< nothing can be taken now
    bool refuses = false;     ///< every notification is refused with a fault
    bool in_trouble = false;  ///< the store cannot be read

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> kept_;
    std::vector<runtime::Notification> taken_;
    std::filesystem::path folder_;
};

/// A child with a plan came to the emergency department.
std::string attendance(const std::string& id, const std::string& header_rest = "",
                       const std::string& visit = "V100");

}  // namespace mash::health_shell
