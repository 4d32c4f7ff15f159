// The table of agencies that a council makes: no row is lost, and what is read as CSV is written
// and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "broker/ctl/agency_csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    const auto text = text_of({data, size});
    const auto rows = ctl::parse_csv(text);
    std::string written;
    for (const auto& row : rows) {
        // A row of one empty field is an empty line, which is no row.
        if (row.fields == std::vector<std::string>{""}) return 0;
        written += ctl::csv_text(row.fields) + "\n";
    }
    const auto again = ctl::parse_csv(written);
    if (again.size() != rows.size()) std::abort();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (again[i].fields != rows[i].fields) std::abort();
    }
    if (const auto table = ctl::parse_agency_table(text)) {
        if (table->rows.size() + table->bad.size() + 1 != rows.size()) std::abort();
    }
    return 0;
}
