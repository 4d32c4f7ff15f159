#include "broker/ctl/policy_commands.hpp"

#include <iostream>
#include <iterator>
#include <set>

#include "broker/ctl/area_folder.hpp"
#include "broker/ctl/facts_json.hpp"
#include "common/area/document_files.hpp"
#include "common/area/explain.hpp"
#include "common/area/policy_end.hpp"
#include "common/area/second_registrar.hpp"
#include "common/area/trial.hpp"
#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using wire::DocumentKind;

constexpr std::size_t facts_bytes_max = limits::mebibyte;

Outcome<std::string> read_text(const std::filesystem::path& path, std::size_t bytes_max) {
    CTL_TRY_RESULT(bytes, area::read_file(path, bytes_max), "read " + path.string());
    return std::string(text_of(bytes));
}

void warn_about_dates(const Context& context, const area::Policy& policy) {
    const auto end = area::policy_end(policy, context.now);
    if (end == area::PolicyEnd::over) {
        context.warn("this policy ended on " + area::time_in_words(policy.expires()) +
                     ". Only what cannot wait goes on under it.");
    } else if (end == area::PolicyEnd::near) {
        context.warn("this policy ends on " + area::time_in_words(policy.expires()) +
                     ". Agree the next one now.");
    }
    if (policy.valid_from() > context.now) {
        context.warn("this policy is in force only from " +
                     area::time_in_words(policy.valid_from()) + ".");
    }
}

// Roles that some row must reach and nobody fills: each will be a task with a number to ring.
void warn_about_roles(const Context& context, const area::Policy& policy,
                      const area::Registry& registry) {
    std::set<RoleId> missing;
    for (const auto& type : policy.types()) {
        for (const auto& route : type.routes) {
            if (route.must && route.by == area::RouteBy::area_role &&
                registry.seats_with_role(route.role, context.now).empty()) {
                missing.insert(route.role);
            }
        }
    }
    for (const auto& role : missing) {
        const auto& telephone = policy.telephone_of(role);
        context.warn("no agency fills the role " + role.value() +
                     " yet. Until one does, each notification for it is a task to " +
                     (telephone.empty()
                          ? "tell them by other means; the policy names no number to ring."
                          : "ring " + telephone + "."));
    }
}

