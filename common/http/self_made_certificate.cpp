#include "common/http/self_made_certificate.hpp"

#include <array>
#include <cctype>
#include <ctime>
#include <memory>

#include <boost/asio/ip/address.hpp>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace mash::http {

namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* held) const {
        release(held);
    }
};
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

constexpr long day_seconds = 24L * 60 * 60;
constexpr long valid_days = 825;

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool add(X509* certificate, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Nothing that could be read as another entry of the list.
bool is_plain(const std::string& name) {
    return !name.empty() && name.size() <= 253 &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") ==
               std::string::npos;
}

std::vector<std::string> names_of(const X509* certificate) {
    using Names = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;
    const Names all(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> out;
    for (int at = 0; all && at < sk_GENERAL_NAME_num(all.get()); ++at) {
        const auto* one = sk_GENERAL_NAME_value(all.get(), at);
        if (one->type != GEN_DNS) continue;
        const auto* text = ASN1_STRING_get0_data(one->d.dNSName);
        out.emplace_back(reinterpret_cast<const char*>(text),
                         static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName)));
    }
    return out;
}

}  // namespace

Result<SelfMadeCertificate> make_certificate(const std::vector<std::string>& names, WallTime now) {
    std::string alternatives;
    for (const auto& name : names) {
        if (!is_plain(name)) continue;
        boost::system::error_code error;
        boost::asio::ip::make_address(name, error);
        alternatives +=
            (alternatives.empty() ? "" : ",") + std::string(error ? "DNS:" : "IP:") + name;
    }
    if (alternatives.empty()) return fail(ErrorCode::missing_field);
    const Key key(EVP_EC_gen("P-256"));
    const Certificate made(X509_new());
    if (!key || !made) return fail(ErrorCode::io_failed);
    std::array<unsigned char, 16> serial{};
    if (RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1)
        return fail(ErrorCode::io_failed);
    serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);
    const std::unique_ptr<BIGNUM, Release<BN_free>> number(
        BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    const auto seconds = static_cast<std::time_t>(now.unix_ms() / 1000);
    auto* subject = X509_get_subject_name(made.get());
    const std::string title = "MASH console";
    const bool is_made =
        number && X509_set_version(made.get(), 2) == 1 &&
        BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get())) != nullptr &&
        ASN1_TIME_set(X509_getm_notBefore(made.get()), seconds - day_seconds) != nullptr &&
        ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds + (valid_days - 1) * day_seconds) !=
            nullptr &&
        X509_set_pubkey(made.get(), key.get()) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(title.c_str()), -1, -1,
                                   0) == 1 &&
        X509_set_issuer_name(made.get(), subject) == 1 &&
        add(made.get(), NID_basic_constraints, "critical,CA:FALSE") &&
        add(made.get(), NID_key_usage, "critical,digitalSignature") &&
        add(made.get(), NID_ext_key_usage, "serverAuth") &&
        add(made.get(), NID_subject_alt_name, alternatives) &&
        X509_sign(made.get(), key.get(), EVP_sha256()) > 0;
    const Memory certificate_text(BIO_new(BIO_s_mem()));
    const Memory key_text(BIO_new(BIO_s_mem()));
    if (!is_made || !certificate_text || !key_text ||
        PEM_write_bio_X509(certificate_text.get(), made.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr) != 1)
        return fail(ErrorCode::io_failed);
    return SelfMadeCertificate{text_of(certificate_text.get()), text_of(key_text.get())};
}

Result<CertificateFacts> facts_of_certificate(const std::string& pem) {
    const Memory text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Certificate read(text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)
                                : nullptr);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    std::tm end{};
    if (!read || X509_digest(read.get(), EVP_sha256(), digest.data(), &size) != 1 ||
        ASN1_TIME_to_tm(X509_get0_notAfter(read.get()), &end) != 1)
        return fail(ErrorCode::malformed);
    CertificateFacts out;
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (unsigned int i = 0; i < size; ++i) {
        if (i > 0) out.fingerprint.push_back(':');
        out.fingerprint.push_back(digits[digest[i] >> 4]);
        out.fingerprint.push_back(digits[digest[i] & 15]);
    }
    out.not_after = WallTime::from_unix_ms(std::int64_t{1000} * timegm(&end));
    out.names = names_of(read.get());
    return out;
}

}  // namespace mash::http
