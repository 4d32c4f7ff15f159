#include "agents/social_care/ssda903.hpp"

#include "agents/runtime/core/identity.hpp"

namespace mash::social_care {

Child placement_return_child(const std::string& local_id, std::string_view upn,
                             std::string_view born, std::string_view sex, Record& record) {
    Child out;
    out.local_id = local_id;
    out.sex = runtime::sex_word(sex);
    if (const auto date = record.date("DOB", born))
        out.subject.date_of_birth = PersonalText(area::to_text(*date));
    // UN1 to UN7 say why there is none.
    if (!upn.empty() && !upn.starts_with("UN")) {
        out.subject.upn = PersonalText(std::string(upn));
        if (runtime::normalise_upn(upn).empty())
            record.note("UPN", "check_failed",
                        "The UPN does not pass its check and is not used to match");
    }
    return out;
}

std::string WaitingChildren::key(const std::string& local_id) const {
    return "social-care/" + agency_ + "/waiting/" + local_id;
}

void WaitingChildren::keep(const std::string& local_id, const LookedAfter& what,
                           bool first_import) {
    const auto before = find(local_id);
    // A second file before the header came is still the first import of that child.
    memory_.put(key(local_id), text_of(what, first_import || (before && before->first_import)));
}

std::optional<Waiting> WaitingChildren::find(const std::string& local_id) const {
    const auto held = memory_.get(key(local_id));
    return held ? waiting_from(*held) : std::nullopt;
}

void WaitingChildren::drop(const std::string& local_id) {
    if (memory_.get(key(local_id))) memory_.put(key(local_id), "");
}

void note_oddities(const LookedAfter& what, Record& record) {
    if (what.open > 1)
        record.note("DEC", "two_open",
                    "This child has more than one episode without an end: the latest was used");
    if (what.open == 1 && !what.start_in_file) record.count("start_not_in_file");
    if (what.next_is_missing)
        record.note("REC", "next_episode_missing",
                    "The last episode says that care goes on (X1), and no later one is in the "
                    "file: nothing was ended");
}

std::string text(const runtime::XmlElement& element, std::string_view path) {
    const auto value = element.value(path);
    return value ? value->reveal() : std::string();
}

void note_xml_fault(runtime::ReadFile& file, const runtime::XmlReader::Fault& fault) {
    if (file.records == 0) return file.refuse("", fault.rule, fault.message, fault.line);
    file.note(0, fault.line, "", fault.rule, fault.message);
}

FirstImport::FirstImport(const runtime::ReadContext& context, runtime::SourceMemory& memory,
                         std::string_view source)
    : key_("social-care/" + context.agency.value() + "/baseline/" + std::string(source)),
      memory_(memory),
      is_(!memory.get(key_)) {}

void FirstImport::done() {
    if (is_) memory_.put(key_, "done");
}

}  // namespace mash::social_care
