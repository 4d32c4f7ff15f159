#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/source.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {

namespace {

class JsonFormat final : public SourceFormat {
public:
    std::string_view name() const override { return "mash-json"; }
    std::string_view title() const override { return "Notification JSON (agents/README.md)"; }

    bool recognises(std::string_view head) const override {
        const auto first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
        return first != std::string_view::npos && (head[first] == '{' || head[first] == '[');
    }

    ReadFile read(std::string_view content, const ReadContext& context,
                  SourceMemory&) const override {
        ReadFile out;
        out.format = name();
        // A list may hold what a single notification may be.
        if (is_nested_deeper_than(content, limits::json_depth_max + 1)) {
            out.faults.push_back({0, 0, "", "too_deep",
                                  "The file is nested far deeper than any notification: nothing of "
                                  "it was used",
                                  true});
            return out;
        }
        const auto document = nlohmann::json::parse(content, nullptr, false);
        if (document.is_discarded() || !(document.is_object() || document.is_array())) {
            out.faults.push_back({0, 0, "", "not_json",
                                  "The file is not JSON: one notification in curly brackets, or a "
                                  "list of them in square brackets",
                                  true});
            return out;
        }
        const auto add = [&](const nlohmann::json& item) {
            ++out.records;
            auto parsed = notification_from_json(
                item.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
            if (!parsed.faults.empty()) {
                for (auto& fault : parsed.faults) {
                    out.faults.push_back(
                        {out.records, 0, fault.path, fault.rule, fault.message, true});
                }
                out.rejected_records.push_back(out.records);
                return;
            }
            if (parsed.notification.agency.empty()) parsed.notification.agency = context.agency;
            if (parsed.notification.role.empty()) parsed.notification.role = context.role;
            ++out.children;
            out.notifications.push_back({out.records, std::move(parsed.notification)});
        };
        if (document.is_array()) {
            for (const auto& item : document) add(item);
        } else {
            add(document);
        }
        return out;
    }
};

}  // namespace

std::unique_ptr<SourceFormat> make_json_format() { return std::make_unique<JsonFormat>(); }

}  // namespace mash::runtime
