// How single records of a file are given back to be mended, by the form of the file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/runtime/core/source.hpp"

namespace mash::runtime {

using RecordNumbers = std::vector<std::uint64_t>;

/// The header and the named rows.
std::unique_ptr<RecordSelector> select_csv(const RecordNumbers& records,
                                           RecordSelector::Write write);
/// A list of the named items; of a file that is one object, that object.
std::unique_ptr<RecordSelector> select_json(const RecordNumbers& records,
                                            RecordSelector::Write write);
/// The file without those elements at `paths` (as of XmlReader) that are not named: header, root
/// and namespaces stay.
std::unique_ptr<RecordSelector> select_xml(const std::vector<std::string>& paths,
                                           const RecordNumbers& records,
                                           RecordSelector::Write write);
/// The whole file, where its records say little without each other. What was used of it is not
/// used twice.
std::unique_ptr<RecordSelector> select_all(RecordSelector::Write write);

}  // namespace mash::runtime
