// libsodium lays every secret on pages of its own, locked and between guard pages: some system
// calls for each, a third of a seed's time, and nothing that a simulated world asks about. In
// `simulate` secrets lie in ordinary memory; these two stand in for the library's.
#include <cstdlib>

extern "C" {

void* sodium_malloc(std::size_t size) { return std::malloc(size == 0 ? 1 : size); }
void sodium_free(void* secret) { std::free(secret); }
}
