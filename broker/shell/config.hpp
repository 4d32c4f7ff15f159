// broker.toml: where the broker's files and sockets are. Everything about sharing is in signed
// documents instead.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/id.hpp"
#include "common/base/limits.hpp"
#include "common/base/result.hpp"
#include "common/crypto/signature.hpp"

namespace mash::broker_shell {

struct BrokerConfig {
    std::filesystem::path folder;  ///< paths in the file are relative to it
    AreaId area;
    crypto::VerifyKey root;           ///< from the trust anchor
    std::filesystem::path documents;  ///< folder of *.signed
    std::filesystem::path key;        ///< key file: transport, signing
    std::filesystem::path store;
    std::vector<std::string> endpoints;
    std::filesystem::path admin_socket;
    std::string metrics_address = "127.0.0.1";
    std::uint16_t metrics_port = 0;  ///< 0: any free one
    unsigned verify_threads = 2;
    std::chrono::days retention_after_taken{limits::retention_after_taken};
    /// What was asked and decided, in codes: at least 6 years (domain.md F5).
    std::chrono::days decision_record_term{365 * 25};
    std::chrono::days tombstone_retention{limits::tombstone_retention};
    std::uint32_t plan_requests_per_minute = 600;           ///< per agency
    std::uint32_t plan_requests_of_person_per_minute = 60;  ///< per person of an agency
    std::uint32_t publish_mebibytes_per_minute = 64;        ///< per agency
    std::uint32_t publish_mebibytes_per_day = 4096;         ///< per agency
    /// Of the disk under the store: with less, what can wait does.
    std::uint32_t free_space_floor_mebibytes = 1024;
    std::uint32_t token_evaluations_per_hour = 20'000;  ///< per agency
    std::uint32_t token_import_allowance = 900'000;     ///< per agency beside it, in 30 days
};

/// `problem` says in plain English what is wrong and where, for the operator who started the
/// program.
Result<BrokerConfig> read_broker_config(const std::filesystem::path& folder, std::string& problem);

/// broker.toml for a new area, with every key and a line of explanation each.
std::string default_broker_toml(const std::string& documents, const std::string& anchor,
                                const std::vector<std::string>& endpoints,
                                std::uint16_t metrics_port);

}  // namespace mash::broker_shell
