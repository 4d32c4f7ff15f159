#include "agents/health/fhir_outcome.hpp"

#include <nlohmann/json.hpp>

namespace mash::health {

namespace {

struct Issue {
    std::string severity, code, words;
};

/// Codes of FHIR's own list (IssueType).
std::string_view code_of(const runtime::RecordFault& fault) {
    if (fault.rule == "required" || fault.rule == "missing_field") return "required";
    if (fault.rule == "malformed") return "structure";
    if (fault.rule == "too_large") return "too-long";
    if (fault.rule == "not_linkable" || fault.rule == "unknown_reference") return "not-found";
    return "invalid";
}

Issue issue_of(const runtime::RecordFault& fault) {
    const bool lost = fault.record_lost || fault.record == 0;
    std::string words = fault.record == 0 ? "" : "Entry " + std::to_string(fault.record);
    if (!fault.field.empty()) words += (words.empty() ? "" : ", ") + fault.field;
    if (!words.empty()) words += ": ";
    words += fault.rule + ". " + fault.message + ".";
    return {lost ? "error" : "warning", std::string(code_of(fault)), std::move(words)};
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

std::string operation_outcome(FhirForm form, bool is_error, std::string_view words,
                              const std::vector<runtime::RecordFault>& faults) {
    std::vector<Issue> issues{{is_error ? "error" : "information",
                               is_error ? "processing" : "informational", std::string(words)}};
    for (const auto& fault : faults) issues.push_back(issue_of(fault));
    if (form == FhirForm::json) {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& issue : issues)
            list.push_back(
                {{"severity", issue.severity}, {"code", issue.code}, {"diagnostics", issue.words}});
        return nlohmann::json{{"resourceType", "OperationOutcome"}, {"issue", list}}.dump();
    }
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OperationOutcome "
        "xmlns=\"http://hl7.org/fhir\">";
    for (const auto& issue : issues)
        out += "<issue><severity value=\"" + issue.severity + "\"/><code value=\"" + issue.code +
               "\"/><diagnostics value=\"" + escaped(issue.words) + "\"/></issue>";
    return out + "</OperationOutcome>";
}

}  // namespace mash::health
