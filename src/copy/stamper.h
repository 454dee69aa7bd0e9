#pragma once

// The rows of COPY … FROM STDIN on their way to the server: each is given the tenant's value in the tenant column, or, where
// the client supplies it, seen to hold that value. Pure, incremental over any cut of the bytes, in memory that does not
// grow with the rows (but for the first one, where only it tells whether the column is there).
//
// The parsers follow CopyReadLineText, CopyReadAttributesText, CopyReadAttributesCSV (copyfromparse.c, PostgreSQL 15) and
// CopyGetData's rules for binary. What they pass on is read by the server in one way only, and each row of it has either
// another number of fields than the server's column list, an error there, or our value or a checked one in the tenant
// column.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "copy/format.h"

namespace bulkhead::copy {

/// The tenant's value, in the ways rows may carry it.
struct Stamp {
  std::string text;
  std::string binary;  ///< as the column type's send function gives it
  /// Does PostgreSQL read this field as the tenant's value? nullopt is NULL. Thread: the caller's.
  std::function<bool(std::optional<std::string_view> field)> is_own;
};

class Stamper {
 public:
  virtual ~Stamper() = default;
  /// Appends to `out` what goes to the server. An error is for the client, and ends the COPY.
  virtual Result<void> feed(std::string_view bytes, std::string& out) = 0;
  /// The client has said that this was all.
  virtual Result<void> finish(std::string& out) = 0;
  /// The line (binary: row) being read, from 1, as the server counts it.
  virtual std::uint64_t line() const = 0;
};

/// `shape.format` must be readable() and one that the server takes.
std::unique_ptr<Stamper> make_stamper(const Shape& shape, Stamp stamp);
/// For rows that are nobody's business: they pass as they are.
std::unique_ptr<Stamper> make_passage();
/// False for special characters that nobody writes and that would mean two things at once: in CSV a backslash, whose `\.`
/// may end the data, and line ends; in text a delimiter that goes on with `\x4` where the client's bytes would end.
bool readable(const Format& format);

namespace detail {
std::unique_ptr<Stamper> make_line_stamper(const Shape& shape, Stamp stamp);    // text and CSV
std::unique_ptr<Stamper> make_binary_stamper(const Shape& shape, Stamp stamp);
/// bad_copy_file_format, as PostgreSQL's parsers raise it.
Error bad_format(std::string message, std::string hint = {});
Error foreign_value();
/// A tenant's value is shorter than this: more of a field need not be held.
inline constexpr std::size_t kLongestValue = 4096;
/// The first row, while only it tells whether the tenant column is there: held beyond what `limits` accounts for.
inline constexpr std::size_t kLongestFirstRow = 1u << 20;
}  // namespace detail

}  // namespace bulkhead::copy