std::string plural(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Outcome<PolicyTexts> read_texts(const PolicyFiles& files) {
    CTL_TRY(policy, read_text(files.policy, limits::signed_document_bytes_max));
    CTL_TRY(catalogue, read_text(files.catalogue, limits::signed_document_bytes_max));
    return PolicyTexts{std::move(policy), std::move(catalogue)};
}

Outcome<area::Policy> parse_policy(const Context& context, const PolicyTexts& texts,
                                   const std::string& policy_name,
                                   const std::string& catalogue_name) {
    std::vector<area::PolicyFault> faults;
    auto policy =
        area::Policy::parse(texts.policy, policy_name, texts.catalogue, catalogue_name, faults);
    for (const auto& fault : faults) context.err << fault.text() << "\n";
    if (!policy) {
        return problem("The policy cannot be used: " +
                           (faults.size() == 1 ? std::string("1 mistake is")
                                               : std::to_string(faults.size()) + " mistakes are") +
                           " listed above.",
                       "Put them right and check again.");
    }
    return std::move(*policy);
}

Outcome<void> check_policy(const Context& context, const PolicyCheck& command) {
    CTL_TRY(texts, read_texts(command.files));
    CTL_TRY(policy, parse_policy(context, texts, command.files.policy.string(),
                                 command.files.catalogue.string()));
    warn_about_dates(context, policy);
    std::size_t routes = 0;
    for (const auto& type : policy.types()) routes += type.routes.size();
    context.out << policy.title() << ", version " << policy.version() << ", area "
                << policy.area().value() << ": no mistakes found. "
                << plural(policy.types().size(), "type", "types") << ", "
                << plural(routes, "route", "routes") << ", "
                << plural(policy.views().size(), "view", "views") << ".\n";
    return {};
}

namespace {

// A policy before its first day carries only the floor: it must not take the place of the one in
// force.
Outcome<void> sign_for_later(const AreaFolder& folder, const crypto::SigningKey& registrar,
                             const PolicyTexts& texts, std::uint64_t version, bool same_catalogue) {
    const auto write = [&](DocumentKind kind, std::uint64_t number,
                           const std::string& text) -> Outcome<void> {
        wire::SignedDocument document{
            kind, folder.anchor().area, number, Bytes(text.begin(), text.end()), {}};
        document.signatures = {area::sign_document(document, registrar)};
        CTL_TRY_RESULT_VOID(area::write_document(folder.paths().pending(), document),
                            "write " + std::string(area::name_of(kind)) + ".signed");
        return {};
    };
    std::error_code error;
    std::filesystem::remove_all(folder.paths().pending(), error);
    std::filesystem::create_directories(folder.paths().pending(), error);
    if (error) {
        return problem("The folder " + folder.paths().pending().string() + " cannot be made.",
                       "Check who may write there.");
    }
    if (!same_catalogue) {
        CTL_TRY_VOID(write(DocumentKind::catalogue,
                           folder.trusted().version(DocumentKind::catalogue) + 1, texts.catalogue));
    }
    return write(DocumentKind::policy, version, texts.policy);
}

}  // namespace

namespace {

Outcome<void> check_signatures(const AreaFolder& folder, const wire::SignedDocument& document) {
    const auto missing = area::missing_signature(folder.trusted(), document);
    if (missing.empty()) return {};
    return problem(
        area::document_path(folder.paths().pending(), document.kind).string() +
            ": the signature of " + std::string(missing) + " is missing or wrong.",
        missing == "the registrar"
            ? "Sign the policy again with `mashctl policy sign`. The one in force stays."
            : "The second registrar signs with `mashctl policy countersign`. The one in force "
              "stays.");
}

}  // namespace

Outcome<void> countersign_policy(const Context& context, const PolicyCountersign& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto second = area::second_registrar(folder.trusted());
    if (!second) {
        return problem("This area needs one signature only.",
                       "The root names a second registrar with `mashctl area delegate "
                       "--second-registrar`.");
    }
    CTL_TRY_RESULT(label, area::load_key_file_label(command.key),
                   "read the key " + command.key.string());
    std::optional<crypto::SecretBytes> passphrase;
    if (label.is_sealed) {
        CTL_TRY(given, passphrase_for(context, command.passphrase_file, "your key"));
        passphrase = std::move(given);
    }
    CTL_TRY_RESULT(file, area::load_key_file(command.key, passphrase ? &*passphrase : nullptr),
                   "open your key");
    CTL_TRY_RESULT(key, file.signing("signing"), "use your key");
    if (key.verify_key() != second->key) {
        return problem("This is not the key of the second registrar that the root named.",
                       "Use that one, or have the root name this one.");
    }
    auto waiting = area::read_documents(folder.paths().pending());
    if (!waiting) {
        context.out << "No policy waits.\n";
        return {};
    }
    for (auto& document : *waiting) {
        std::erase_if(document.signatures,
                      [&](const wire::DocumentSignature& each) { return each.key == second->key; });
        if (area::missing_signature(folder.trusted(), document) == "the registrar")
            CTL_TRY_VOID(check_signatures(folder, document));
        document.signatures.push_back(area::sign_document(document, key));
        context.out << area::name_of(document.kind) << " version " << document.version
                    << ", digest " << to_hex(area::document_digest(document))
                    << ": signed by both.\n";
    }
    for (const auto& document : *waiting) {
        CTL_TRY_RESULT_VOID(area::write_document(folder.paths().pending(), document),
                            "write " + std::string(area::name_of(document.kind)) + ".signed");
    }
    context.out << "Run `mashctl policy activate` to put it in force.\n";
    return {};
}

Outcome<void> activate_policy(const Context& context, const PolicyActivate& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    const auto waiting = area::read_documents(folder.paths().pending());
    const auto find = [&](DocumentKind kind) -> const wire::SignedDocument* {
        if (!waiting) return nullptr;
        for (const auto& document : *waiting) {
            if (document.kind == kind) return &document;
        }
        return nullptr;
    };
    if (!waiting && waiting.error() != ErrorCode::not_found) {
        return problem("What waits in " + folder.paths().pending().string() + " cannot be read.",
                       "Sign the policy again with `mashctl policy sign`. The one in force stays.");
    }
    const auto* next = find(DocumentKind::policy);
    if (next == nullptr) {
        context.out << "No policy waits.\n";
        return {};
    }
    const auto* catalogue = find(DocumentKind::catalogue);
    // What was signed is what comes into force: it may have lain here for months.
    for (const auto* document : {catalogue, next}) {
        if (document != nullptr &&
            area::missing_signature(folder.trusted(), *document) == "the registrar")
            return check_signatures(folder, *document);
    }
    const auto* words =
        catalogue != nullptr ? catalogue : folder.trusted().document(DocumentKind::catalogue);
    if (words == nullptr) {
        return problem("The area has no catalogue.", "Sign the policy again, with its catalogue.");
    }
    CTL_TRY(
        policy,
        parse_policy(context, {std::string(text_of(next->body)), std::string(text_of(words->body))},
                     "pending policy", "pending catalogue"));
    if (policy.valid_from() > context.now) {
        context.out << "Policy version " << policy.version() << " waits until "
                    << area::time_in_words(policy.valid_from()) << ".\n";
        return {};
    }
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    for (const auto* document : {catalogue, next})
        if (document != nullptr) CTL_TRY_VOID(check_signatures(folder, *document));
    if (catalogue != nullptr) CTL_TRY_VOID(folder.publish_signed(context, *catalogue));
    CTL_TRY_VOID(folder.publish_signed(context, *next));
    CTL_TRY_VOID(folder.publish_freshness(context, registrar));
    std::error_code ignored;
    std::filesystem::remove_all(folder.paths().pending(), ignored);
    context.out << "Policy version " << policy.version() << " is in force, in "
                << folder.paths().documents().string()
                << ". Bring the documents to the broker and run `mashctl reload`.\n";
    return {};
}

namespace {

// Versions never go back: what waits and is not later than what has just come into force would fail
// on its day, when everybody relies on it.
void settle_what_waits(const Context& context, const AreaFolder& folder, std::uint64_t signed_now,
                       bool same_catalogue) {
    const auto waiting = area::read_documents(folder.paths().pending());
    if (!waiting) return;
    std::uint64_t version = 0;
    bool has_catalogue = false;
    for (const auto& document : *waiting) {
        if (document.kind == DocumentKind::policy) version = document.version;
        has_catalogue = has_catalogue || document.kind == DocumentKind::catalogue;
    }
    if (version > signed_now && (same_catalogue || !has_catalogue)) {
        context.warn("policy version " + std::to_string(version) +
                     " still waits, and was written before this one. If it does not hold what you "
                     "have just signed, put that into it and sign it again.");
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder.paths().pending(), ignored);
    context.warn("policy version " + std::to_string(version) +
                 " waits no longer: it cannot follow the one that you have just signed. Put both "
                 "changes into one text, with a higher version, and sign that.");
}

}  // namespace

Outcome<void> sign_policy(const Context& context, const PolicySign& command) {
    CTL_TRY(texts, read_texts(command.files));
    CTL_TRY(policy, parse_policy(context, texts, command.files.policy.string(),
                                 command.files.catalogue.string()));
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    if (policy.area() != folder.anchor().area) {
        return problem("The policy is for the area " + policy.area().value() +
                           ", this folder is the area " + folder.anchor().area.value() + ".",
                       "Sign it in its own area's folder, or put its line `area` right.");
    }
    const auto* held = folder.trusted().document(DocumentKind::policy);
    const auto* held_catalogue = folder.trusted().document(DocumentKind::catalogue);
    const bool same_policy = held != nullptr && text_of(held->body) == texts.policy;
    const bool same_catalogue =
        held_catalogue != nullptr && text_of(held_catalogue->body) == texts.catalogue;
    if (same_policy && same_catalogue) {
        context.out << "Policy version " << policy.version()
                    << " is signed already. Nothing was changed.\n";
        return {};
    }
    if (held != nullptr && policy.version() <= held->version) {
        return problem("Version " + std::to_string(held->version) +
                           " is signed already, and this text, which differs, says version " +
                           std::to_string(policy.version()) + ".",
                       "Set the line `version` of the policy to " +
                           std::to_string(held->version + 1) +
                           ". A change of the catalogue needs a new version of the policy too.");
    }
    warn_about_dates(context, policy);
    CTL_TRY(registrar, folder.registrar(context, command.passphrase_file));
    if (area::second_registrar(folder.trusted())) {
        CTL_TRY_VOID(sign_for_later(folder, registrar, texts, policy.version(), same_catalogue));
        context.out << "Policy version " << policy.version() << " bears the registrar's signature "
                    << "and waits in " << folder.paths().pending().string()
                    << " for the second registrar's: `mashctl policy countersign`. Whatever is in "
                       "force stays.\n";
        return {};
    }
    if (held != nullptr && policy.valid_from() > context.now) {
        CTL_TRY_VOID(sign_for_later(folder, registrar, texts, policy.version(), same_catalogue));
        context.out << "Policy version " << policy.version() << " is signed and waits in "
                    << folder.paths().pending().string() << " until "
                    << area::time_in_words(policy.valid_from()) << ". Until then version "
                    << held->version
                    << " stays in force. Run `mashctl policy activate` from then on.\n";
        return {};
    }
    const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
    if (!same_catalogue) {
        CTL_TRY_VOID(folder.publish(context, registrar, DocumentKind::catalogue,
                                    folder.trusted().version(DocumentKind::catalogue) + 1,
                                    bytes(texts.catalogue)));
    }
    CTL_TRY_VOID(folder.publish(context, registrar, DocumentKind::policy, policy.version(),
                                bytes(texts.policy)));
    CTL_TRY_VOID(folder.publish_freshness(context, registrar));
    settle_what_waits(context, folder, policy.version(), same_catalogue);
    warn_about_roles(context, policy, folder.registry());
    context.out << "Policy version " << policy.version() << " and catalogue version "
                << folder.trusted().version(DocumentKind::catalogue) << " are signed, in "
                << folder.paths().documents().string()
                << ". Bring them to the broker and run `mashctl reload`.\n";
    return {};
}

Outcome<void> explain_policy(const Context& context, const PolicyExplain& command) {
    CTL_TRY(folder, AreaFolder::open(command.dir, context));
    PolicyTexts texts;
    std::string policy_name = "policy.signed";
    std::string catalogue_name = "catalogue.signed";
    if (command.files) {
        CTL_TRY(read, read_texts(*command.files));
        texts = std::move(read);
        policy_name = command.files->policy.string();
        catalogue_name = command.files->catalogue.string();
    } else {
        const auto* policy = folder.trusted().document(DocumentKind::policy);
        const auto* catalogue = folder.trusted().document(DocumentKind::catalogue);
        if (policy == nullptr || catalogue == nullptr) {
            return problem("No policy is signed in this area yet.",
                           "Sign one with `mashctl policy sign`, or name its files with --policy "
                           "and --catalogue.");
        }
        texts = {std::string(text_of(policy->body)), std::string(text_of(catalogue->body))};
    }
    CTL_TRY(as_written, parse_policy(context, texts, policy_name, catalogue_name));
    // A draft is asked what it would decide; before its first day it would carry only the floor.
    const area::Policy policy = command.files ? area::as_if_begun(as_written) : as_written;
    if (command.files) warn_about_dates(context, as_written);
    std::string facts_text;
    if (command.facts == "-") {
        facts_text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        CTL_TRY(read, read_text(command.facts, facts_bytes_max));
        facts_text = std::move(read);
    }
    CTL_TRY(input, parse_facts(facts_text, folder.registry(), policy, context.now));
    const auto decision = area::decide(input, folder.registry(), policy);
    context.out << "As policy version " << policy.version() << " decides on "
                << area::time_in_words(input.decided_at) << ":\n\n"
                << area::explain_for_practitioner(decision, folder.registry(), policy);
    if (command.full) {
        context.out << "\n"
                    << area::explain_for_auditor(input, decision, folder.registry(), policy);
    }
    return {};
}

}  // namespace mash::ctl
