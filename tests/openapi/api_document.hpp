// agents/runtime/shell/openapi.yaml as tests use it: is it a valid document, which operations does
// it describe, and is an answer of the local API what it says.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/openapi/schema.hpp"

namespace mash::test {

struct ApiCall {
    std::string method;  ///< "GET"
    std::string path;    ///< "/api/v1/sent/0193...", with its query if there is one
    std::string request_body;
    int status = 0;
    std::string content_type = "application/json";
    std::string body;
};

class ApiDocument {
public:
    explicit ApiDocument(const std::string& yaml);
    /// The document of this tree, read once.
    static const ApiDocument& of_tree();

    /// What makes it no valid OpenAPI 3.1 document, or one that is not checked wholly here.
    std::vector<std::string> faults() const;
    /// "GET /api/v1/sent/{id}"
    std::set<std::string> operations() const;
    /// What an operation of that name may be answered with.
    std::set<int> statuses_of(const std::string& name) const;
    /// The operation that a request is, "" when the document has none.
    std::string operation_of(const std::string& method, const std::string& path) const;
    /// Where the answer is not what the document says: status, media type, body. Of a request that
    /// succeeded, whether the document allows its body too. Places and rules, never values.
    std::vector<std::string> faults_of(const ApiCall& call) const;

private:
    const Json& operation(const std::string& name) const;
    const Json& resolved(const Json& node) const;
    void check_operation(const std::string& name, std::set<std::string>& ids,
                         std::vector<std::string>& faults) const;

    Json document_;
};

}  // namespace mash::test
