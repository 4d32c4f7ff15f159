#include "agents/health/fhir_events.hpp"
#include "agents/health/formats.hpp"
#include "agents/runtime/core/record_selector.hpp"
#include "agents/runtime/core/xml.hpp"

namespace mash::health {

namespace {

constexpr std::string_view too_large_words =
    "A bundle is read whole, up to 8 MiB: send it in parts";

class FhirJsonReading final : public runtime::SourceReading {
public:
    FhirJsonReading(const runtime::ReadContext& context, runtime::SourceMemory& memory,
                    runtime::ReadFile& out)
        : context_(context), memory_(memory), out_(out) {
        out.format = "fhir-json";
    }
    bool feed(std::string_view piece) override {
        if (too_large_) return false;
        too_large_ = text_.size() + piece.size() > fhir_bytes_max;
        if (too_large_)
            out_.refuse("", "too_large", std::string(too_large_words));
        else
            text_ += piece;
        return !too_large_;
    }
    void finish() override {
        if (too_large_) return;
        const auto root = fhir_from_json(text_);
        if (!root)
            return out_.refuse("", "malformed",
                               "The file is no FHIR resource in JSON, or is cut off");
        take_fhir(*root, context_, memory_, out_);
    }

private:
    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& out_;
    std::string text_;
    bool too_large_ = false;
};

class FhirXmlReading final : public runtime::SourceReading {
public:
    FhirXmlReading(const runtime::ReadContext& context, runtime::SourceMemory& memory,
                   runtime::ReadFile& out)
        : context_(context),
          memory_(memory),
          out_(out),
          reader_({"*"}, [this](runtime::XmlFound&& found) { take(std::move(found)); },
                  {.record_bytes = fhir_bytes_max}) {
        out.format = "fhir-xml";
    }
    bool feed(std::string_view piece) override {
        if (!refused_ && !reader_.feed(piece)) refuse();
        return !refused_;
    }
    void finish() override {
        if (refused_) return;
        // What was whole before the end was broken is used only when all of it is sound.
        if (!reader_.finish()) return refuse();
        if (root_)
            take_fhir(*root_, context_, memory_, out_);
        else
            out_.refuse(
                "", too_large_ ? "too_large" : "malformed",
                too_large_ ? std::string(too_large_words) : "The file is no FHIR resource in XML");
    }

private:
    void take(runtime::XmlFound&& found) {
        too_large_ = too_large_ || found.too_large;
        if (!found.too_large) root_ = fhir_from_xml(found.element);
    }
    void refuse() {
        refused_ = true;
        const auto& fault = reader_.fault();
        out_.refuse("", fault.rule, fault.message, fault.line);
    }
    const runtime::ReadContext& context_;
    runtime::SourceMemory& memory_;
    runtime::ReadFile& out_;
    std::optional<FhirNode> root_;
    bool refused_ = false;
    bool too_large_ = false;
    runtime::XmlReader reader_;
};

class FhirJson final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "fhir-json"; }
    std::string_view title() const override { return "FHIR R4 resources in JSON"; }
    // What an entry says lies in other entries too.
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers&, runtime::RecordSelector::Write write) const override {
        return runtime::select_all(std::move(write));
    }
    bool recognises(std::string_view head) const override {
        const auto begin = head.find_first_not_of(" \t\r\n");
        return begin != std::string_view::npos && head[begin] == '{' &&
               head.find("\"resourceType\"") != std::string_view::npos;
    }
    std::unique_ptr<runtime::SourceReading> begin(const runtime::ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  runtime::ReadFile& out) const override {
        return std::make_unique<FhirJsonReading>(context, memory, out);
    }
};

class FhirXml final : public runtime::SourceFormat {
public:
    std::string_view name() const override { return "fhir-xml"; }
    std::string_view title() const override { return "FHIR R4 resources in XML"; }
    // What an entry says lies in other entries too.
    std::unique_ptr<runtime::RecordSelector> select(
        const runtime::RecordNumbers&, runtime::RecordSelector::Write write) const override {
        return runtime::select_all(std::move(write));
    }
    bool recognises(std::string_view head) const override {
        const auto root = runtime::xml_root(head);
        return root && root->second == fhir_namespace;
    }
    std::unique_ptr<runtime::SourceReading> begin(const runtime::ReadContext& context,
                                                  runtime::SourceMemory& memory,
                                                  runtime::ReadFile& out) const override {
        return std::make_unique<FhirXmlReading>(context, memory, out);
    }
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_fhir_json() { return std::make_unique<FhirJson>(); }
std::unique_ptr<runtime::SourceFormat> make_fhir_xml() { return std::make_unique<FhirXml>(); }

}  // namespace mash::health
