#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/source_row.hpp"
#include "agents/school/formats.hpp"
#include "agents/school/pupil.hpp"

namespace mash::school {

namespace {

using runtime::ReadContext;
using runtime::ReadFile;
using runtime::Row;

const std::vector<std::string> needed_columns{"URN", "LA (code)", "EstablishmentNumber",
                                              "EstablishmentName", "EstablishmentStatus (name)"};

// Reference data: nothing in it is about a child, and it sends nothing.
class RegisterReading final : public runtime::RowReading {
public:
    RegisterReading(const ReadContext& context, runtime::SourceMemory& memory, ReadFile& out)
        : RowReading(context, needed_columns, out), memory_(memory) {}

private:
    void on_row(Row& row) override {
        const std::string urn = runtime::normalise_urn(row.text("URN").reveal());
        if (urn.empty())
            return row.lose("URN", "required", "The school's number (URN) has six digits");
        const std::string status = row.text("EstablishmentStatus (name)").reveal();
        const bool open = status.starts_with("Open");
        const bool closed = status == "Closed";
        ++out().understood[open ? "open" : closed ? "closed" : "proposed"];
        if (!open && !closed && !status.starts_with("Proposed"))
            row.note("EstablishmentStatus (name)", "unknown_word",
                     "The status is not known; the school is not counted as open");
        const std::string number =
            school_number(row.text("LA (code)").reveal(), row.text("EstablishmentNumber").reveal());
        if (number.empty()) {
            // Of some kinds of school the register has none.
            ++out().understood["without_number"];
            return;
        }
        // A converted academy has a new URN under the old number, and stands beside its
        // predecessor: the open one counts.
        if (open || urn_of_school(memory_, number).empty())
            keep_urn_of_school(memory_, number, urn);
    }

    runtime::SourceMemory& memory_;
};

}  // namespace

std::unique_ptr<runtime::SourceFormat> make_register_csv() {
    return std::make_unique<runtime::RowFormat<RegisterReading>>(
        "gias-csv", "Register of schools (GIAS) CSV", needed_columns);
}

}  // namespace mash::school
