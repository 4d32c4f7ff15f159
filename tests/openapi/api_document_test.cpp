// The document of the local API: valid, complete in both directions, and held to what is answered.
#include "tests/openapi/api_document.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "agents/runtime/core/api_error.hpp"
#include "agents/runtime/shell/local_api.hpp"
#include "agents/runtime/shell/openapi.hpp"
#include "agents/runtime/shell/own_names.hpp"
#include "tests/paths/paths.hpp"

namespace mash::test {
namespace {

std::string lines_of(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) out += line + "\n";
    return out;
}

/// One operation whose 200 holds `schema`.
std::string document_with(const std::string& schema) {
    return "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a/{id}:\n    get:\n"
           "      operationId: getA\n"
           "      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n"
           "      responses: {'200': {description: d, content: {application/json: {schema: " +
           schema + "}}}}\ncomponents: {schemas: {}}\n";
}

std::vector<std::string> answer_to(const std::string& schema, const std::string& body) {
    return ApiDocument(document_with(schema))
        .faults_of({"GET", "/a/1", "", 200, "application/json", body});
}

TEST(TheDocument, IsValidAndEveryWordOfItIsChecked) {
    EXPECT_EQ(lines_of(ApiDocument::of_tree().faults()), "");
}

TEST(TheDocument, DescribesEveryOperationOfTheRouterAndNoOther) {
    std::set<std::string> routed;
    for (const auto& operation : runtime_shell::operations()) {
        std::string path(operation.pattern);
        if (const auto star = path.find('*'); star != std::string::npos)
            path.replace(star, 1, "{id}");
        routed.insert(std::string(operation.method) + " " + path);
    }
    EXPECT_EQ(ApiDocument::of_tree().operations(), routed);
}

/// What is answered before or instead of the operation itself, and so to any request.
TEST(TheDocument, DescribesTheAnswersThatEveryOperationMayGet) {
    using Target = runtime_shell::Operation::Target;
    const auto& document = ApiDocument::of_tree();
    const auto set_aside = runtime::http_status_of(ErrorCode::quarantined);
    for (const auto& operation : runtime_shell::operations()) {
        http::Request request;
        request.method = operation.method;
        request.path = operation.pattern;
        if (const auto star = request.path.find('*'); star != std::string::npos)
            request.path.replace(star, 1, "1");
        const auto refusal = runtime_shell::OwnNames::refusal(request);
        EXPECT_EQ(lines_of(document.faults_of({request.method, request.path, "", refusal.status,
                                               refusal.content_type, refusal.body})),
                  "");
        if (operation.target != Target::core && operation.target != Target::take_away) continue;
        const auto name = document.operation_of(request.method, request.path);
        EXPECT_TRUE(document.statuses_of(name).contains(set_aside)) << name;
    }
}

TEST(TheDocument, IsTheOneThatTheAgentServes) {
    EXPECT_EQ(ApiDocument(std::string(runtime_shell::openapi_document())).operations(),
              ApiDocument::of_tree().operations());
}

TEST(TheDocument, NamesTheOperationOfARequest) {
    const auto& document = ApiDocument::of_tree();
    EXPECT_EQ(document.operation_of("GET", "/api/v1/received/1?inbox=hub.ffd"),
              "GET /api/v1/received/{id}");
    EXPECT_EQ(document.operation_of("GET", "/api/v1/received/1/taken"), "");
    EXPECT_EQ(document.operation_of("GET", "/api/v1/received/"), "");
    EXPECT_EQ(document.operation_of("PUT", "/api/v1/sent"), "");
}

/// The second block of JSON on that page; the first is a notification (submit_test.cpp).
TEST(Answers, OfASentItemAreShownToReadersAsTheyAre) {
    std::ifstream page(source_dir() / "agents/README.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    const auto about = text.find("`GET /api/v1/sent/{id}` answers");
    const auto from = text.find("```json\n", about);
    ASSERT_NE(about, std::string::npos);
    ASSERT_NE(from, std::string::npos);
    const auto block = text.substr(from + 8, text.find("```", from + 8) - from - 8);
    const auto faults_of = [](const std::string& body) {
        return lines_of(ApiDocument::of_tree().faults_of(
            {"GET", "/api/v1/sent/1", "", 200, "application/json", body}));
    };
    EXPECT_EQ(faults_of(block), "");
    auto shown = Json::parse(block);
    ASSERT_FALSE(shown["recipients"].empty());
    shown.erase("identifying");
    EXPECT_NE(faults_of(shown.dump()), "") << "what is left out would be found";
}

TEST(Answers, OfAStatusOrAMediaTypeThatIsNotDescribedAreFaults) {
    const ApiDocument document(document_with("{type: object}"));
    EXPECT_EQ(lines_of(document.faults_of({"GET", "/a/1", "", 200, "application/json", "{}"})), "");
    EXPECT_NE(lines_of(document.faults_of({"GET", "/a/1", "", 404, "application/json", "{}"})), "");
    EXPECT_NE(lines_of(document.faults_of({"GET", "/a/1", "", 200, "text/plain", "{}"})), "");
    EXPECT_NE(lines_of(document.faults_of({"GET", "/b", "", 200, "application/json", "{}"})), "");
    EXPECT_NE(lines_of(document.faults_of({"GET", "/a/1", "", 200, "application/json", "{"})), "");
}

TEST(Answers, AreHeldToEachWordOfTheirSchema) {
    struct Case {
        const char* schema;
        const char* fits;
        const char* fails;
    };
    const Case cases[] = {
        {"{type: string}", R"("a")", "1"},
        {"{type: integer, minimum: 0}", "0", "-1"},
        {"{type: integer}", "3", "3.5"},
        {"{type: [boolean, 'null']}", "null", R"("true")"},
        {"{enum: [a, '1']}", R"("1")", "1"},
        {"{type: string, format: uuid}", R"("01a30e61-fdc0-7c1e-8a3f-5b1c66f0a2d7")", R"("01a3")"},
        {"{type: string, format: date-time}", R"("2027-01-13T09:30:00.000Z")", R"("2027-01-13")"},
        {"{type: string, format: date}", R"("2024-02-29")", R"("2023-02-29")"},
        {"{type: string, pattern: '^[a-z]+$'}", R"("ab")", R"("aB")"},
        {"{type: string, minLength: 1, maxLength: 2}", R"("ab")", R"("abc")"},
        {"{type: array, minItems: 1, items: {type: string}}", R"(["a"])", "[1]"},
        {"{type: array, minItems: 1, items: {type: string}}", R"(["a"])", "[]"},
        {"{type: object, required: [a], properties: {a: {type: string}}}", R"({"a":"b"})", "{}"},
        {"{type: object, additionalProperties: false, properties: {a: {type: string}}}", "{}",
         R"({"b":1})"},
        {"{type: object, additionalProperties: {type: string}}", R"({"b":"c"})", R"({"b":1})"},
        {"{anyOf: [{type: string}, {type: 'null'}]}", "null", "1"},
    };
    for (const auto& [schema, fits, fails] : cases) {
        EXPECT_EQ(lines_of(ApiDocument(document_with(schema)).faults()), "") << schema;
        EXPECT_EQ(lines_of(answer_to(schema, fits)), "") << schema;
        EXPECT_NE(lines_of(answer_to(schema, fails)), "") << schema;
    }
}

TEST(Answers, AreNeverRepeatedInAFault) {
    EXPECT_EQ(lines_of(answer_to("{type: integer}", R"("Inventedname")")).find("Inventedname"),
              std::string::npos);
}

TEST(PlantedMistakes, OfTheDocumentAreFound) {
    const auto is_refused = [](const std::string& yaml) {
        return !ApiDocument(yaml).faults().empty();
    };
    const std::string good = document_with("{type: object}");
    EXPECT_FALSE(is_refused(good));
    const auto without = [&](const std::string& from, const std::string& to) {
        std::string bad = good;
        const auto at = bad.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return bad.replace(at, from.size(), to);
    };
    EXPECT_TRUE(is_refused(without("3.1.0", "2.0")));
    EXPECT_TRUE(is_refused(without("title: t, ", "")));
    EXPECT_TRUE(is_refused(without("operationId: getA", "operationid: getA")));
    EXPECT_TRUE(is_refused(without("name: id", "name: other")));
    EXPECT_TRUE(is_refused(without("required: true, ", "")));
    EXPECT_TRUE(is_refused(without("'200'", "'404'")));
    EXPECT_TRUE(is_refused(without("description: d", "summary: d")));
    EXPECT_TRUE(is_refused(without("type: object", "type: thing")));
    EXPECT_TRUE(is_refused(without("type: object", "oneOf: []")));
    EXPECT_TRUE(is_refused(without("type: object", "required: [a]")));
    EXPECT_TRUE(is_refused(without("type: object", "$ref: '#/components/schemas/None'")));
    EXPECT_TRUE(is_refused(without("schemas: {}", "schemas: {Unused: {type: string}}")));
}

}  // namespace
}  // namespace mash::test
