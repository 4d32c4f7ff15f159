#include "agents/runtime/shell/rejected_desk.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <set>

#include "agents/runtime/core/api_error.hpp"

namespace mash::runtime_shell {

namespace {

using Json = runtime::Json;
using Entry = RejectedFiles::Entry;
using State = RejectedNote::State;
using Target = Operation::Target;

constexpr std::chrono::seconds core_patience{20};
constexpr std::size_t lines_max = 500;

http::Response of_json(int status, const Json& json) {
    http::Response out;
    out.status = status;
    out.body = runtime::text_of_json(json);
    if (status == 503) out.retry_after_seconds = 5;
    return out;
}

http::Response failure(ErrorCode code, std::string_view message) {
    return error_response(runtime::http_status_of(code), name_of(code), message,
                          runtime::next_words(code));
}

http::Response not_there() {
    return failure(ErrorCode::not_found, "Nothing of that id lies here for you to see");
}

http::Response busy() {
    return error_response(503, "busy", "This agent cannot look at its files now",
                          "Try again in a minute; nothing was changed");
}

Json name_json(const std::string& name) { return name.empty() ? Json(nullptr) : Json(name); }

Json line_of(const Entry& entry, const std::string& outcome) {
    const auto& note = entry.note;
    Json out{{"id", uuid_text(note.id)},
             {"revision", note.revision},
             {"state", word_of(note.state)},
             {"agency", note.seat.agency.value()},
             {"role", note.seat.role.value()},
             {"file", entry.name()},
             {"format", note.format},
             {"title", note.title},
             {"received_at", runtime::time_json(note.received_at)},
             {"whole_file", note.is_whole_file},
             {"records", note.records},
             {"rejected_records", note.rejected},
             {"faults", entry.faults},
             {"mend", entry.is_mended_here() ? "here" : "at_source"},
             {"mended", nullptr},
             {"set_aside", nullptr}};
    const Json who{{"by", note.by.value()},
                   {"by_name", name_json(note.by_name)},
                   {"at", runtime::time_json(note.at)}};
    if (note.state == State::mended) {
        out["mended"] = who;
        out["mended"]["file"] = note.mended_file;
        out["mended"]["outcome"] = outcome;
    }
    if (note.state == State::set_aside) {
        out["set_aside"] = who;
        out["set_aside"]["reason"] = note.reason;
    }
    return out;
}

Json faults_json(const std::vector<runtime::RecordFault>& faults) {
    Json out = Json::array();
    for (const auto& fault : faults) {
        out.push_back({{"record", fault.record},
                       {"line", fault.line},
                       {"field", fault.field},
                       {"rule", fault.rule},
                       {"message", fault.message},
                       {"record_lost", fault.record_lost}});
    }
    return out;
}

Json table_json(const RejectedFiles::Content& content) {
    Json rows = Json::array();
    for (const auto& row : content.rows)
        rows.push_back({{"record", row.record}, {"values", row.cells}});
    return {{"columns", content.columns}, {"rows", std::move(rows)}};
}

std::string next_words_of(const Entry& entry, bool has_content) {
    if (entry.note.state == State::mended)
        return "It was mended and put in again. What was still wrong is a line of its own.";
    if (entry.note.state == State::set_aside) return "It was set aside. File and report are kept.";
    if (entry.is_link)
        return "Put the file itself into the intake folder, not a link to it, and set this aside.";
    if (entry.is_folder)
        return "Put its files into the intake folder itself, not into a folder within it, and set "
               "this aside.";
    if (!entry.bytes)
        return "The file is not in rejected/ any more: somebody has moved it. Set this aside, or "
               "ask "
               "whoever runs this machine.";
    if (entry.note.mend == Mend::at_source)
        return "Mend it in the system that sent it, and let that send it again. Then set this "
               "aside.";
    if (!has_content && RejectedFiles::is_packed_file(entry))
        return "Save each of its lists as CSV, put those into the intake folder under any name, "
               "and set this aside.";
    if (!has_content)
        return "It is too large to be mended on a page. Mend the file in rejected/, put it into "
               "the "
               "intake folder under any name, and set this aside.";
    return "Mend what is named and send it. Records that were used are not used twice.";
}

std::optional<std::uint64_t> number_at(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
}

/// The rows of a request, under the numbers that were shown. Nothing: they are no such rows.
std::optional<std::vector<RejectedFiles::Row>> rows_from(const Json& json,
                                                         const RejectedFiles::Content& shown) {
    if (!json.is_array() || json.empty()) return std::nullopt;
    std::set<std::uint64_t> open;
    for (const auto& row : shown.rows) open.insert(row.record);
    std::vector<RejectedFiles::Row> out;
    for (const auto& row : json) {
        if (!row.is_object()) return std::nullopt;
        const auto record = number_at(row, "record");
        const auto values = row.find("values");
        const bool is_row =
            record && open.erase(*record) > 0 && values != row.end() && values->is_array() &&
            std::ranges::all_of(*values, [](const Json& one) { return one.is_string(); });
        if (!is_row) return std::nullopt;
        out.push_back({*record, values->get<std::vector<std::string>>()});
    }
    return out;
}

}  // namespace

struct RejectedDesk::Job {
    Target target{};
    ApiArea area;
    http::Request request;
    std::string id;
    PersonalText credential;
    http::Server::Respond respond;
    RejectedFiles* files = nullptr;
    std::set<Seat> seats{};
    Json body{};
};

RejectedDesk::RejectedDesk(std::vector<Place> places, std::function<Now()> clocks)
    : clocks_(std::move(clocks)) {
    for (auto& place : places) {
        shelves_.push_back({place.area, std::make_unique<RejectedFiles>(std::move(place.folder),
                                                                        std::move(place.seat_of))});
    }
    thread_ = std::thread([this] { work(); });
}

RejectedDesk::~RejectedDesk() { stop(); }

void RejectedDesk::stop() {
    std::deque<std::shared_ptr<Job>> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(queue_);
    }
    ready_.notify_all();
    for (const auto& job : left) job->respond(busy());
    if (thread_.joinable()) thread_.join();
}

