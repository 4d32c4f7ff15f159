// Signed documents as files that any machine may hold: <kind>.signed in one folder, each whole or
// not there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/area/registry.hpp"

namespace mash::area {

/// "registry", "policy" ...
std::string_view name_of(wire::DocumentKind kind);

/// `folder`/registry.signed.
std::filesystem::path document_path(const std::filesystem::path& folder, wire::DocumentKind kind);

/// The codec's bytes of a SignedDocument. Nothing is verified here: that is TrustedArea's.
/// Errors: those of read_file and of the codec.
Result<wire::SignedDocument> read_document(const std::filesystem::path& path);
Result<void> write_document(const std::filesystem::path& folder,
                            const wire::SignedDocument& document);

/// Those of the folder, in the order in which a TrustedArea can accept them: delegation first,
/// freshness last. A kind without a file is left out. Errors: not_found (none at all), bad_value (a
/// file named for another kind), and as above.
Result<std::vector<wire::SignedDocument>> read_documents(const std::filesystem::path& folder);

}  // namespace mash::area
