// The names that this machine answers to. A page of another site can have its own name lead here
// (DNS rebinding), and its requests would then count as coming from our page; the Host that a
// browser sends with each request is the one thing that such a page cannot choose.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/server.hpp"

namespace mash::runtime_shell {

class OwnNames {
public:
    /// `names`: those of `[console]` and of its certificate; "*.example" stands for one label.
    explicit OwnNames(const std::vector<std::string>& names);

    /// True for "localhost", a loopback address, one of the names and, under TLS, any address: an
    /// address is no name that could be led elsewhere. True without a Host: no browser asks so.
    bool allows(const http::Request& request) const;

    /// 421, in words for a person at a browser or as the interface answers.
    static http::Response refusal(const http::Request& request);

private:
    std::vector<std::string> names_;
};

}  // namespace mash::runtime_shell