void RejectedDesk::work() {
    while (true) {
        std::shared_ptr<Job> job;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        run(*job);
    }
}

void RejectedDesk::hand_over(std::shared_ptr<Job> job) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && queue_.size() < rejected_queue_max)
            queue_.push_back(std::exchange(job, nullptr));
    }
    if (job) return job->respond(busy());
    ready_.notify_one();
}

void RejectedDesk::ask(const ApiArea& area, const PersonalText& credential, const std::string& id,
                       const Json& body, const std::function<void(Reply)>& then) {
    runtime::ApiRequest input;
    input.kind = runtime::ApiRequest::Kind::intake_reader;
    input.id = id;
    input.credential = credential;
    if (!body.is_null()) input.body = PersonalText(runtime::text_of_json(body));
    ask_core(area, std::move(input), then);
}

void RejectedDesk::answer(const Operation& operation, const ApiArea& area,
                          const http::Request& request, const std::string& id,
                          const http::Server::Respond& respond) {
    auto job = std::make_shared<Job>();
    job->target = operation.target;
    job->area = area;
    job->request = request;
    job->id = id;
    job->respond = respond;
    constexpr std::string_view scheme = "Bearer ";
    if (request.authorization.starts_with(scheme))
        job->credential = PersonalText(request.authorization.substr(scheme.size()));
    // Before any file is looked at: only somebody who is known here causes work.
    ask(area, job->credential, "", nullptr, [this, job](Reply reply) {
        if (reply.json.is_null()) return job->respond(busy());
        if (reply.status != 200) return job->respond(of_json(reply.status, reply.json));
        for (const auto& seat : reply.json["seats"]) {
            job->seats.insert({AgencyId(runtime::string_at(seat, "agency")),
                               RoleId(runtime::string_at(seat, "role"))});
        }
        hand_over(job);
    });
}

