// The JSON of the enrolment papers: each field asked for by name and type, nothing left over,
// nothing guessed.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "common/area/enrolment.hpp"
#include "common/area/text.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

using Json = nlohmann::json;
using Ordered =
    nlohmann::ordered_json;  // people read these files: fields in the order of their meaning

constexpr std::size_t json_bytes_max = limits::signed_document_bytes_max;
constexpr std::size_t objects_max = 4 * limits::agencies_per_host_max;

constexpr std::string_view anchor_format = "mash-area-1";
constexpr std::string_view invite_format = "mash-invite-1";
constexpr std::string_view requests_format = "mash-enrol-requests-1";
constexpr std::string_view rotation_format = "mash-rotation-request-1";

// One JSON object; remembers the first failure. Ask for every field, then finish().
class Fields {
public:
    explicit Fields(const Json& object) : object_(&object) {
        if (!object.is_object()) fail_with(ErrorCode::malformed);
    }

    const Json* get(const char* name, Json::value_t type) {
        ++asked_;
        if (failed_) return nullptr;
        const auto it = object_->find(name);
        if (it == object_->end() || it->type() != type) {
            fail_with(ErrorCode::malformed);
            return nullptr;
        }
        return &*it;
    }
    /// As get(), for a field that may be missing.
    const Json* get_if(const char* name, Json::value_t type) {
        if (failed_ || !object_->contains(name)) return nullptr;
        return get(name, type);
    }
    std::string text(const char* name) {
        const Json* value = get(name, Json::value_t::string);
        return value == nullptr ? std::string() : value->get<std::string>();
    }
    std::string display(const char* name) {
        auto value = text(name);
        if (!is_display_text(value, limits::display_name_bytes_max))
            fail_with(ErrorCode::bad_value);
        return value;
    }
    template <class Id>
    Id id(const char* name) {
        auto value = text(name);
        if (!failed_ && !is_valid_name(value)) fail_with(ErrorCode::bad_value);
        return Id(std::move(value));
    }
    template <class Id>
    std::vector<Id> ids(const char* name) {
        std::vector<Id> out;
        for (const auto& item : array(name)) {
            if (!item.is_string() || !is_valid_name(item.get_ref<const std::string&>())) {
                fail_with(ErrorCode::bad_value);
                break;
            }
            out.emplace_back(item.get<std::string>());
        }
        return out;
    }
    Json array(const char* name) {
        const Json* value = get(name, Json::value_t::array);
        return value == nullptr ? Json::array() : *value;
    }
    bool flag(const char* name) {
        const Json* value = get(name, Json::value_t::boolean);
        return value != nullptr && value->get<bool>();
    }
    WallTime time(const char* name) {
        const auto value = text(name);
        if (failed_) return {};
        const auto parsed = wall_time_from_rfc3339(value);
        // One spelling of one time: what is signed is the time, what is read is the text.
        if (!parsed || to_rfc3339(*parsed) != value) {
            fail_with(ErrorCode::bad_value);
            return {};
        }
        return *parsed;
    }
    /// Base64url of a fixed size.
    template <class Fixed>
    Fixed fixed(const char* name) {
        const auto bytes = from_base64url(text(name));
        if (!failed_ && bytes) {
            if (const auto made = Fixed::from(*bytes)) return *made;
        }
        fail_with(ErrorCode::malformed);
        return {};
    }
    crypto::CurvePublicKey curve(const char* name) {
        const auto value = text(name);
        if (!failed_) {
            if (const auto key = crypto::curve_from_text(value)) return *key;
        }
        fail_with(ErrorCode::malformed);
        return {};
    }
    template <class Id>
    Id uuid(const char* name) {
        const auto value = text(name);
        if (!failed_) {
            if (const auto parsed = uuid_from_text(value)) return Id(*parsed);
        }
        fail_with(ErrorCode::malformed);
        return {};
    }

    void fail_with(ErrorCode code) {
        if (!failed_) error_ = code;
        failed_ = true;
    }
    /// The first failure until now.
    Result<void> so_far() const {
        if (failed_) return fail(error_);
        return {};
    }
    /// Fails on a field that nobody asked for.
    Result<void> finish() {
        if (!failed_ && object_->size() != asked_) fail_with(ErrorCode::malformed);
        return so_far();
    }

private:
    const Json* object_;
    std::size_t asked_ = 0;
    bool failed_ = false;
    ErrorCode error_ = ErrorCode::malformed;
};

