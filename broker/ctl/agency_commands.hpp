// `mashctl agency`: who is invited, admitted, revoked; what the registry says of each.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "broker/ctl/context.hpp"

namespace mash::ctl {

struct AgencyInvite {
    std::filesystem::path dir;
    std::string id;
    std::string kind;
    std::string name;
    std::string urn;
    std::string telephone;
    std::string host;
    std::vector<std::string> roles;
    std::vector<std::string> seats;  ///< as parse_seat() reads them
    bool replace_keys = false;
    unsigned valid_days = 14;
    std::filesystem::path out;
};
Outcome<void> invite_agency(const Context& context, const AgencyInvite& command);

struct AgencyInvites {
    std::filesystem::path dir;
    std::filesystem::path csv;
    std::string host;
    bool replace_keys = false;
    unsigned valid_days = 14;
    std::filesystem::path out_dir;
};
/// One invite a good row, `<id>.invite.json`; the bad rows into `rejected.csv`, each with its
/// reason.
Outcome<void> invite_agencies(const Context& context, const AgencyInvites& command);

struct AgencyApprove {
    std::filesystem::path dir;
    std::vector<std::filesystem::path> requests;
    std::string fingerprint;  ///< as typed; empty: asked for on the terminal
    bool accept_unread_fingerprint = false;
    std::optional<std::filesystem::path> passphrase_file;
};
/// All good requests in one new version of the registry; the others are named with their reasons.
Outcome<void> approve_agencies(const Context& context, const AgencyApprove& command);

struct AgencyRevoke {
    std::filesystem::path dir;
    std::string id;
    std::optional<std::filesystem::path> passphrase_file;
};
Outcome<void> revoke_agency(const Context& context, const AgencyRevoke& command);

struct AgencyRotate {
    std::filesystem::path dir;
    std::vector<std::filesystem::path> requests;
    unsigned overlap_days = 7;
    unsigned start_hours = 1;  ///< until the new signing key signs
    std::optional<std::filesystem::path> passphrase_file;
};
Outcome<void> rotate_agencies(const Context& context, const AgencyRotate& command);

struct AgencyList {
    std::filesystem::path dir;
    bool json = false;
};
Outcome<void> list_agencies(const Context& context, const AgencyList& command);

}  // namespace mash::ctl
