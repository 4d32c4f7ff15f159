// Many agencies at once, from a table that a council can make of its list of schools. A bad row is
// named with its line and reason; the others go on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "broker/ctl/outcome.hpp"
#include "common/area/registry.hpp"

namespace mash::ctl {

/// One row, or one command line: what an agency will be.
struct AgencyPlan {
    std::string id;
    std::string kind;
    std::string name;
    std::string urn;
    std::string telephone;
    std::vector<std::string> roles;
    std::vector<area::SeatEntry> seats;
    std::vector<InboxId> alternate_inboxes;  ///< alternates that are no seat's own inbox
};

/// "role:inbox:people" or "role:inbox:automatic", then optionally ":alternate-inbox". The inbox may
/// be left empty: then it is "<agency>.<role>".
Outcome<area::SeatEntry> parse_seat(std::string_view text, const std::string& agency,
                                    const std::string& telephone);

/// A school without seats gets the seat `sch`, opened by people, with an alternate; roles without
/// any are those of the seats. Then the alternates that are no seat's own inbox are listed.
void complete(AgencyPlan& plan);

/// RFC 4180: quoted fields, doubled quotes, CRLF or LF, an optional byte order mark.
/// Rows keep the line on which they began.
struct CsvRow {
    std::size_t line = 0;
    std::vector<std::string> fields;
};
/// A quote that is never closed ends the table with a row of its own, so that it is reported.
std::vector<CsvRow> parse_csv(std::string_view text);
/// One row as text, quoted where needed, without a line end.
std::string csv_text(const std::vector<std::string>& fields);

struct BadRow {
    std::size_t line = 0;
    std::string reason;
    std::vector<std::string> fields;
};

struct AgencyTable {
    std::vector<std::string> header;
    struct Row {
        std::size_t line = 0;
        AgencyPlan plan;
        std::vector<std::string> fields;
    };
    std::vector<Row> rows;
    std::vector<BadRow> bad;
};

/// Columns, in any order, by their names in the first row: `id`, `name` (both needed), `kind`
/// (school when absent), `urn`, `telephone`, `roles` and `seats` (several with a semicolon
/// between). An unknown column is a problem: a misspelt one must not be left out quietly.
Outcome<AgencyTable> parse_agency_table(std::string_view csv);

}  // namespace mash::ctl
