// What adapters do with one cell: dates, identifiers, names, foreign text, and the bearer token of
// a request. Normalising twice changes nothing more, or the same child would have two tokens.
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/source_date.hpp"
#include "agents/runtime/core/text_decoder.hpp"
#include "common/base/check.hpp"

namespace {

using namespace mash;

template <class Normalise>
void is_settled(std::string_view text, Normalise normalise) {
    const std::string once = normalise(text);
    if (!once.empty()) CHECK(normalise(once) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of({data, size});
    is_settled(text, runtime::normalise_nhs_number);
    is_settled(text, runtime::normalise_upn);
    is_settled(text, runtime::normalise_postcode);
    is_settled(text, runtime::normalise_date_of_birth);
    is_settled(text, runtime::normalise_urn);
    is_settled(text, runtime::source_date);
    is_settled(text, runtime::source_birth_date);
    is_settled(text, runtime::clean_value);
    is_settled(text, runtime::to_utf8);
    // Strict: throws unless the text is UTF-8. (Folded names are made once, from what was given.)
    for (const auto& made :
         {runtime::to_utf8(text), runtime::fold_name(text), runtime::first_forename(text)})
        (void)nlohmann::json(made).dump();
    if (const auto time = runtime::parse_source_time(text)) {
        CHECK(runtime::source_date(area::to_text(time->date)) == area::to_text(time->date));
        if (time->instant) CHECK(wall_time_from_rfc3339(to_rfc3339(*time->instant)).has_value());
    }
    if (const auto credential = runtime::credential_from_text(PersonalText(std::string(text))))
        CHECK(runtime::text_of_credential(credential->person, credential->token).reveal() == text);
    return 0;
}
