// What the CSV set and the XML of the placement return (SSDA903) have in common: a child's own
// facts, and what waits for the file that says who the child is.
#pragma once

#include <string>

#include "agents/runtime/core/xml.hpp"
#include "agents/social_care/looked_after.hpp"

namespace mash::social_care {

/// Of the header file or element.
Child placement_return_child(const std::string& local_id, std::string_view upn,
                             std::string_view born, std::string_view sex, Record& record);

/// What was read of a child whose header was not there yet.
class WaitingChildren {
public:
    WaitingChildren(const runtime::ReadContext& context, runtime::SourceMemory& memory)
        : agency_(context.agency.value()), memory_(memory) {}
    void keep(const std::string& local_id, const LookedAfter& what, bool first_import);
    std::optional<Waiting> find(const std::string& local_id) const;
    void drop(const std::string& local_id);

private:
    std::string key(const std::string& local_id) const;
    std::string agency_;
    runtime::SourceMemory& memory_;
};

/// Notes what is odd about the episodes, as the data manager should see it.
void note_oddities(const LookedAfter& what, Record& record);

/// The text of the element that the path leads to; "" when absent or no value.
std::string text(const runtime::XmlElement& element, std::string_view path);
/// The file is no XML from there on: what came before was used, and if that is nothing the file is
/// refused.
void note_xml_fault(runtime::ReadFile& file, const runtime::XmlReader::Fault& fault);

/// The first file of this source from this agency, until done() was said.
class FirstImport {
public:
    FirstImport(const runtime::ReadContext& context, runtime::SourceMemory& memory,
                std::string_view source);
    bool is() const { return is_; }
    void done();

private:
    std::string key_;
    runtime::SourceMemory& memory_;
    bool is_;
};

}  // namespace mash::social_care
