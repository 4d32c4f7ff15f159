// The outermost frame of every program of the product.
#pragma once

#include <cstdio>
#include <exception>
#include <new>
#include <typeinfo>

namespace mash {

/// What main() returns: what `run` returned, or `failed` when an exception got past everything.
/// Never prints what the exception says: a parser's words may quote a record about a person.
template <class Run>
int program_main(const char* program, int failed, const Run& run) noexcept {
    const char* what = "unknown";
    try {
        return run();
    } catch (const std::bad_alloc&) {
        what = "this machine has no memory left";
    } catch (const std::exception& error) {
        what = typeid(error).name();
    } catch (...) {
        what = "not an exception of the standard library";
    }
    std::fprintf(stderr,
                 "%s: stopped by a fault of its own (%s). What it had taken on is kept. Start it "
                 "again, and tell whoever supplies it.\n",
                 program, what);
    return failed;
}

}  // namespace mash
