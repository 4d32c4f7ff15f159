#include "agents/runtime/core/xml.hpp"

#include <expat.h>

#include <algorithm>

#include "agents/runtime/core/csv.hpp"
#include "common/base/check.hpp"

namespace mash::runtime {

namespace {

// No name and no namespace address can hold it.
constexpr char name_separator = '\n';
// Expat takes an int.
constexpr std::size_t piece_bytes_max = std::size_t{64} * 1024;

std::pair<std::string_view, std::string_view> first_step(std::string_view path) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return {path, {}};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

void collect(const XmlElement& element, std::string_view path,
             std::vector<const XmlElement*>& out) {
    const auto [name, rest] = first_step(path);
    for (const auto& child : element.children) {
        if (child.name != name) continue;
        if (rest.empty())
            out.push_back(&child);
        else
            collect(child, rest, out);
    }
}

std::optional<PersonalText> cleaned(const PersonalText& text) {
    std::string value = clean_value(text.reveal());
    if (value.empty()) return std::nullopt;
    return PersonalText(std::move(value));
}

std::vector<std::string> steps_of(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        const auto [name, rest] = first_step(path);
        out.emplace_back(name);
        path = rest;
    }
    return out;
}

std::pair<std::string, std::string> split_name(const char* name) {
    const std::string_view text(name);
    const auto at = text.find(name_separator);
    if (at == std::string_view::npos) return {std::string(text), {}};
    return {std::string(text.substr(at + 1)), std::string(text.substr(0, at))};
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view path) const {
    const auto found = all(path);
    return found.empty() ? nullptr : found.front();
}

std::vector<const XmlElement*> XmlElement::all(std::string_view path) const {
    std::vector<const XmlElement*> out;
    collect(*this, path, out);
    return out;
}

std::optional<PersonalText> XmlElement::value(std::string_view path) const {
    const auto* found = child(path);
    return found == nullptr ? std::nullopt : cleaned(found->text);
}

std::optional<PersonalText> XmlElement::attribute(std::string_view wanted) const {
    const auto found =
        std::ranges::find_if(attributes, [&](const auto& item) { return item.first == wanted; });
    return found == attributes.end() ? std::nullopt : cleaned(found->second);
}

struct XmlReader::State {
    std::vector<std::vector<std::string>> records;
    OnElement on_element;
    XmlLimits limits;
    XML_Parser parser = nullptr;

    std::vector<std::string> path;
    XmlElement root;
    std::vector<XmlElement> open;  ///< of the element that is being put together, outermost first
    std::size_t held_bytes = 0;
    std::size_t whole_depth = 0;  ///< of that element; 0 = none
    bool whole_too_large = false;
    XmlFound found;
    std::uint64_t count = 0;
    std::uint64_t fed = 0;
    std::optional<Fault> fault;
    ErrorCode code = ErrorCode::malformed;
    bool finished = false;

