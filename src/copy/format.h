#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::copy {

// How the rows of one COPY are written (PostgreSQL manual, "COPY", File Formats). Plain values; any thread.

enum class Kind : std::uint8_t { text, csv, binary };
enum class Header : std::uint8_t {
  none,
  line,   ///< a first line that the server skips
  match,  ///< a first line that names the columns
};

struct Format {
  Kind kind = Kind::text;
  Header header = Header::none;
  char delimiter = '\t';
  char quote = '"';   ///< CSV only, as `escape`
  char escape = '"';
  std::string null = "\\N";
  bool operator==(const Format&) const = default;
};

/// What the server expects of each row, and what the client may leave out of it.
struct Shape {
  enum class Tenant : std::uint8_t {
    missing,   ///< the client's rows do not have the tenant column
    supplied,  ///< they have
    either,    ///< the first row, or the header that is held against the names, tells
  };
  Format format;
  std::vector<std::string> columns;  ///< the server's list, the tenant column among them
  std::size_t tenant = 0;            ///< which of them it is
  Tenant client = Tenant::missing;
  bool operator==(const Shape&) const = default;
};

}  // namespace bulkhead::copy
