#include "agents/runtime/shell/own_names.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "agents/runtime/shell/console_pages.hpp"
#include "agents/runtime/shell/operation.hpp"

namespace mash::runtime_shell {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// "Mash.example.:8443" -> "mash.example"; "[::1]:80" -> "::1".
std::string name_in(std::string_view host) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        return end == std::string_view::npos ? std::string() : lower(host.substr(1, end - 1));
    }
    host = host.substr(0, host.find(':'));
    if (host.ends_with('.')) host.remove_suffix(1);
    return lower(host);
}

bool is_of(std::string_view pattern, std::string_view name) {
    if (!pattern.starts_with("*.")) return pattern == name;
    const auto dot = name.find('.');
    return dot != 0 && dot != std::string_view::npos && name.substr(dot) == pattern.substr(1);
}

}  // namespace

OwnNames::OwnNames(const std::vector<std::string>& names) {
    for (const auto& name : names) names_.push_back(lower(name));
}

bool OwnNames::allows(const http::Request& request) const {
    const auto host = request.header("host");
    if (host.empty()) return true;
    const auto name = name_in(host);
    if (name == "localhost" || http::is_loopback(name)) return true;
    if (std::ranges::any_of(names_, [&](const auto& own) { return is_of(own, name); })) return true;
    boost::system::error_code error;
    boost::asio::ip::make_address(name, error);
    return request.is_secure && !error;
}

http::Response OwnNames::refusal(const http::Request& request) {
    constexpr std::string_view what = "This machine does not answer to the name in the address";
    constexpr std::string_view next =
        "Use the address that you were given. Whoever runs this machine adds a name of its own to "
        "names in [console] of agent.toml";
    if (is_interface_path(request.path)) return error_response(421, "not_our_name", what, next);
    http::Response out;
    out.status = 421;
    out.content_type = "text/html; charset=utf-8";
    out.body = "<!DOCTYPE html><html lang=\"en\"><title>Not our name</title><h1>" +
               std::string(what) + "</h1><p>" + std::string(next) + ".</p></html>";
    out.headers.emplace_back("Content-Security-Policy",
                             "default-src 'none'; frame-ancestors 'none'");
    return out;
}

}  // namespace mash::runtime_shell
