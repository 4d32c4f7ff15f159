// A certificate that a machine makes for itself, where nobody gave it one. It keeps out whoever
// only listens; a browser warns until somebody has compared the fingerprint and trusted it.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace mash::http {

struct SelfMadeCertificate {
    std::string certificate;  ///< PEM
    std::string key;          ///< PEM, ECDSA over P-256
};

/// `names`: those and IP addresses that browsers reach this machine by. Valid from the day before
/// `now` for 825 days, the longest that every browser takes. Errors: io_failed (OpenSSL refuses).
Result<SelfMadeCertificate> make_certificate(const std::vector<std::string>& names, WallTime now);

/// Of a PEM certificate: SHA-256, as browsers show it ("AB:CD:..."), when it ends, and the names
/// (not addresses) that it is for. Errors: malformed.
struct CertificateFacts {
    std::string fingerprint;
    WallTime not_after;
    std::vector<std::string> names;
};
Result<CertificateFacts> facts_of_certificate(const std::string& pem);

}  // namespace mash::http
