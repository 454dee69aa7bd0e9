#pragma once

// What the subcommands of `bulkhead` have in common.

#include <iosfwd>
#include <memory>
#include <string>

#include "base/result.h"
#include "policy/catalogue.h"
#include "policy/model.h"

namespace bulkhead::app {

/// Where a command reads and writes; must outlive it. Answers go to `out`, complaints to `err`.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

/// Exit statuses.
inline constexpr int kFine = 0;
inline constexpr int kNo = 1;     ///< the answer is "no": a statement is refused
inline constexpr int kWrong = 2;  ///< usage or configuration error

/// The policy of a configuration file, or null after every finding has been printed: those of its form and, if it has none,
/// those of the SQL in it.
std::shared_ptr<const policy::Policy> load_configuration(const std::string& path, Io io);

/// A database's relations from a file (docs/policy.md).
Result<std::shared_ptr<const policy::Catalogue>> read_catalogue_file(const std::string& path);

/// All there is to read.
std::string read_all(std::istream& in);

}  // namespace bulkhead::app