void RejectedDesk::run(Job& job) {
    const auto shelf =
        std::ranges::find_if(shelves_, [&](const auto& one) { return one.area == job.area.area; });
    if (shelf == shelves_.end()) return job.respond(not_there());
    job.files = shelf->files.get();
    if (job.target == Target::rejected_list) return list(job);
    const auto id = uuid_from_text(job.id);
    if (!id) return job.respond(not_there());
    auto entry = job.files->find(*id);
    if (!entry || !job.seats.contains(entry->note.seat)) return job.respond(not_there());
    if (job.target == Target::rejected_read) return read(job, *entry);
    auto body = runtime::json_from_text(job.request.body);
    if (!body || !body->is_object())
        return job.respond(failure(ErrorCode::bad_value, "The body must be a JSON object"));
    job.body = std::move(*body);
    if (!is_as_read(job, *entry)) return;
    if (job.target == Target::rejected_mend) return mend(job, *entry);
    set_aside(job, *entry);
}

void RejectedDesk::list(Job& job) {
    const auto asked = [&](const char* name) {
        const auto found = job.request.query.find(name);
        return found == job.request.query.end() ? std::string() : found->second;
    };
    const std::string state = asked("state");
    const std::string cursor = asked("cursor");
    const std::string wanted = asked("limit");
    std::size_t limit = lines_max;
    const auto* end = wanted.data() + wanted.size();
    const bool is_number =
        wanted.empty() ||
        (std::from_chars(wanted.data(), end, limit).ptr == end && limit > 0 && limit <= lines_max);
    if (!is_number || (!state.empty() && state != "open" && state != "closed"))
        return job.respond(failure(
            ErrorCode::bad_value, "'state' is open or closed, and 'limit' a number from 1 to 500"));
    const bool is_open_wanted = state != "closed";

    std::uint64_t open = 0;
    std::uint64_t unowned = 0;
    bool is_past_cursor = cursor.empty();
    Json lines = Json::array();
    Json next = nullptr;
    for (const auto& entry : job.files->list()) {
        const auto& seat = entry.note.seat;
        const bool is_open = entry.note.state == State::open;
        if (seat.agency.empty() || seat.role.empty()) unowned += is_open ? 1 : 0;
        if (!job.seats.contains(seat)) continue;
        open += is_open ? 1 : 0;
        if (is_past_cursor && is_open == is_open_wanted) {
            if (lines.size() == limit) {
                if (next.is_null()) next = lines.back()["id"];
                continue;
            }
            lines.push_back(line_of(entry, job.files->outcome_of(entry)));
        }
        // Also when it was closed since: the page goes on where it stood.
        if (uuid_text(entry.note.id) == cursor) is_past_cursor = true;
    }
    if (!is_past_cursor)
        return job.respond(
            failure(ErrorCode::bad_value, "'cursor' is the 'next' of the page before"));
    job.respond(of_json(200, {{"rejected", std::move(lines)},
                              {"next", std::move(next)},
                              {"open", open},
                              {"unowned", unowned}}));
}

bool RejectedDesk::is_noted(Job& job, Entry& entry, std::string_view action) {
    auto promise = std::make_shared<std::promise<Reply>>();
    auto answer = promise->get_future();
    const Json body{{"agency", entry.note.seat.agency.value()},
                    {"role", entry.note.seat.role.value()},
                    {"action", action}};
    ask(job.area, job.credential, uuid_text(entry.note.id), body,
        [promise](Reply reply) { promise->set_value(std::move(reply)); });
    Reply reply;
    if (answer.wait_for(core_patience) == std::future_status::ready) reply = answer.get();
    if (reply.json.is_null()) {
        job.respond(busy());
        return false;
    }
    if (reply.status != 200) {
        job.respond(of_json(reply.status, reply.json));
        return false;
    }
    if (job.target == Target::rejected_read) return true;
    entry.note.by = PersonId(runtime::string_at(reply.json, "person"));
    entry.note.by_name = runtime::string_at(reply.json, "name");
    entry.note.at = clocks_().wall;
    return true;
}

