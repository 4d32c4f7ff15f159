#include "common/area/keyfile.hpp"

#include <gtest/gtest.h>

#include "common/area/files.hpp"
#include "common/crypto/random.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::area {
namespace {

using crypto::SecretBytes;
using testing::TemporaryFolder;

constexpr crypto::Argon2Params cheap{1, 8};

SecretBytes words(std::string_view text) { return SecretBytes::copy_of(view_of(text)); }
Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

class KeyFiles : public ::testing::Test {
protected:
    KeyFile agency_file() {
        KeyFile file;
        file.label.kind = "agency";
        file.label.area = AreaId("northshire");
        file.label.owner = "orchard-gate";
        file.add_signing("signing", signing_);
        file.add_box("box", box_);
        file.add_curve("transport", curve_);
        file.add_secret("pepper", words("0123456789abcdef"));
        return file;
    }
    std::string text(const SecretBytes* passphrase) {
        return std::string(
            text_of(key_file_text(agency_file(), passphrase, cheap, random_).value()));
    }

    crypto::SeededRandom random_{3, "keys"};
    crypto::SigningKey signing_ = crypto::SigningKey::generate(random_);
    crypto::BoxKeyPair box_ = crypto::BoxKeyPair::generate(random_);
    crypto::CurveKeyPair curve_ = crypto::CurveKeyPair::generate(random_);
    SecretBytes passphrase_ = words("correct horse battery staple");
};

TEST_F(KeyFiles, GiveBackTheSameKeysWithAndWithoutAPassphrase) {
    for (const SecretBytes* passphrase : {static_cast<const SecretBytes*>(nullptr),
                                          static_cast<const SecretBytes*>(&passphrase_)}) {
        const auto written = text(passphrase);
        const auto file = read_key_file(view_of(written), passphrase);
        ASSERT_TRUE(file);
        EXPECT_EQ(file->label.owner, "orchard-gate");
        EXPECT_EQ(file->label.is_sealed, passphrase != nullptr);
        EXPECT_EQ(file->signing("signing")->verify_key(), signing_.verify_key());
        EXPECT_EQ(file->box("box")->public_key, box_.public_key);
        EXPECT_EQ(file->curve("transport")->public_key, curve_.public_key);
        EXPECT_EQ(file->secret("pepper").value(), words("0123456789abcdef"));
        EXPECT_EQ(file->secret("absent").error(), ErrorCode::not_found);
    }
}

TEST_F(KeyFiles, ShowTheirPublicHalvesWithoutThePassphrase) {
    const auto label = read_key_file_label(view_of(text(&passphrase_)));
    ASSERT_TRUE(label);
    EXPECT_TRUE(label->is_sealed);
    const auto shown = signing_.verify_key();
    EXPECT_EQ(label->publics.at("signing"), Bytes(shown.view().begin(), shown.view().end()));
    EXPECT_FALSE(label->publics.contains("pepper"));
}

TEST_F(KeyFiles, HoldTheBrokersKeysOfSubjectTokensByTheirEpoch) {
    KeyFile file = agency_file();
    std::vector<crypto::OprfPublicKey> made;
    for (const auto epoch : {std::uint16_t{1}, std::uint16_t{2}}) {
        const auto key = crypto::OprfKey::generate(random_);
        made.push_back(key.public_key());
        file.add_oprf(token_key_name(epoch), key);
    }
    auto read = read_key_file(key_file_text(file, nullptr, cheap, random_).value(), nullptr);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->oprf("tokens-2")->public_key(), made[1]);
    const auto all = token_keys_of(*read);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 2U) << "and none of the others";
    EXPECT_EQ(all->at("tokens-1").public_key(), made[0]);
    std::swap(read->secrets.at("tokens-1"), read->secrets.at("tokens-2"));
    EXPECT_EQ(token_keys_of(*read).error(), ErrorCode::bad_value) << "another key's public half";
    read->secrets.at("tokens-1") = SecretBytes(32);
    EXPECT_EQ(token_keys_of(*read).error(), ErrorCode::bad_value) << "zero is no key";
}

TEST_F(KeyFiles, SayPlainlyWhenTheyAreNotProtected) {
    EXPECT_NE(text(nullptr).find("NOT PROTECTED"), std::string::npos);
    EXPECT_EQ(text(&passphrase_).find("NOT PROTECTED"), std::string::npos);
}

