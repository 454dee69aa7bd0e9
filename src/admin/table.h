#pragma once

// Results of the console: columns with PostgreSQL's types, rows of text, and the messages they travel in. Pure values.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace bulkhead::admin {

enum class Type : std::uint8_t { text, int4, int8 };

struct Column {
  std::string_view name;
  Type type = Type::text;
};
/// Of one kind of result; the columns themselves are constants.
using Columns = std::span<const Column>;

using Value = std::optional<std::string>;  ///< nothing: NULL
using Row = std::vector<Value>;            ///< a value for each column; of numbers their decimal text

template <class Number>
  requires std::is_integral_v<Number>
Value number(Number n) {
  return std::to_string(n);
}
inline Value yes_no(bool yes) { return yes ? "yes" : "no"; }

struct Table {
  Columns columns;
  std::vector<Row> rows{};
};

/// Format codes as Bind has them: none: text; one: for all columns; else one for each. 0 is text, 1 binary.
using Formats = std::vector<std::int16_t>;

/// RowDescription.
void describe(Columns columns, const Formats& formats, std::string& out);
/// DataRow. The row must fit the columns, the formats likewise.
void encode_row(Columns columns, const Row& row, const Formats& formats, std::string& out);

}  // namespace bulkhead::admin
