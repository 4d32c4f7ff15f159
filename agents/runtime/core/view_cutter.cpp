#include "agents/runtime/core/view_cutter.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace mash::runtime {

namespace {

// Words of the signed catalogue that have a meaning here (deploy/policy/catalogue.toml).
constexpr std::string_view safe_contact_section = "sfc";
constexpr std::string_view safe_contact_field = "note";
constexpr std::string_view voice_section = "voi";
constexpr std::string_view voice_absent_field = "reason_for_none";
constexpr std::string_view professional_section = "pro";
constexpr std::string_view home_address_section = "adr";
constexpr std::string_view protected_address_section = "saf";
constexpr std::string_view address_field = "address";

std::string json_text(std::string_view text) { return nlohmann::json(text).dump(); }

SectionContent content_from_json(const std::string& json) {
    SectionContent out;
    const auto object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return out;
    for (const auto& [field, value] : object.items())
        out.emplace(field, PersonalText(value.dump()));
    return out;
}

bool names(const std::vector<std::string>& fields, const std::string& field) {
    return std::ranges::find(fields, field) != fields.end();
}

bool speaks_of_a_protected_address(const Notification& notification) {
    return notification.sections.contains(std::string(protected_address_section));
}

std::map<std::string, SectionContent> with_defaults(const Notification& notification,
                                                    const area::Policy& policy,
                                                    const CutDefaults& defaults) {
    auto sections = notification.sections;
    const auto* type = policy.find_type(notification.facts.type);
    if (!sections.contains(std::string(professional_section)) &&
        !defaults.professional_contact.empty()) {
        sections[std::string(professional_section)] =
            content_from_json(defaults.professional_contact);
    }
    if (!sections.contains(std::string(safe_contact_section))) {
        sections[std::string(safe_contact_section)].emplace(
            safe_contact_field,
            PersonalText(json_text("Not known: ask the sender before any contact")));
    }
    if (type != nullptr && type->wants_voice && !sections.contains(std::string(voice_section))) {
        sections[std::string(voice_section)].emplace(voice_absent_field,
                                                     PersonalText(json_text("not_seen")));
    }
    if (speaks_of_a_protected_address(notification)) {
        // Even that an address was given must not help to find it: the home address is replaced,
        // not cut.
        SectionContent hidden;
        hidden.emplace(address_field, PersonalText(json_text("protected")));
        sections[std::string(home_address_section)] = std::move(hidden);
    }
    return sections;
}

}  // namespace

std::map<ViewId, PersonalText> cut_views(const Notification& notification,
                                         const area::Policy& policy, const CutDefaults& defaults) {
    const auto sections = with_defaults(notification, policy, defaults);
    const bool is_protected = speaks_of_a_protected_address(notification);
    std::map<ViewId, PersonalText> out;
    for (const auto& view : policy.views()) {
        const auto section = sections.find(view.section);
        if (section == sections.end()) continue;
        std::string json;
        for (const auto& field : view.fields) {
            const auto value = section->second.find(field);
            if (value == section->second.end()) continue;
            if (is_protected && names(view.unless_protected, field)) continue;
            json += json.empty() ? "{" : ",";
            json += json_text(field) + ":" + value->second.reveal();
        }
        if (!json.empty()) out.emplace(view.view, PersonalText(json + "}"));
    }
    return out;
}

}  // namespace mash::runtime
