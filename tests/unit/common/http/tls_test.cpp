#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "common/http/self_made_certificate.hpp"
#include "common/http/server.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/common/http/raw_peer.hpp"

namespace mash::http {
namespace {

const WallTime day = WallTime::from_unix_ms(1'795'000'000'000);

struct Tls : testing::Test {
    test::TemporaryFolder folder;
    std::unique_ptr<Server> server;

    TlsFiles pair() {
        // Of now, because OpenSSL looks at the machine's clock when it checks.
        const auto now = WallTime::from_unix_ms(std::int64_t{1000} * time(nullptr));
        const auto made = make_certificate({"localhost", "127.0.0.1"}, now).value();
        const TlsFiles files{folder.path() / "a.crt", folder.path() / "a.key"};
        std::ofstream(files.certificate) << made.certificate;
        std::ofstream(files.key) << made.key;
        return files;
    }
    void serve(ServerConfig config = {}) {
        config.tls = pair();
        server = Server::start(std::move(config), [](const Request& request,
                                                     const Server::Respond& respond) {
                     Response out;
                     out.body = request.is_secure ? "secure " : "clear ";
                     out.body += request.peer;
                     respond(out);
                 }).value();
    }
    /// The answer's text; "" when no TLS connection comes about. Trusts the certificate of this
    /// test and nothing else.
    std::string ask(const std::string& name, int newest = TLS1_3_VERSION) {
        const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
            SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
        SSL_CTX_set_security_level(context.get(), 0);
        SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context.get(), newest);
        SSL_CTX_load_verify_file(context.get(), (folder.path() / "a.crt").c_str());
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> line(BIO_new_ssl_connect(context.get()),
                                                                 BIO_free_all);
        SSL* ssl = nullptr;
        BIO_get_ssl(line.get(), &ssl);
        SSL_set1_host(ssl, name.c_str());
        BIO_set_conn_hostname(line.get(), ("127.0.0.1:" + std::to_string(server->port())).c_str());
        if (BIO_do_connect(line.get()) != 1) return "";
        constexpr std::string_view request =
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        BIO_write(line.get(), request.data(), static_cast<int>(request.size()));
        std::string out;
        char piece[1024];
        for (int got = BIO_read(line.get(), piece, sizeof piece); got > 0;
             got = BIO_read(line.get(), piece, sizeof piece))
            out.append(piece, static_cast<std::size_t>(got));
        return out;
    }
};

TEST_F(Tls, ARequestIsAnsweredAndKnownToBeSecure) {
    serve();
    EXPECT_NE(ask("localhost").find("secure 127.0.0.1"), std::string::npos);
    EXPECT_NE(ask("localhost", TLS1_2_VERSION).find("secure"), std::string::npos);
}

TEST_F(Tls, AnotherNameThanTheCertificatesIsNotTrusted) {
    serve();
    EXPECT_EQ(ask("elsewhere.example"), "");
}

TEST_F(Tls, VersionsBeforeTwelveAreRefused) {
    serve();
    EXPECT_EQ(ask("localhost", TLS1_1_VERSION), "");
}

TEST_F(Tls, WhoSpeaksInClearIsGivenNothingAndKeepsNobodyOut) {
    serve();
    RawPeer clear(server->port());
    clear.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(clear.to_the_end().find("HTTP/"), std::string::npos);
    EXPECT_NE(ask("localhost").find("secure"), std::string::npos);
}

TEST_F(Tls, WhoSaysNothingLosesTheConnection) {
    ServerConfig config;
    config.deadline = std::chrono::milliseconds(50);
    serve(config);
    RawPeer silent(server->port());
    EXPECT_TRUE(silent.is_closed());
}

TEST_F(Tls, FilesThatAreNoCertificateStopTheStart) {
    auto files = pair();
    ServerConfig config;
    config.tls = TlsFiles{folder.path() / "none", files.key};
    EXPECT_EQ(Server::start(config, {}).error(), ErrorCode::bad_value);
    const auto other = make_certificate({"localhost"}, day).value();
    std::ofstream(files.key) << other.key;
    config.tls = files;
    EXPECT_EQ(Server::start(config, {}).error(), ErrorCode::bad_value);
}

TEST(SelfMadeCertificate, SaysItsFingerprintAndEndsBefore826Days) {
    const auto made = make_certificate({"mash.example", "127.0.0.1"}, day).value();
    const auto facts = facts_of_certificate(made.certificate).value();
    EXPECT_EQ(facts.names, std::vector<std::string>{"mash.example"}) << "an address is no name";
    EXPECT_EQ(facts.fingerprint.size(), 32U * 3 - 1);
    EXPECT_GT(facts.not_after, day + std::chrono::hours(24 * 823));
    EXPECT_LT(facts.not_after, day + std::chrono::hours(24 * 825));
    EXPECT_NE(facts.fingerprint,
              facts_of_certificate(make_certificate({"mash.example"}, day).value().certificate)
                  .value()
                  .fingerprint);
}

TEST(SelfMadeCertificate, ANameThatWouldReadAsTwoIsLeftOut) {
    EXPECT_EQ(make_certificate({"a.example,DNS:bank.example"}, day).error(),
              ErrorCode::missing_field);
    EXPECT_EQ(make_certificate({}, day).error(), ErrorCode::missing_field);
    EXPECT_EQ(facts_of_certificate("-----BEGIN").error(), ErrorCode::malformed);
}

}  // namespace
}  // namespace mash::http
