// Runs a fuzz target without libFuzzer: every file of the corpus once, then changed copies of each,
// all from a printed seed. A crash prints the command that repeats exactly the input that caused
// it.
//
//   fuzz_codec CORPUS [--mutations N] [--seed S] [--only FILE:N]
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;

constexpr std::size_t input_bytes_max = 1 << 20;
constexpr std::uint64_t default_seed = 20261121;

// A signal handler may touch nothing but this.
char replay_command[1024];

extern "C" void print_replay_and_die(int signal_number) {
    const auto written = ::write(STDERR_FILENO, replay_command, std::strlen(replay_command));
    static_cast<void>(written);
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

std::optional<std::uint64_t> number_from(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Input read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash;
}

/// One to eight small changes: the mistakes that parsers meet first are wrong lengths, cuts and
/// repeats.
Input mutate(Input input, std::mt19937_64& random) {
    const auto below = [&](std::size_t bound) {
        return bound == 0 ? 0 : static_cast<std::size_t>(random() % bound);
    };
    const auto at = [&](std::size_t index) {
        return input.begin() + static_cast<std::ptrdiff_t>(index);
    };
    for (std::size_t changes = 1 + below(8); changes > 0; --changes) {
        const std::size_t place = below(input.size() + 1);
        const std::size_t length = below(std::min<std::size_t>(input.size() - place, 64) + 1);
        switch (random() % 8) {
            case 0:
                if (place < input.size())
                    input[place] ^= static_cast<std::uint8_t>(1U << (random() % 8));
                break;
            case 1:
                if (place < input.size()) input[place] = static_cast<std::uint8_t>(random());
                break;
            case 2: input.insert(at(place), static_cast<std::uint8_t>(random())); break;
            case 3: input.erase(at(place), at(place + length)); break;
            case 4: input.resize(place); break;
            case 5: {
                const Input copy(at(place), at(place + length));
                input.insert(at(below(input.size() + 1)), copy.begin(), copy.end());
                break;
            }
            case 6:
                for (std::size_t i = place; i < std::min(input.size(), place + 4); ++i)
                    input[i] = 0xFF;
                break;
            default:
                for (std::size_t i = place; i < std::min(input.size(), place + 4); ++i)
                    input[i] = 0;
        }
    }
    if (input.size() > input_bytes_max) input.resize(input_bytes_max);
    return input;
}

int usage() {
    std::fprintf(stderr, "usage: CORPUS [--mutations N] [--seed S] [--only FILE:N]\n");
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc % 2 != 0) return usage();
    const fs::path corpus = argv[1];
    std::uint64_t mutations = 0;
    std::uint64_t seed = default_seed;
    std::string only_file;
    std::uint64_t only_number = 0;
    for (int i = 2; i + 1 < argc; i += 2) {
        const std::string_view flag = argv[i];
        std::string_view value = argv[i + 1];
        if (flag == "--only") {
            const auto colon = value.rfind(':');
            if (colon == std::string_view::npos) return usage();
            only_file = value.substr(0, colon);
            value = value.substr(colon + 1);
        }
        const auto number = number_from(value);
        if (!number) return usage();
        if (flag == "--mutations")
            mutations = *number;
        else if (flag == "--seed")
            seed = *number;
        else if (flag == "--only")
            only_number = *number;
        else
            return usage();
    }

    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(corpus, error)) {
        if (entry.is_regular_file()) files.push_back(entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    if (error || files.empty()) {
        std::fprintf(stderr, "no corpus files in %s\n", corpus.c_str());
        return 1;
    }
    for (int signal_number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
        std::signal(signal_number, print_replay_and_die);

    std::uint64_t runs = 0;
    for (const auto& file : files) {
        if (!only_file.empty() && file != only_file) continue;
        const Input original = read_file(corpus / file);
        // Number 0 is the file as it is. Each number has its own generator, so that one can be
        // repeated alone.
        for (std::uint64_t number = 0;
             number <= mutations || (!only_file.empty() && number <= only_number); ++number) {
            if (!only_file.empty() && number != only_number) continue;
            std::snprintf(replay_command, sizeof replay_command,
                          "\nrepeat with: %s %s --seed %llu --only %s:%llu\n", argv[0],
                          corpus.c_str(), static_cast<unsigned long long>(seed), file.c_str(),
                          static_cast<unsigned long long>(number));
            std::mt19937_64 random(seed ^ fnv1a(file) ^ (number * 0x9E3779B97F4A7C15ULL));
            const Input input = number == 0 ? original : mutate(original, random);
            LLVMFuzzerTestOneInput(input.data(), input.size());
            ++runs;
        }
    }
    std::printf("%llu inputs from %zu files, seed %llu\n", static_cast<unsigned long long>(runs),
                files.size(), static_cast<unsigned long long>(seed));
    return runs == 0 ? 1 : 0;
}