void RejectedDesk::read(Job& job, Entry& entry) {
    if (!is_noted(job, entry, "rejected_read")) return;
    const auto content = RejectedFiles::content_of(entry);
    Json out = line_of(entry, job.files->outcome_of(entry));
    if (!content) out["mend"] = "at_source";
    out["next_words"] = next_words_of(entry, content.has_value());
    out["fault_list"] = faults_json(entry.note.faults);
    out["faults_left_out"] = entry.note.faults_left_out;
    out["table"] = content && content->is_table() ? table_json(*content) : Json(nullptr);
    out["text"] = content && content->text ? Json(*content->text) : Json(nullptr);
    job.respond(of_json(200, out));
}

bool RejectedDesk::is_as_read(Job& job, const Entry& entry) {
    const auto revision = number_at(job.body, "revision");
    if (!revision) {
        job.respond(failure(ErrorCode::missing_field, "Say in 'revision' which one you have read"));
        return false;
    }
    if (*revision != entry.note.revision) {
        job.respond(error_response(409, "stale_version",
                                   "Somebody has mended this or set it aside since you read it",
                                   "Read it again"));
        return false;
    }
    if (entry.note.state != State::open) {
        job.respond(error_response(409, "already_closed", "This was mended or set aside already",
                                   "There is nothing more to do with it"));
        return false;
    }
    return true;
}

void RejectedDesk::mend(Job& job, Entry& entry) {
    const auto content = RejectedFiles::content_of(entry);
    if (!entry.is_mended_here() || !content)
        return job.respond(error_response(422, "not_mendable_here", "This is not mended on a page",
                                          next_words_of(entry, content.has_value())));
    const auto rows = job.body.find("rows");
    const auto text = job.body.find("text");
    const bool has_rows = rows != job.body.end();
    std::string mended;
    if (content->is_table() && has_rows && text == job.body.end()) {
        const auto given = rows_from(*rows, *content);
        if (!given)
            return job.respond(failure(ErrorCode::bad_value,
                                       "'rows' are rows that were shown, each once, with 'record' "
                                       "and texts in 'values'"));
        mended = RejectedFiles::csv_of(content->columns, *given);
    } else if (!content->is_table() && !has_rows && text != job.body.end() && text->is_string()) {
        mended = text->get<std::string>();
        if (mended.empty())
            return job.respond(failure(ErrorCode::bad_value, "There is nothing in 'text'"));
    } else {
        return job.respond(failure(ErrorCode::bad_value, content->is_table()
                                                             ? "Give the mended rows in 'rows'"
                                                             : "Give the mended text in 'text'"));
    }
    if (!is_noted(job, entry, "rejected_mended")) return;
    // The file first: if the note is not written after it, it is mended once more, and what was
    // used is not used twice.
    auto name = job.files->put_back(entry, mended);
    if (!name) return job.respond(failure(name.error(), describe(name.error())));
    entry.note.mended_file = *name;
    entry.note.state = State::mended;
    ++entry.note.revision;
    if (const auto kept = RejectedFiles::keep(entry); !kept)
        return job.respond(failure(kept.error(), describe(kept.error())));
    job.respond(of_json(202, {{"id", uuid_text(entry.note.id)},
                              {"revision", entry.note.revision},
                              {"state", word_of(entry.note.state)},
                              {"file", *name}}));
}

void RejectedDesk::set_aside(Job& job, Entry& entry) {
    auto reason = runtime::string_at(job.body, "reason");
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos)
        return job.respond(failure(ErrorCode::missing_field, "Give your reason in 'reason'"));
    if (reason.size() > limits::short_text_bytes_max)
        return job.respond(failure(ErrorCode::too_large, describe(ErrorCode::too_large)));
    if (!is_noted(job, entry, "rejected_set_aside")) return;
    entry.note.reason = std::move(reason);
    entry.note.state = State::set_aside;
    ++entry.note.revision;
    if (const auto kept = RejectedFiles::keep(entry); !kept)
        return job.respond(failure(kept.error(), describe(kept.error())));
    job.respond(of_json(200, {{"id", uuid_text(entry.note.id)},
                              {"revision", entry.note.revision},
                              {"state", word_of(entry.note.state)}}));
}

}  // namespace mash::runtime_shell