    State(const std::vector<std::string>& paths, OnElement call, XmlLimits bounds)
        : on_element(std::move(call)), limits(bounds) {
        for (const auto& one : paths) records.push_back(steps_of(one));
        parser = XML_ParserCreateNS("UTF-8", name_separator);
        CHECK(parser != nullptr);
        XML_SetUserData(parser, this);
        XML_SetElementHandler(parser, &State::on_start, &State::on_end);
        XML_SetCharacterDataHandler(parser, &State::on_text);
        XML_SetStartDoctypeDeclHandler(parser, &State::on_doctype);
        XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { XML_ParserFree(parser); }

    std::uint64_t line() const { return XML_GetCurrentLineNumber(parser); }
    std::uint64_t at() const {
        const auto index = XML_GetCurrentByteIndex(parser);
        return index < 0 ? 0 : static_cast<std::uint64_t>(index);
    }

    void stop(ErrorCode with, std::string rule, std::string message) {
        if (fault) return;
        code = with;
        fault = Fault{std::move(rule), std::move(message), line()};
        (void)XML_StopParser(parser, XML_FALSE);
    }

    enum class Stands { record, on_the_way, aside };
    Stands stands() const {
        bool on_the_way = false;
        for (const auto& wanted : records) {
            if (wanted.size() < path.size()) continue;
            const bool same = std::ranges::equal(
                path,
                std::vector<std::string>(wanted.begin(),
                                         wanted.begin() + static_cast<long>(path.size())),
                [](const auto& mine, const auto& theirs) {
                    return theirs == "*" || mine == theirs;
                });
            if (!same) continue;
            if (wanted.size() == path.size()) return Stands::record;
            on_the_way = true;
        }
        // The root is never given whole unless it is a record: it may be the whole file.
        return on_the_way || path.size() == 1 ? Stands::on_the_way : Stands::aside;
    }

    bool holds(std::size_t bytes) {
        if (whole_too_large) return false;
        held_bytes += bytes;
        if (held_bytes <= limits.record_bytes) return true;
        whole_too_large = true;
        open.resize(1);
        open.front().children.clear();
        open.front().attributes.clear();
        open.front().text = PersonalText();
        return false;
    }

    void start(const char* full_name, const char** attributes) {
        if (path.size() >= limits.depth)
            return stop(ErrorCode::too_large, "too_deep",
                        "The file is nested far deeper than any of its kind");
        auto [name, name_space] = split_name(full_name);
        path.push_back(name);
        const auto stand = whole_depth > 0 ? Stands::aside : stands();
        if (whole_depth == 0 && stand != Stands::on_the_way) {
            whole_depth = path.size();
            whole_too_large = false;
            held_bytes = 0;
            found = XmlFound{};
            for (const auto& step : path) {
                if (!found.path.empty()) found.path += '/';
                found.path += step;
            }
            found.number = stand == Stands::record ? ++count : 0;
            found.line = line();
            found.begin = at();
        }
        if (path.size() > 1 && whole_depth == 0) return;
        XmlElement element;
        element.name = std::move(name);
        element.name_space = std::move(name_space);
        element.line = line();
        std::size_t bytes = sizeof(XmlElement) + element.name.size() + element.name_space.size();
        for (const char** one = attributes; *one != nullptr; one += 2) {
            element.attributes.emplace_back(split_name(one[0]).first, PersonalText(one[1]));
            bytes += sizeof element.attributes.front() + std::string_view(one[1]).size();
        }
        if (path.size() == 1) {
            root = element;
            if (whole_depth == 0) return;
        }
        if (open.empty() || holds(bytes)) {
            if (open.empty()) held_bytes += bytes;
            open.push_back(std::move(element));
        }
    }

    void end() {
        const std::size_t depth = path.size();
        path.pop_back();
        if (whole_depth == 0) return;
        if (depth > whole_depth) {
            if (whole_too_large) return;
            XmlElement done = std::move(open.back());
            open.pop_back();
            open.back().children.push_back(std::move(done));
            return;
        }
        // Of an element without content the parser stands at the end of its one tag already.
        found.end = at() + static_cast<std::uint64_t>(XML_GetCurrentByteCount(parser));
        found.element = std::move(open.front());
        found.too_large = whole_too_large;
        open.clear();
        whole_depth = 0;
        on_element(std::move(found));
    }

    void text(std::string_view piece) {
        if (whole_depth == 0 || !holds(piece.size())) return;
        open.back().text.reveal() += piece;
    }

    // After an error handlers may still be called for what is in hand.
    static State* mine(void* data) {
        auto* state = static_cast<State*>(data);
        return state->fault ? nullptr : state;
    }
    static void on_start(void* data, const char* name, const char** attributes) {
        if (auto* state = mine(data)) state->start(name, attributes);
    }
    static void on_end(void* data, const char*) {
        if (auto* state = mine(data)) state->end();
    }
    static void on_text(void* data, const char* text, int bytes) {
        if (auto* state = mine(data)) state->text({text, static_cast<std::size_t>(bytes)});
    }
    static void on_doctype(void* data, const char*, const char*, const char*, int) {
        if (auto* state = mine(data))
            state->stop(ErrorCode::malformed, "document_type",
                        "The file has a document type declaration, which can hide entities: such "
                        "files are not read. Send it without");
    }

    Result<void> parse(std::string_view piece, bool last) {
        if (fault) return fail(code);
        if (XML_Parse(parser, piece.data(), static_cast<int>(piece.size()),
                      last ? XML_TRUE : XML_FALSE) != XML_STATUS_ERROR) {
            fed += piece.size();
            const std::uint64_t done = at();
            if (!last && fed > done && fed - done > limits.token_bytes)
                stop(ErrorCode::too_large, "too_large",
                     "The file holds a tag or a comment that is far too long");
            return fault ? Result<void>(fail(code)) : Result<void>();
        }
        if (!fault) {
            code = ErrorCode::malformed;
            const auto error = XML_GetErrorCode(parser);
            const bool cut =
                last &&
                (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
                 error == XML_ERROR_UNCLOSED_CDATA_SECTION || error == XML_ERROR_PARTIAL_CHAR);
            fault =
                cut ? Fault{"cut_off", "The file ends before its last element does: send it whole",
                            line()}
                    : Fault{"not_xml",
                            "The file is not well-formed XML from this line on: export it again",
                            line()};
        }
        return fail(code);
    }
};

XmlReader::XmlReader(const std::vector<std::string>& records, OnElement on_element,
                     XmlLimits limits)
    : state_(std::make_unique<State>(records, std::move(on_element), limits)) {}
XmlReader::~XmlReader() = default;
XmlReader::XmlReader(XmlReader&&) noexcept = default;
XmlReader& XmlReader::operator=(XmlReader&&) noexcept = default;

Result<void> XmlReader::feed(std::string_view piece) {
    // Blank lines before the declaration are common and against the letter of XML.
    if (state_->fed == 0)
        piece.remove_prefix(std::min(piece.find_first_not_of(" \t\r\n"), piece.size()));
    while (!piece.empty()) {
        const auto part = piece.substr(0, piece_bytes_max);
        MASH_TRY_VOID(state_->parse(part, false));
        piece.remove_prefix(part.size());
    }
    return state_->fault ? Result<void>(fail(state_->code)) : Result<void>();
}

Result<void> XmlReader::finish() {
    if (state_->finished) return state_->fault ? Result<void>(fail(state_->code)) : Result<void>();
    state_->finished = true;
    return state_->parse({}, true);
}

const XmlElement& XmlReader::root() const { return state_->root; }
std::uint64_t XmlReader::records() const { return state_->count; }

std::uint64_t XmlReader::understood() const { return state_->at(); }

std::optional<std::pair<std::uint64_t, std::uint64_t>> XmlReader::open_record() const {
    if (state_->whole_depth == 0 || state_->found.number == 0) return std::nullopt;
    return std::pair(state_->found.number, state_->found.begin);
}

const XmlReader::Fault& XmlReader::fault() const {
    static const Fault none;
    const auto& fault = state_->fault;
    return fault ? *fault : none;
}

std::optional<std::pair<std::string, std::string>> xml_root(std::string_view head) {
    const auto first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string_view::npos || head[first] != '<') return std::nullopt;
    XmlReader reader({}, [](XmlFound&&) {});
    // Where the head is cut, or goes wrong after its root, is of no interest here.
    (void)reader.feed(head).has_value();
    if (reader.root().name.empty()) return std::nullopt;
    return std::pair(reader.root().name, reader.root().name_space);
}

}  // namespace mash::runtime