using DigestBytes = crypto::FixedBytes<struct DigestTag, 32>;

// A discarded value unless `text` is JSON in which no object has a key twice and nothing is nested
// too deeply.
Json parse_strictly(std::string_view text) {
    // The callback costs a look through the whole list at the end of each object in it.
    if (std::ranges::count(text, '{') > static_cast<std::ptrdiff_t>(objects_max))
        return {Json::value_t::discarded};
    std::vector<std::set<std::string>> open_objects;
    bool is_strict = true;
    const auto watch = [&](int depth, Json::parse_event_t event, const Json& parsed) {
        if (depth > static_cast<int>(limits::json_depth_max)) is_strict = false;
        if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
        if (event == Json::parse_event_t::object_end) open_objects.pop_back();
        if (event == Json::parse_event_t::key) {
            is_strict = open_objects.back().insert(parsed.get<std::string>()).second && is_strict;
        }
        return true;
    };
    auto json = Json::parse(text, watch, false);
    return is_strict ? json : Json(Json::value_t::discarded);
}

// Parses, and sees that it is one of ours: of a newer format it says so.
Result<Json> open_paper(std::string_view text, std::string_view format) {
    if (text.size() > json_bytes_max) return fail(ErrorCode::too_large);
    auto json = parse_strictly(text);
    if (!json.is_object() || !json.contains("format") || !json["format"].is_string())
        return fail(ErrorCode::malformed);
    const auto& said = json["format"].get_ref<const std::string&>();
    if (said != format) {
        const auto family = format.substr(0, format.rfind('-') + 1);
        return fail(said.starts_with(family) ? ErrorCode::unsupported_version
                                             : ErrorCode::malformed);
    }
    json.erase("format");
    return json;
}

std::string written(const Ordered& json) { return json.dump(2) + "\n"; }

TrustAnchor read_anchor(Fields& fields) {
    TrustAnchor anchor;
    anchor.area = fields.id<AreaId>("area");
    anchor.root = fields.fixed<crypto::VerifyKey>("root_key");
    // People compare the fingerprint, programs use the key: they must be one thing.
    if (fields.text("root_fingerprint") != fingerprint_of(anchor).text())
        fields.fail_with(ErrorCode::bad_value);
    return anchor;
}

void write_anchor(Ordered& json, const TrustAnchor& anchor) {
    json["area"] = anchor.area.value();
    json["root_key"] = to_base64url(anchor.root.view());
    json["root_fingerprint"] = fingerprint_of(anchor).text();
}

template <class Id>
Ordered words_of(const std::vector<Id>& ids) {
    Ordered list = Ordered::array();
    for (const auto& id : ids) list.push_back(id.value());
    return list;
}

Ordered json_of(const SeatEntry& seat) {
    Ordered json;
    json["role"] = seat.role.value();
    json["inbox"] = seat.inbox.value();
    json["opened_by"] = seat.people ? "people" : "automatic";
    if (seat.alternate) json["alternate"] = seat.alternate->value();
    json["telephone"] = seat.telephone;
    return json;
}

Result<SeatEntry> read_seat(const Json& json) {
    Fields fields(json);
    SeatEntry seat;
    seat.role = fields.id<RoleId>("role");
    seat.inbox = fields.id<InboxId>("inbox");
    const auto opened_by = fields.text("opened_by");
    if (opened_by != "people" && opened_by != "automatic") fields.fail_with(ErrorCode::bad_value);
    seat.people = opened_by == "people";
    if (fields.get_if("alternate", Json::value_t::string) != nullptr) {
        seat.alternate = InboxId(json["alternate"].get<std::string>());
        if (!is_valid_name(seat.alternate->value())) fields.fail_with(ErrorCode::bad_value);
    }
    seat.telephone = fields.display("telephone");
    MASH_TRY_VOID(fields.finish());
    return seat;
}

