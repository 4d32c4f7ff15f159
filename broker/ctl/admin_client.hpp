// The operator's side of the broker's admin socket: one line of JSON to it, one line back. Whoever
// may open the socket's file is the operator; the broker asks for nothing more.
//
//   -> {"command":"release","argument":"police/0193..."}
//   <- {"ok":true,"answer":{...}}   or   {"ok":false,"error":"not_found"}
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "broker/ctl/outcome.hpp"

namespace mash::ctl {

/// The broker's line, without its end. Problems have exit code no_broker: the socket is not there,
/// nobody listens, the answer is late, cut or longer than 16 MiB.
Outcome<std::string> ask_broker(const std::filesystem::path& socket, const std::string& command,
                                const std::string& argument, std::chrono::milliseconds timeout);

}  // namespace mash::ctl
