#include "common/http/files.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include <openssl/sha.h>

#include "common/base/bytes.hpp"

namespace mash::http {

namespace fs = std::filesystem;

namespace {

std::string type_of(const fs::path& name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> types{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".mp3", "audio/mpeg"},
        {".wav", "audio/wav"},
        {".txt", "text/plain; charset=utf-8"},
        {".map", "application/json"},
    }};
    for (const auto& [ending, type] : types)
        if (name.extension() == ending) return std::string(type);
    return "application/octet-stream";
}

std::string tag_of(const std::string& content) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
    return "\"" + to_hex(ByteView(digest).first(16)) + "\"";
}

}  // namespace

Result<Files> Files::load(const fs::path& folder) {
    Files out;
    std::error_code error;
    if (!fs::is_directory(folder, error)) return fail(ErrorCode::not_found);
    std::size_t bytes = 0;
    fs::recursive_directory_iterator at(folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        if (at->path().filename().string().starts_with('.')) {
            if (at->is_directory(error)) at.disable_recursion_pending();
            continue;
        }
        if (at->symlink_status(error).type() != fs::file_type::regular) continue;
        std::ifstream in(at->path(), std::ios::binary);
        std::string content{std::istreambuf_iterator<char>(in), {}};
        if (!in.good() && !in.eof()) return fail(ErrorCode::io_failed);
        bytes += content.size();
        if (bytes > files_bytes_max) return fail(ErrorCode::too_large);
        const auto name = "/" + fs::relative(at->path(), folder, error).generic_string();
        auto tag = tag_of(content);
        out.files_.emplace(name, File{type_of(at->path()), std::move(content), std::move(tag)});
    }
    if (error) return fail(ErrorCode::io_failed);
    return out;
}

Response Files::get(std::string_view path, const Request& request) const {
    const auto found = files_.find(path);
    const File& file = found->second;
    Response out;
    out.content_type = file.type;
    const bool is_kept = path.starts_with("/assets/");
    if (is_kept)
        out.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
    else if (!path.ends_with(".html"))
        out.headers.emplace_back("Cache-Control", "no-cache");
    if (!path.ends_with(".html")) {
        out.headers.emplace_back("ETag", file.tag);
        if (request.header("if-none-match") == file.tag) {
            out.status = 304;
            return out;
        }
    }
    const auto packed = files_.find(std::string(path) + ".gz");
    if (packed != files_.end()) {
        out.headers.emplace_back("Vary", "Accept-Encoding");
        if (request.header("accept-encoding").find("gzip") != std::string_view::npos) {
            out.headers.emplace_back("Content-Encoding", "gzip");
            out.body = packed->second.content;
            return out;
        }
    }
    out.body = file.content;
    return out;
}

}  // namespace mash::http