TEST_F(KeyFiles, OpenOnlyWithTheirPassphrase) {
    const auto written = text(&passphrase_);
    const auto wrong = words("correct horse battery stable");
    EXPECT_EQ(read_key_file(view_of(written), &wrong).error(), ErrorCode::wrong_credential);
    EXPECT_EQ(read_key_file(view_of(written), nullptr).error(), ErrorCode::missing_field);
}

TEST_F(KeyFiles, CannotBePassedOffAsAnotherAgencysOrAnotherKind) {
    for (const auto& [from, to] : {std::pair{"owner orchard-gate", "owner orchard-gale"},
                                   std::pair{"kind agency", "kind broker"},
                                   std::pair{"area northshire", "area southshire"}}) {
        auto changed = text(&passphrase_);
        changed.replace(changed.find(from), std::string_view(from).size(), to);
        EXPECT_EQ(read_key_file(view_of(changed), &passphrase_).error(),
                  ErrorCode::wrong_credential)
            << to;
    }
}

TEST_F(KeyFiles, RefuseAPublicHalfThatIsNotTheirs) {
    KeyFile file = agency_file();
    const auto other = crypto::SigningKey::generate(random_).verify_key();
    file.label.publics["signing"] = Bytes(other.view().begin(), other.view().end());
    EXPECT_EQ(file.signing("signing").error(), ErrorCode::bad_value);
    file.label.publics.erase("box");
    EXPECT_EQ(file.box("box").error(), ErrorCode::bad_value);
}

TEST_F(KeyFiles, AreRefusedWhenCutAnywhere) {
    const auto written = text(nullptr);
    for (std::size_t size = 0; size < written.size(); ++size) {
        EXPECT_FALSE(read_key_file(view_of(written).first(size), nullptr)) << size;
    }
}

TEST_F(KeyFiles, AreRefusedInAnyOtherForm) {
    const auto good = text(nullptr);
    ASSERT_TRUE(read_key_file(view_of(good), nullptr));
    const auto with = [&](std::string_view from, std::string_view to) {
        auto changed = good;
        changed.replace(changed.find(from), from.size(), to);
        return read_key_file(view_of(changed), nullptr);
    };
    EXPECT_EQ(with("mash-key 1", "mash-key 2").error(), ErrorCode::unsupported_version);
    EXPECT_EQ(with("mash-key 1", "age-key 1").error(), ErrorCode::malformed);
    EXPECT_EQ(with("kind agency", "kind Agency").error(), ErrorCode::malformed);
    EXPECT_EQ(with("protection none", "protection some").error(), ErrorCode::malformed);
    EXPECT_EQ(with("public signing", "public box").error(), ErrorCode::malformed);  // twice
    EXPECT_EQ(read_key_file(view_of(good + "more\n"), nullptr).error(), ErrorCode::malformed);
    EXPECT_TRUE(read_key_file(view_of(good + "# a note\n"), nullptr));
}

TEST_F(KeyFiles, AreSavedForTheirOwnerOnly) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "agency.key";
    ASSERT_TRUE(save_key_file(path, agency_file(), &passphrase_, cheap, random_));
    EXPECT_TRUE(is_owner_only(path));
    EXPECT_TRUE(load_key_file(path, &passphrase_));
    EXPECT_EQ(load_key_file_label(path)->kind, "agency");
    EXPECT_EQ(load_key_file(folder.path() / "absent.key", nullptr).error(), ErrorCode::not_found);
}

TEST(PassphraseFile, IsItsFirstLine) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "passphrase";
    for (const char* content :
         {"tea at four", "tea at four\n", "tea at four\r\n", "tea at four\nsecond line\n"}) {
        ASSERT_TRUE(write_file(path, bytes_of(content), FileAccess::owner_only));
        EXPECT_EQ(read_passphrase_file(path).value(), words("tea at four"));
    }
    for (const char* content : {"", "\n", "\nsecond"}) {
        ASSERT_TRUE(write_file(path, bytes_of(content), FileAccess::owner_only));
        EXPECT_EQ(read_passphrase_file(path).error(), ErrorCode::missing_field);
    }
    EXPECT_EQ(read_passphrase_file(folder.path() / "absent").error(), ErrorCode::not_found);
}

}  // namespace
}  // namespace mash::area
