#include "broker/ctl/context.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "common/area/keyfile.hpp"

namespace mash::ctl {
namespace {

std::string advice_for(ErrorCode code) {
    switch (code) {
        case ErrorCode::not_found: return "Check the path.";
        case ErrorCode::busy:
            return "Another mashctl is at work here. Wait until it has finished, then try again.";
        case ErrorCode::disk_full:
            return "Make room on the disk, then try again. Nothing was changed.";
        case ErrorCode::io_failed:
            return "Check that you may read and write there, and that the disk is well.";
        case ErrorCode::wrong_credential:
            return "Check the passphrase, and that the file is the right one.";
        case ErrorCode::decrypt_failed:
            return "The file was damaged or changed. Use a backup of it.";
        case ErrorCode::clock_skew: return "Check the clock of this machine.";
        case ErrorCode::unsupported_version:
            return "Use the release of this program that made the file, or a newer one.";
        default: return {};
    }
}

// Shows the prompt and reads one line from the terminal, with or without echo.
std::optional<std::string> read_line(const std::string& prompt, bool echo) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0) return std::nullopt;
    termios before{};
    const bool is_terminal = ::tcgetattr(terminal, &before) == 0;
    if (is_terminal && !echo) {
        termios silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal, TCSAFLUSH, &silent);
    }
    std::optional<std::string> line;
    if (is_terminal && ::write(terminal, prompt.data(), prompt.size()) >= 0) {
        line.emplace();
        char c = 0;
        while (::read(terminal, &c, 1) == 1 && c != '\n') line->push_back(c);
    }
    if (is_terminal && !echo) {
        ::tcsetattr(terminal, TCSAFLUSH, &before);
        if (::write(terminal, "\n", 1) < 0) line.reset();
    }
    ::close(terminal);
    return line;
}

std::string no_terminal_advice() {
    return "Name a file that holds the passphrase on its first line with the option for it (see "
           "--help), or run the "
           "command in a terminal.";
}

}  // namespace

std::unexpected<Problem> problem_of(ErrorCode code, const std::string& doing, std::string next) {
    if (next.empty()) next = advice_for(code);
    return problem("Could not " + doing + ". " + std::string(describe(code)) + ".",
                   std::move(next));
}

std::optional<crypto::SecretBytes> ask_secret_on_terminal(const std::string& prompt) {
    auto line = read_line(prompt, false);
    if (!line) return std::nullopt;
    auto secret = crypto::SecretBytes::copy_of(view_of(*line));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(line->data()), line->size()});
    return secret;
}

std::optional<std::string> ask_on_terminal(const std::string& prompt) {
    return read_line(prompt, true);
}

Outcome<crypto::SecretBytes> passphrase_for(const Context& context,
                                            const std::optional<std::filesystem::path>& file,
                                            const std::string& what) {
    if (file) {
        CTL_TRY_RESULT(passphrase, area::read_passphrase_file(*file),
                       "read the passphrase file " + file->string());
        return passphrase;
    }
    auto typed = context.ask_secret("Passphrase of " + what + ": ");
    if (!typed) return problem("The passphrase of " + what + " is needed.", no_terminal_advice());
    return std::move(*typed);
}

Outcome<crypto::SecretBytes> new_passphrase_for(const Context& context,
                                                const std::optional<std::filesystem::path>& file,
                                                const std::string& what) {
    if (file) return passphrase_for(context, file, what);
    auto first = context.ask_secret("New passphrase for " + what + ": ");
    if (!first) return problem("A passphrase for " + what + " is needed.", no_terminal_advice());
    if (first->size() < 12) {
        return problem("The passphrase is shorter than 12 characters.",
                       "Choose a longer one, for example four words that do not belong together.");
    }
    auto second = context.ask_secret("The same again: ");
    if (!second || !(*first == *second))
        return problem("The two passphrases differ.", "Try again.");
    return std::move(*first);
}

std::string time_text(WallTime time) {
    const auto text = to_rfc3339(time);
    return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

}  // namespace mash::ctl
