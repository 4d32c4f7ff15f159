// What a broken link, a hostile peer or a bug may do to bytes: refused or read as something well
// formed, never a crash, never a second spelling of a signed body.
#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "tests/unit/common/wire/sample.hpp"

namespace mash::wire {
namespace {

using test::Sample;

/// One bit of the byte at `at` turned over; which one changes from byte to byte.
Bytes flipped(Bytes bytes, std::size_t at) {
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << (at * 5 % 8)));
    return bytes;
}

template <class Decode>
void expect_stable(const Bytes& bytes, Decode decode) {
    const auto frame = decode(bytes);
    if (!frame) return;
    const Bytes once = encode(*frame);
    const auto again = decode(once);
    ASSERT_TRUE(again) << name_of(again.error());
    EXPECT_EQ(encode(*again), once);
}

TEST(Damage, ACutFrameIsRefused) {
    for (const auto& [name, frame] : Sample(7).agent_frames()) {
        const Bytes bytes = encode(frame);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_agent_frame(ByteView(bytes).first(size))) << name << " at " << size;
        }
    }
    for (const auto& [name, frame] : Sample(7).broker_frames()) {
        const Bytes bytes = encode(frame);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_broker_frame(ByteView(bytes).first(size)))
                << name << " at " << size;
        }
    }
}

TEST(Damage, AFrameWithAnyByteChangedIsRefusedOrWellFormed) {
    for (const auto& [name, frame] : Sample(8).agent_frames()) {
        const Bytes bytes = encode(frame);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            expect_stable(flipped(bytes, at), decode_agent_frame);
        }
    }
    for (const auto& [name, frame] : Sample(8).broker_frames()) {
        const Bytes bytes = encode(frame);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            expect_stable(flipped(bytes, at), decode_broker_frame);
        }
    }
}

TEST(Damage, ABodyThatIsReadIsReadFromItsOnlyEncoding) {
    Sample sample(9);
    std::size_t read = 0;
    test::for_each_body([&]<class Body>(const char* name) {
        const Bytes bytes = encode_body(sample.make<Body>());
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const Bytes damaged = flipped(bytes, at);
            const auto body = decode_body<Body>(damaged);
            if (!body) continue;
            ++read;
            EXPECT_EQ(encode_body(*body), damaged) << name << " at " << at;
        }
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto body = decode_body<Body>(ByteView(bytes).first(size));
            if (!body) continue;
            EXPECT_EQ(encode_body(*body).size(), size) << name;
        }
    });
    EXPECT_GT(read, 0U) << "a change inside a digest or a time stays well formed";
}

TEST(Damage, NoiseIsRefusedOrWellFormed) {
    Sample sample(10);
    for (int i = 0; i < 20'000; ++i) {
        const Bytes noise = sample.bytes(sample.below(300));
        expect_stable(noise, decode_agent_frame);
        expect_stable(noise, decode_broker_frame);
    }
}

TEST(Damage, AnEmptyFrameIsRefused) {
    const auto frame = decode_agent_frame({});
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error(), ErrorCode::malformed);
}

TEST(Damage, AFrameWithTwoBodiesIsRefused) {
    Bytes bytes = encode(AgentFrame{1, Credit{1, 1}});
    const Bytes second = encode(AgentFrame{0, Sample(11).make<Hello>()});
    bytes.insert(bytes.end(), second.begin(), second.end());
    const auto frame = decode_agent_frame(bytes);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error(), ErrorCode::malformed);
}

TEST(Damage, AFrameOverItsBoundIsRefusedBeforeItIsRead) {
    const Bytes bytes(limits::frame_bytes_max + 1, 0);
    const auto frame = decode_agent_frame(bytes);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error(), ErrorCode::too_large);
}

/// A frame that holds `inner`, wrapped in length-delimited fields from the innermost number out.
Bytes wrapped(Bytes inner, std::initializer_list<unsigned> numbers) {
    for (const unsigned number : numbers) {
        Bytes out;
        const auto varint = [&](std::uint64_t value) {
            for (; value >= 0x80; value >>= 7)
                out.push_back(static_cast<std::uint8_t>(value | 0x80U));
            out.push_back(static_cast<std::uint8_t>(value));
        };
        varint(number << 3 | 2U);
        varint(inner.size());
        out.insert(out.end(), inner.begin(), inner.end());
        inner = std::move(out);
    }
    return inner;
}

Bytes empties(unsigned number) {
    Bytes out;
    while (out.size() < limits::frame_bytes_max - 64) {
        out.push_back(static_cast<std::uint8_t>(number << 3 | 2U));
        out.push_back(0);
    }
    return out;
}

// Each pair of bytes would become an object of a hundred in memory.
TEST(Damage, HalfAMillionEmptyListElementsAreCountedAndRefused) {
    const struct {
        const char* where;
        Bytes frame;
    } floods[] = {
        {"publish: parcels", wrapped(empties(3), {1, 14})},
        {"publish: views", wrapped(empties(2), {1, 14})},
        {"publish: views of one parcel", wrapped(empties(3), {3, 1, 14})},
        {"claim_involvement: claims", wrapped(empties(1), {18})},
        {"end_involvement: claims", wrapped(empties(2), {19})},
        {"replace_roll: claims", wrapped(empties(7), {20})},
        {"receipts: deliveries", wrapped(empties(3), {16})},
        {"receipts: inboxes", wrapped(empties(4), {16})},
        {"request_plan: authorisations", wrapped(empties(3), {13})},
        {"declare_conflict: records", wrapped(empties(3), {23})},
    };
    for (const auto& [where, bytes] : floods) {
        const auto frame = decode_agent_frame(bytes);
        ASSERT_FALSE(frame) << where;
        EXPECT_EQ(frame.error(), ErrorCode::too_many) << where;
    }
}

TEST(Damage, TheRequestOfABrokenFrameIsStillKnown) {
    AgentFrame frame{77, Sample(12).make<Recall>()};
    std::get<Recall>(frame.body).body.clear();
    const Bytes bytes = encode(frame);
    ASSERT_FALSE(decode_agent_frame(bytes));
    EXPECT_EQ(request_of(bytes), 77U);
    EXPECT_EQ(request_of(Bytes{0xFF, 0xFF}), 0U);
    EXPECT_EQ(request_of({}), 0U);
}

}  // namespace
}  // namespace mash::wire
