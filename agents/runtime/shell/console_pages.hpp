// The console's pages: its built files, and the headers under which a browser may use them.
#pragma once

#include <filesystem>
#include <optional>

#include "common/http/files.hpp"
#include "common/http/server.hpp"

namespace mash::runtime_shell {

class ConsolePages {
public:
    /// Without files every page says that they are missing.
    explicit ConsolePages(std::optional<http::Files> files) : files_(std::move(files)) {}

    /// For GET and HEAD of whatever is no path of the interface. A path that names no file is one
    /// of the console's own routes, and gives its first page; below /assets/ it is not found.
    http::Response get(const http::Request& request) const;

private:
    std::optional<http::Files> files_;
};

/// Of the interface, not of the pages.
bool is_interface_path(std::string_view path);
/// `given`, or beside the running program: ../share/mash/console of an installed one, ../console of
/// one in its build tree. "" when there is none.
std::filesystem::path console_folder(const std::filesystem::path& given);

}  // namespace mash::runtime_shell
