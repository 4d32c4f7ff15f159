#include "agents/runtime/shell/console_pages.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view missing_page =
    "<!DOCTYPE html><html lang=\"en\"><title>Console not installed</title><h1>The console is not "
    "installed</h1><p>The program runs, and its interface is at /api/v1/. The pages are missing: "
    "build agents/console, or name their folder by files in [console] of agent.toml, and start the "
    "agent again.</p></html>";

// Nothing but what this server sends, nothing inline, in nobody's frame.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action "
    "'self'; frame-ancestors 'none'";

}  // namespace

http::Response ConsolePages::get(const http::Request& request) const {
    http::Response out;
    const bool has_pages = files_ && files_->contains("/index.html");
    if (files_ && files_->contains(request.path)) {
        out = files_->get(request.path, request);
    } else if (has_pages && !request.path.starts_with("/assets/")) {
        out = files_->get("/index.html", request);
    } else {
        out.status = has_pages ? 404 : 503;
        out.content_type = "text/html; charset=utf-8";
        out.body = has_pages ? "<!DOCTYPE html><html lang=\"en\"><title>Not found</title><h1>There "
                               "is no such file</h1></html>"
                             : std::string(missing_page);
    }
    out.headers.emplace_back("Content-Security-Policy", policy);
    out.headers.emplace_back("Referrer-Policy", "no-referrer");
    out.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    out.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    out.headers.emplace_back("X-Frame-Options", "DENY");
    return out;
}

bool is_interface_path(std::string_view path) {
    return path == "/metrics" || path == "/api" || path.starts_with("/api/");
}

fs::path console_folder(const fs::path& given) {
    if (!given.empty()) return given;
    std::error_code error;
    const auto program = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const auto above = program.parent_path().parent_path();
    for (const auto& folder : {above / "share" / "mash" / "console", above / "console"})
        if (fs::is_regular_file(folder / "index.html", error)) return folder;
    return {};
}

}  // namespace mash::runtime_shell
