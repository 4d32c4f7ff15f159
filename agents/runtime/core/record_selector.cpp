#include "agents/runtime/core/record_selector.hpp"

#include <algorithm>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/json_reader.hpp"
#include "agents/runtime/core/xml.hpp"

namespace mash::runtime {

namespace {

bool is_among(const RecordNumbers& records, std::uint64_t number) {
    return std::ranges::binary_search(records, number);
}

std::string csv_line(const CsvRecord& record) {
    std::string out;
    for (const auto& cell : record.cells) {
        if (&cell != &record.cells.front()) out += ',';
        const std::string& text = cell.reveal();
        if (text.find_first_of(",\"\r\n") == std::string::npos) {
            out += text;
            continue;
        }
        out += '"';
        for (const char c : text) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    return out + "\r\n";
}

class CsvSelector final : public RecordSelector {
public:
    CsvSelector(const RecordNumbers& records, Write write)
        : records_(records), write_(std::move(write)), reader_([this](CsvRecord&& record) {
              if (record.number == 0 || is_wanted(record)) write_(csv_line(record));
          }) {}
    void feed(std::string_view piece) override { (void)reader_.feed(piece).has_value(); }
    void finish() override {
        if (!reader_.finish() && is_wanted(reader_.cut_off())) write_(csv_line(reader_.cut_off()));
    }

private:
    /// Of a row that is too long nothing was kept.
    bool is_wanted(const CsvRecord& record) const {
        return !record.too_long && is_among(records_, record.number);
    }
    const RecordNumbers& records_;
    Write write_;
    CsvReader reader_;
};

class JsonSelector final : public RecordSelector {
public:
    JsonSelector(const RecordNumbers& records, Write write)
        : write_(std::move(write)), reader_("", [this, &records](JsonFound&& found) {
              if (!is_among(records, found.number)) return;
              if (list_) write_(first_ ? "[\n" : ",\n");
              write_(found.text.reveal());
              first_ = false;
          }) {}
    void feed(std::string_view piece) override {
        if (reader_.records() == 0 && !list_) {
            const auto start = piece.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
            list_ = start != std::string_view::npos && piece[start] == '[';
        }
        (void)reader_.feed(piece).has_value();
    }
    void finish() override {
        if (list_ && !first_) write_("\n]\n");
    }

private:
    Write write_;
    bool first_ = true;
    bool list_ = false;
    JsonReader reader_;
};

/// Holds no more of the file than a piece and a tag, however large a record is.
class XmlSelector final : public RecordSelector {
public:
    XmlSelector(const std::vector<std::string>& paths, const RecordNumbers& records, Write write)
        : records_(records), write_(std::move(write)), reader_(paths, [this](XmlFound&& found) {
              if (found.number > 0) pass(found.number, found.begin, found.end);
          }) {}

    void feed(std::string_view piece) override {
        if (broken_) return;
        if (begin_ == 0 && rest_.empty())  // as the reader does, which counts from there
            piece.remove_prefix(std::min(piece.find_first_not_of(" \t\r\n"), piece.size()));
        rest_ += piece;
        broken_ = !reader_.feed(piece);
        if (broken_) return;
        if (const auto open = reader_.open_record())
            pass(open->first, open->second, reader_.understood());
        else
            go_to(reader_.understood(), true);
    }

    void finish() override {
        broken_ = broken_ || !reader_.finish();
        go_to(begin_ + rest_.size(), !broken_);
    }

private:
    /// All before the record, and of the record what is wanted.
    void pass(std::uint64_t number, std::uint64_t from, std::uint64_t to) {
        go_to(from, true);
        go_to(to, is_among(records_, number));
    }
    void go_to(std::uint64_t to, bool wanted) {
        if (to <= begin_) return;
        const auto size = std::min<std::size_t>(to - begin_, rest_.size());
        if (wanted) write_(std::string_view(rest_).substr(0, size));
        rest_.erase(0, size);
        begin_ += size;
    }

    const RecordNumbers& records_;
    Write write_;
    std::string rest_;         // fed, and neither written nor left out
    std::uint64_t begin_ = 0;  // where that begins in the file
    bool broken_ = false;
    XmlReader reader_;
};

class WholeFile final : public RecordSelector {
public:
    explicit WholeFile(Write write) : write_(std::move(write)) {}
    void feed(std::string_view piece) override { write_(piece); }
    void finish() override {}

private:
    Write write_;
};

}  // namespace

std::unique_ptr<RecordSelector> select_csv(const RecordNumbers& records,
                                           RecordSelector::Write write) {
    return std::make_unique<CsvSelector>(records, std::move(write));
}
std::unique_ptr<RecordSelector> select_json(const RecordNumbers& records,
                                            RecordSelector::Write write) {
    return std::make_unique<JsonSelector>(records, std::move(write));
}
std::unique_ptr<RecordSelector> select_xml(const std::vector<std::string>& paths,
                                           const RecordNumbers& records,
                                           RecordSelector::Write write) {
    return std::make_unique<XmlSelector>(paths, records, std::move(write));
}
std::unique_ptr<RecordSelector> select_all(RecordSelector::Write write) {
    return std::make_unique<WholeFile>(std::move(write));
}

std::unique_ptr<RecordSelector> SourceFormat::select(const RecordNumbers& records,
                                                     RecordSelector::Write write) const {
    return select_csv(records, std::move(write));
}

}  // namespace mash::runtime
