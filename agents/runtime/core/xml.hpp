// XML as agencies' systems really write it, whatever the file's size: one record element at a time
// as a small tree, everything else of the file likewise. No document type, no entities but the five
// of XML itself, nothing fetched. Stray text, unknown elements and repeats are no faults.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/personal.hpp"
#include "common/base/result.hpp"

namespace mash::runtime {

/// One element with all that is in it. Names are local names: the namespace stands apart.
struct XmlElement {
    std::string name;
    std::string name_space;  ///< its address; "" when it has none
    std::vector<std::pair<std::string, PersonalText>> attributes;
    PersonalText text;  ///< its own text, that of its children not among it; as it came
    std::vector<XmlElement> children;
    std::uint64_t line = 0;

    /// The first child of this name; null when there is none. Paths go down: "Source/LEA".
    const XmlElement* child(std::string_view path) const;
    /// All children of this name, in the file's order; of each element that the path leads to:
    /// "Contacts/Contact".
    std::vector<const XmlElement*> all(std::string_view path) const;
    /// The text of child(path), cleaned by clean_value(); nothing when absent or no value.
    std::optional<PersonalText> value(std::string_view path) const;
    /// value() of an attribute of this element.
    std::optional<PersonalText> attribute(std::string_view name) const;
};

/// What the reader met.
struct XmlFound {
    std::string path;          ///< local names from the root: "CTfile/CTFpupilData/Pupil"
    std::uint64_t number = 0;  ///< of the record, from 1; 0 = it is no record: a header, say
    std::uint64_t line = 0;
    std::uint64_t begin = 0;  ///< its first byte, of those that were fed
    std::uint64_t end = 0;    ///< the byte after its last
    XmlElement element;
    bool too_large = false;  ///< over XmlLimits::record_bytes: then `element` has nothing in it
};

struct XmlLimits {
    std::size_t depth = 64;
    /// Of one element that is given whole, as held in memory.
    std::size_t record_bytes = std::size_t{4} * 1024 * 1024;
    /// Of one tag with its attributes, one comment, one name.
    std::size_t token_bytes = std::size_t{1} * 1024 * 1024;
};

/// Fed with pieces of a file in order, in UTF-8 whatever the file declares (text_decoder.hpp).
/// Memory is bounded by one element.
class XmlReader {
public:
    using OnElement = std::function<void(XmlFound&&)>;
    /// `records` are paths from the root, by local names, `*` for any one name: "Bundle/entry". An
    /// element that is no record and on the way to none is given whole too, with number 0. So a
    /// header comes before its records if the file has it there.
    XmlReader(const std::vector<std::string>& records, OnElement on_element, XmlLimits limits = {});
    ~XmlReader();
    XmlReader(XmlReader&&) noexcept;
    XmlReader& operator=(XmlReader&&) noexcept;

    /// Errors: malformed (not XML from here on, a document type, an entity that is not one of the
    /// five), too_large (a depth or a tag over the limits). After an error nothing more is read;
    /// what came before was given.
    Result<void> feed(std::string_view piece);
    /// The end of the file. Errors: malformed (it was cut off, or is empty).
    Result<void> finish();

    /// The root element as far as its tag says: its name, namespace and attributes.
    const XmlElement& root() const;
    std::uint64_t records() const;

    /// So many bytes are understood; of what was fed after them a tag may still be cut.
    std::uint64_t understood() const;
    /// The record that has begun and not ended, by its number and first byte.
    std::optional<std::pair<std::uint64_t, std::uint64_t>> open_record() const;

    struct Fault {
        std::string rule;     ///< "document_type", "not_xml", "cut_off", "too_deep", "too_large"
        std::string message;  ///< plain English; never a word of the file
        std::uint64_t line = 0;
    };
    /// Of the error that feed() or finish() returned.
    const Fault& fault() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The local name and namespace of the root element, by the file's first bytes; nothing when they
/// are no XML or end before it.
std::optional<std::pair<std::string, std::string>> xml_root(std::string_view head);

}  // namespace mash::runtime
