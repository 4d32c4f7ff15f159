// The operator's door: a unix socket of mode 0600 that takes one line of JSON and answers with one.
// Whoever may open the file is the operator; the file system decides that.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace mash::broker_shell {

/// {"command":"release","argument":"police/0193..."}; without an argument it is "".
struct AdminRequest {
    std::string command;
    std::string argument;
};
/// Errors: malformed.
Result<AdminRequest> parse_admin_request(std::string_view line);

class AdminSocket {
public:
    /// Called on the socket's thread with one line; returns the answer's line, without line end.
    using Answer = std::function<std::string(const std::string& line)>;

    /// Replaces a socket that a dead broker left behind. Errors: already_exists (a living one
    /// answers), io_failed, too_large (a path longer than a unix socket may have).
    static Result<std::unique_ptr<AdminSocket>> start(const std::filesystem::path& path,
                                                      Answer answer);
    ~AdminSocket();
    void stop();

private:
    struct State;
    explicit AdminSocket(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace mash::broker_shell
