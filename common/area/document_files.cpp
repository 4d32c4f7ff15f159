#include "common/area/document_files.hpp"

#include <array>

#include "common/area/files.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"

namespace mash::area {
namespace {

using wire::DocumentKind;

// A document's own bound, and room for envelope and signatures.
constexpr std::size_t file_bytes_max = limits::signed_document_bytes_max + 4 * limits::kibibyte;

constexpr std::array in_trust_order = {DocumentKind::delegation, DocumentKind::registry,
                                       DocumentKind::policy, DocumentKind::catalogue,
                                       DocumentKind::freshness};

}  // namespace

std::string_view name_of(DocumentKind kind) {
    switch (kind) {
        case DocumentKind::delegation: return "delegation";
        case DocumentKind::registry: return "registry";
        case DocumentKind::policy: return "policy";
        case DocumentKind::catalogue: return "catalogue";
        case DocumentKind::freshness: return "freshness";
    }
    CHECK(false);
}

std::filesystem::path document_path(const std::filesystem::path& folder, DocumentKind kind) {
    return folder / (std::string(name_of(kind)) + ".signed");
}

Result<wire::SignedDocument> read_document(const std::filesystem::path& path) {
    MASH_TRY(bytes, read_file(path, file_bytes_max));
    return wire::decode_body<wire::SignedDocument>(bytes);
}

Result<void> write_document(const std::filesystem::path& folder,
                            const wire::SignedDocument& document) {
    return write_file(document_path(folder, document.kind), wire::encode_body(document),
                      FileAccess::everyone);
}

Result<std::vector<wire::SignedDocument>> read_documents(const std::filesystem::path& folder) {
    std::vector<wire::SignedDocument> documents;
    for (const auto kind : in_trust_order) {
        auto document = read_document(document_path(folder, kind));
        if (!document) {
            if (document.error() == ErrorCode::not_found) continue;
            return fail(document.error());
        }
        if (document->kind != kind) return fail(ErrorCode::bad_value);
        documents.push_back(std::move(*document));
    }
    if (documents.empty()) return fail(ErrorCode::not_found);
    return documents;
}

}  // namespace mash::area
