#include "common/base/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/bytes.hpp"

namespace mash {
namespace {

using namespace std::chrono_literals;

enum class Unnamed { one };
struct Anything {};

// What a person wrote, and what could hold it, has no way into a field.
template <class T>
concept AcceptedAsField = requires(const T& value) { LogField("field", value); };
static_assert(AcceptedAsField<AgencyId>);
static_assert(AcceptedAsField<NotificationId>);
static_assert(AcceptedAsField<int>);
static_assert(AcceptedAsField<bool>);
static_assert(AcceptedAsField<std::chrono::seconds>);
static_assert(AcceptedAsField<WallTime>);
static_assert(AcceptedAsField<ErrorCode>);
static_assert(AcceptedAsField<LogLevel>);
static_assert(AcceptedAsField<NetworkAddress>);
static_assert(!AcceptedAsField<std::string>);
static_assert(!AcceptedAsField<std::string_view>);
static_assert(!AcceptedAsField<const char*>);
static_assert(!AcceptedAsField<char[5]>);
static_assert(!AcceptedAsField<char>);
static_assert(!AcceptedAsField<Bytes>);
static_assert(!AcceptedAsField<ByteView>);
static_assert(!AcceptedAsField<Digest>);
static_assert(!AcceptedAsField<double>);
static_assert(!AcceptedAsField<void*>);
static_assert(!AcceptedAsField<Unnamed>, "an enum without a table of words");
static_assert(!AcceptedAsField<Anything>);
// A field's name is a literal: text known only at run time cannot become one.
static_assert(!std::is_constructible_v<LogFieldName, std::string>);
static_assert(!std::is_constructible_v<LogFieldName, const char*>);

std::string written(LogEvent event, std::vector<LogField> fields) {
    MemoryLogSink sink;
    Log(sink, ProgramId("mash-test")).write(WallTime::from_unix_ms(1000), event, std::move(fields));
    return sink.lines().at(0);
}

TEST(Log, WritesOneJsonObjectForAnEvent) {
    const auto line =
        written(LogEvent::notification_accepted, {{"agency", AgencyId("police")},
                                                  {"notification", NotificationId(uuid_v7(1, {}))},
                                                  {"parcels", 3},
                                                  {"again", false},
                                                  {"code", ErrorCode::busy},
                                                  {"due", WallTime::from_unix_ms(2000)}});
    EXPECT_EQ(
        line,
        R"({"at":"1970-01-01T00:00:01.000Z","level":"info","event":"notification_accepted","program":"mash-test",)"
        R"("agency":"police","notification":"00000000-0001-7000-8000-000000000000","parcels":3,"again":false,)"
        R"("code":"busy","due":"1970-01-01T00:00:02.000Z"})");
}

TEST(Log, PutsTheUnitOfADurationIntoItsName) {
    EXPECT_EQ(LogField("waited", 2s).name(), "waited_ms");
    EXPECT_EQ(LogField("waited", 2s).json(), "2000");
    EXPECT_EQ(LogField("sync", 1500us).name(), "sync_us");
    EXPECT_EQ(LogField("sync", 1500us).json(), "1500");
}

TEST(Log, WritesTheLimitsOfNumbers) {
    EXPECT_EQ(LogField("n", std::uint64_t{18446744073709551615ULL}).json(), "18446744073709551615");
    EXPECT_EQ(LogField("n", std::int64_t{-9}).json(), "-9");
    EXPECT_EQ(LogField("n", std::uint8_t{65}).json(), "65") << "a byte is a number here";
}

TEST(Log, DoesNotWriteANameThatIsNone) {
    for (const char* text : {"Aster Wrenfield", "a\"b", "a\nb", "a\\b", "caf\xC3\xA9"}) {
        EXPECT_EQ(LogField("agency", AgencyId(text)).json(), "\"(not a name)\"");
    }
    EXPECT_EQ(LogField("agency", AgencyId(std::string(65, 'a'))).json(), "\"(not a name)\"");
    EXPECT_EQ(LogField("view", ViewId("rsk.word")).json(), "\"rsk.word\"");
}

TEST(Log, WritesNumericAddressesAndNothingElseInTheirPlace) {
    EXPECT_EQ(LogField("from", NetworkAddress("192.0.2.7")).json(), "\"192.0.2.7\"");
    EXPECT_EQ(LogField("from", NetworkAddress("2001:db8::7")).json(), "\"2001:db8::7\"");
    for (const char* text : {"", "example.org\"", "Wren", "1 2"}) {
        EXPECT_EQ(LogField("from", NetworkAddress(text)).json(), "\"unknown\"") << text;
    }
    EXPECT_EQ(LogField("from", NetworkAddress(std::string(46, '1'))).json(), "\"unknown\"");
}

TEST(Log, ShowsTheStartOfAKeysDigest) {
    EXPECT_EQ(LogField("key", KeyFingerprint{{1, 2, 3, 4, 5, 6, 7, 8}}).json(),
              "\"0102030405060708\"");
}

TEST(Log, RecordsOfACoreCanBeComparedAndWrittenLater) {
    const LogRecord record{LogEvent::task_opened, {{"agency", AgencyId("hub")}}};
    EXPECT_EQ(record, (LogRecord{LogEvent::task_opened, {{"agency", AgencyId("hub")}}}));
    EXPECT_NE(record, (LogRecord{LogEvent::task_opened, {{"agency", AgencyId("police")}}}));
    MemoryLogSink sink;
    Log(sink, ProgramId("mash-test")).write(WallTime(), record);
    EXPECT_NE(sink.lines().at(0).find(R"("level":"warning","event":"task_opened")"),
              std::string::npos);
}

TEST(LogEvents, HaveAWordALevelAndASentenceEach) {
    std::set<std::string_view> sentences;
    std::size_t events = 0;
#define MASH_LOG_EVENT_CHECK(word, level, sentence)                \
    EXPECT_EQ(name_of(LogEvent::word), #word);                     \
    EXPECT_EQ(level_of(LogEvent::word), LogLevel::level);          \
    EXPECT_NE(describe(LogEvent::word).back(), '.') << #word;      \
    EXPECT_TRUE(sentences.insert(describe(LogEvent::word)).second) \
        << #word << " says what another says";                     \
    ++events;
    MASH_LOG_EVENTS(MASH_LOG_EVENT_CHECK)
#undef MASH_LOG_EVENT_CHECK
    EXPECT_EQ(sentences.size(), events);
}

TEST(FdLogSink, WritesWholeLines) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    FdLogSink sink(ends[1]);
    sink.write("one");
    sink.write("two");
    ::close(ends[1]);
    std::array<char, 64> buffer{};
    const auto size = ::read(ends[0], buffer.data(), buffer.size());
    ::close(ends[0]);
    ASSERT_GT(size, 0);
    EXPECT_EQ(std::string_view(buffer.data(), static_cast<std::size_t>(size)), "one\ntwo\n");
}

TEST(FdLogSink, DoesNotStopTheProgramWhenItsFileIsGone) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    FdLogSink sink(full);
    sink.write("nobody can keep this");
    ::close(full);
    FdLogSink closed(full);
    closed.write("nor this");
}

}  // namespace
}  // namespace mash