Ordered json_of(const EnrolRequest& request) {
    Ordered json;
    json["invite"] = to_text(request.invite);
    json["area"] = request.area.value();
    json["agency"] = request.agency.value();
    json["host"] = request.host.value();
    json["transport_key"] = crypto::curve_text(request.transport_key);
    json["signing_key"] = to_base64url(request.signing_key.view());
    json["box_key"] = to_base64url(request.box_key.view());
    json["made_at"] = to_rfc3339(request.made_at);
    json["code_proof"] = to_base64url(request.code_proof);
    json["signature"] = to_base64url(request.signature.view());
    return json;
}

Result<EnrolRequest> read_request(const Json& json) {
    Fields fields(json);
    EnrolRequest request;
    request.invite = fields.uuid<InviteId>("invite");
    request.area = fields.id<AreaId>("area");
    request.agency = fields.id<AgencyId>("agency");
    request.host = fields.id<HostId>("host");
    request.transport_key = fields.curve("transport_key");
    request.signing_key = fields.fixed<crypto::VerifyKey>("signing_key");
    request.box_key = fields.fixed<crypto::BoxPublicKey>("box_key");
    request.made_at = fields.time("made_at");
    request.code_proof = fields.fixed<DigestBytes>("code_proof").value();
    request.signature = fields.fixed<crypto::Signature>("signature");
    MASH_TRY_VOID(fields.finish());
    return request;
}

}  // namespace

std::string to_json(const TrustAnchor& anchor) {
    Ordered json;
    json["format"] = anchor_format;
    write_anchor(json, anchor);
    return written(json);
}

Result<TrustAnchor> parse_trust_anchor(std::string_view text) {
    MASH_TRY(json, open_paper(text, anchor_format));
    Fields fields(json);
    auto anchor = read_anchor(fields);
    MASH_TRY_VOID(fields.finish());
    return anchor;
}

std::string to_json(const Invite& invite) {
    Ordered json;
    json["format"] = invite_format;
    write_anchor(json, invite.anchor);
    json["broker_endpoints"] = invite.broker_endpoints;
    json["broker_key"] = crypto::curve_text(invite.broker_key);
    json["invite"] = to_text(invite.id);
    json["code"] = to_base64url(invite.code.reveal());
    json["expires"] = to_rfc3339(invite.expires);
    json["agency"] = invite.agency.value();
    json["kind"] = invite.kind;
    json["name"] = invite.name;
    json["urn"] = invite.urn;
    json["telephone"] = invite.telephone;
    json["host"] = invite.host.value();
    json["roles"] = words_of(invite.roles);
    Ordered seats = Ordered::array();
    for (const auto& seat : invite.seats) seats.push_back(json_of(seat));
    json["seats"] = seats;
    json["alternate_inboxes"] = words_of(invite.alternate_inboxes);
    json["replaces_keys"] = invite.replaces_keys;
    return written(json);
}

Result<Invite> parse_invite(std::string_view text) {
    MASH_TRY(json, open_paper(text, invite_format));
    Fields fields(json);
    auto anchor = read_anchor(fields);
    std::vector<std::string> endpoints;
    for (const auto& item : fields.array("broker_endpoints")) {
        if (!item.is_string() || item.get_ref<const std::string&>().empty() ||
            !is_display_text(item.get_ref<const std::string&>(), limits::display_name_bytes_max) ||
            endpoints.size() == limits::endpoints_max) {
            return fail(ErrorCode::bad_value);
        }
        endpoints.push_back(item.get<std::string>());
    }
    const auto broker_key = fields.curve("broker_key");
    const auto id = fields.uuid<InviteId>("invite");
    const auto code_text = fields.text("code");
    MASH_TRY_VOID(fields.so_far());
    MASH_TRY(code_bytes, from_base64url(code_text));
    MASH_TRY(code, InviteCode::from(crypto::SecretBytes::take(std::move(code_bytes))));
    Invite invite{id,
                  std::move(anchor),
                  std::move(endpoints),
                  broker_key,
                  {},
                  std::move(code),
                  {},
                  {},
                  {},
                  {},
                  {},
                  {},
                  {},
                  {},
                  {}};
    invite.expires = fields.time("expires");
    invite.agency = fields.id<AgencyId>("agency");
    invite.kind = fields.text("kind");
    if (!is_valid_name(invite.kind)) fields.fail_with(ErrorCode::bad_value);
    invite.name = fields.display("name");
    invite.urn = fields.text("urn");
    if (!invite.urn.empty() && !is_urn(invite.urn)) fields.fail_with(ErrorCode::bad_value);
    invite.telephone = fields.display("telephone");
    invite.host = fields.id<HostId>("host");
    invite.roles = fields.ids<RoleId>("roles");
    for (const auto& item : fields.array("seats")) {
        MASH_TRY(seat, read_seat(item));
        if (invite.seats.size() == limits::roles_per_agency_max) return fail(ErrorCode::too_many);
        invite.seats.push_back(std::move(seat));
    }
    invite.alternate_inboxes = fields.ids<InboxId>("alternate_inboxes");
    invite.replaces_keys = fields.flag("replaces_keys");
    MASH_TRY_VOID(fields.finish());
    return invite;
}

