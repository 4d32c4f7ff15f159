#include "agents/health/handed_item.hpp"

namespace mash::health {

HandedJson handed_json(const runtime::HandOver& item) {
    return HandedJson::parse(item.json.reveal(), nullptr, false);
}

std::string text_in(const HandedJson& object, const std::string& name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || found == object.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>()
                              : found->dump(-1, ' ', false, HandedJson::error_handler_t::replace);
}

const HandedJson& view_in(const HandedJson& item, const std::string& larger,
                          const std::string& smaller) {
    static const HandedJson none = HandedJson::object();
    if (!item.contains("views") || !item["views"].is_object()) return none;
    for (const auto& name : {larger, smaller}) {
        if (item["views"].contains(name) && item["views"][name].is_object())
            return item["views"][name];
    }
    return none;
}

HandedChild handed_child(const HandedJson& item) {
    const auto& identity = view_in(item, "idn.full", "idn.match");
    return {text_in(identity, "forenames"), text_in(identity, "surname"),
            text_in(identity, "date_of_birth"), text_in(identity, "sex"),
            text_in(identity, "nhs_number")};
}

}  // namespace mash::health
