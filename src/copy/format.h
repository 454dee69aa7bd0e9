#pragma once

#include <cstdint>
#include <string>

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

}  // namespace bulkhead::copy