std::string to_json(const std::vector<EnrolRequest>& requests) {
    Ordered json;
    json["format"] = requests_format;
    json["fingerprint"] = fingerprint_of(requests).text();
    Ordered list = Ordered::array();
    for (const auto& request : requests) list.push_back(json_of(request));
    json["requests"] = list;
    return written(json);
}

Result<std::vector<EnrolRequest>> parse_enrol_requests(std::string_view text) {
    MASH_TRY(json, open_paper(text, requests_format));
    Fields fields(json);
    const auto fingerprint = fields.text("fingerprint");
    std::vector<EnrolRequest> requests;
    for (const auto& item : fields.array("requests")) {
        if (requests.size() == limits::agencies_max) return fail(ErrorCode::too_many);
        MASH_TRY(request, read_request(item));
        requests.push_back(std::move(request));
    }
    MASH_TRY_VOID(fields.finish());
    if (requests.empty()) return fail(ErrorCode::malformed);
    // A courtesy to the reader of the file; what counts is what the approver types.
    if (fingerprint != fingerprint_of(requests).text()) return fail(ErrorCode::bad_value);
    return requests;
}

std::string to_json(const RotationRequest& request) {
    Ordered json;
    json["format"] = rotation_format;
    json["fingerprint"] = fingerprint_of(request).text();
    json["area"] = request.area.value();
    json["agency"] = request.agency.value();
    json["host"] = request.host.value();
    json["old_signing_key"] = to_base64url(request.old_signing_key.view());
    json["new_signing_key"] = to_base64url(request.new_signing_key.view());
    json["new_box_key"] = to_base64url(request.new_box_key.view());
    if (request.new_transport_key)
        json["new_transport_key"] = crypto::curve_text(*request.new_transport_key);
    json["made_at"] = to_rfc3339(request.made_at);
    json["old_signature"] = to_base64url(request.old_signature.view());
    json["new_signature"] = to_base64url(request.new_signature.view());
    return written(json);
}

Result<RotationRequest> parse_rotation_request(std::string_view text) {
    MASH_TRY(json, open_paper(text, rotation_format));
    Fields fields(json);
    RotationRequest request;
    const auto fingerprint = fields.text("fingerprint");
    request.area = fields.id<AreaId>("area");
    request.agency = fields.id<AgencyId>("agency");
    request.host = fields.id<HostId>("host");
    request.old_signing_key = fields.fixed<crypto::VerifyKey>("old_signing_key");
    request.new_signing_key = fields.fixed<crypto::VerifyKey>("new_signing_key");
    request.new_box_key = fields.fixed<crypto::BoxPublicKey>("new_box_key");
    if (json.contains("new_transport_key"))
        request.new_transport_key = fields.curve("new_transport_key");
    request.made_at = fields.time("made_at");
    request.old_signature = fields.fixed<crypto::Signature>("old_signature");
    request.new_signature = fields.fixed<crypto::Signature>("new_signature");
    MASH_TRY_VOID(fields.finish());
    if (fingerprint != fingerprint_of(request).text()) return fail(ErrorCode::bad_value);
    return request;
}

}  // namespace mash::area
