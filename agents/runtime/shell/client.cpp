#include "agents/runtime/shell/client.hpp"

#include <memory>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include "common/area/files.hpp"

namespace mash::runtime_shell {

namespace {

constexpr long deadline_seconds = 35;

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
}

nlohmann::json api_file(const std::filesystem::path& folder) {
    const auto text = area::read_file(folder / "api.json", 64 * 1024);
    if (!text) return nullptr;
    auto out = nlohmann::json::parse(text_of(*text), nullptr, false);
    return out.is_object() ? out : nlohmann::json(nullptr);
}

}  // namespace

Result<ClientAnswer> ask_agent(const std::filesystem::path& folder, const std::string& method,
                               const std::string& path, const PersonalText& token,
                               const PersonalText& body) {
    const auto api = api_file(folder);
    if (!api.is_object() || !api.contains("url") || !api["url"].is_string())
        return fail(ErrorCode::not_found);
    const std::string url = api["url"].get<std::string>() + path;
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                   curl_easy_cleanup);
    if (!curl) return fail(ErrorCode::io_failed);
    curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
    const std::string authorization = "Authorization: Bearer " + token.reveal();
    if (!token.reveal().empty()) list = curl_slist_append(list, authorization.c_str());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list,
                                                                              curl_slist_free_all);
    ClientAnswer out;
    std::string answer;
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    if (method != "GET" || !body.reveal().empty()) {
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.reveal().data());
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(body.reveal().size()));
    }
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, deadline_seconds);
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    if (curl_easy_perform(curl.get()) != CURLE_OK) return fail(ErrorCode::disconnected);
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    out.status = static_cast<int>(status);
    out.body = PersonalText(std::move(answer));
    return out;
}

PersonalText service_token_of(const std::filesystem::path& folder) {
    const auto api = api_file(folder);
    return PersonalText(api.is_object() ? api.value("service_token", std::string())
                                        : std::string());
}

}  // namespace mash::runtime_shell
