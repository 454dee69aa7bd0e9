#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "copy/format.h"

namespace bulkhead::test {

/// What PostgreSQL makes of the data of a COPY in text or CSV: the rows before the first thing it would call an error, all
/// of them if `whole`. Written apart from copy::Stamper, and the other way round: as copyfromparse.c of PostgreSQL 15 has it
/// (CopyReadLineText, then CopyReadAttributesText or …CSV), lines first and fields out of each line afterwards, with all
/// bytes at hand.
struct ReadRows {
  using Row = std::vector<std::optional<std::string>>;
  std::vector<Row> rows;
  bool whole = true;
};

class CopyReader {
 public:
  CopyReader(const copy::Format& format, std::string_view bytes) : format_(format), bytes_(bytes) {}

  ReadRows read() {
    ReadRows out;
    bool header = format_.header != copy::Header::none;
    while (out.whole) {
      const auto line = next_line();
      if (broken_) out.whole = false;
      if (!line) break;
      if (std::exchange(header, false)) continue;
      auto row = format_.kind == copy::Kind::csv ? csv_fields(*line) : text_fields(*line);
      if (row)
        out.rows.push_back(std::move(*row));
      else
        out.whole = false;
    }
    return out;
  }

 private:
  std::optional<std::string_view> next_line() {
    const bool csv = format_.kind == copy::Kind::csv;
    const std::size_t begin = at_;
    bool in_quote = false, last_was_escape = false, first = true;
    while (!done_) {
      if (at_ == bytes_.size()) return last_line(begin, at_);
      const std::size_t here = at_;
      const char c = bytes_[at_++];
      if (csv) {
        const bool escape = format_.escape != format_.quote && c == format_.escape;
        if (in_quote && escape) last_was_escape = !last_was_escape;
        if (c == format_.quote && !last_was_escape) in_quote = !in_quote;
        if (!escape) last_was_escape = false;
      }
      const bool plain = !csv || !in_quote;
      if (c == '\r' && plain) {
        if (end_ == "" || end_ == "\r\n") {
          if (peek(at_) == '\n') {
            ++at_;
            end_ = "\r\n";
          } else if (end_ == "\r\n") {
            return broken();
          } else {
            end_ = "\r";
          }
        } else if (end_ == "\n") {
          return broken();
        }
        return bytes_.substr(begin, here - begin);
      }
      if (c == '\n' && plain) {
        if (end_ != "" && end_ != "\n") return broken();
        end_ = "\n";
        return bytes_.substr(begin, here - begin);
      }
      if (c == '\\' && (!csv || first)) {
        if (at_ == bytes_.size()) return last_line(begin, at_);
        if (bytes_[at_] == '.') {
          switch (marker_at(at_ + 1)) {
            case Marker::yes: return last_line(begin, here);
            case Marker::clash: return broken();
            case Marker::no:
              if (!csv) return broken();
          }
        } else if (!csv) {
          ++at_;
        }
      }
      first = false;
    }
    return std::nullopt;
  }

  enum class Marker { yes, no, clash };
  Marker marker_at(std::size_t behind) const {
    if (end_ == "\r\n") {
      if (peek(behind) != '\r') return Marker::no;
      ++behind;
    }
    const char c = peek(behind);
    if (c != '\r' && c != '\n') return Marker::no;
    const bool fits = end_ == "" || c == end_.back();
    return fits ? Marker::yes : Marker::clash;
  }

  char peek(std::size_t at) const { return at < bytes_.size() ? bytes_[at] : '\0'; }
  std::optional<std::string_view> broken() {
    broken_ = done_ = true;
    return std::nullopt;
  }
  std::optional<std::string_view> last_line(std::size_t begin, std::size_t end) {
    done_ = true;
    if (begin == end) return std::nullopt;
    return bytes_.substr(begin, end - begin);
  }

  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
  }

  std::optional<ReadRows::Row> text_fields(std::string_view line) const {
    ReadRows::Row row;
    std::size_t at = 0;
    for (bool more = true; more;) {
      more = false;
      const std::size_t begin = at;
      std::size_t end = at;
      std::string value;
      for (;;) {
        end = at;
        if (at >= line.size()) break;
        char c = line[at++];
        if (c == format_.delimiter) {
          more = true;
          break;
        }
        if (c == '\\') {
          if (at >= line.size()) break;
          c = line[at++];
          if (digit(c) < 8) {
            int octal = digit(c);
            for (int i = 0; i < 2 && at < line.size() && digit(line[at]) < 8; ++i) octal = octal * 8 + digit(line[at++]);
            c = static_cast<char>(octal);
          } else if (c == 'x') {
            if (at < line.size() && digit(line[at]) < 16) {
              int hex = digit(line[at++]);
              if (at < line.size() && digit(line[at]) < 16) hex = hex * 16 + digit(line[at++]);
              c = static_cast<char>(hex);
            }
          } else if (const auto known = std::string_view("bfnrtv").find(c); known != std::string_view::npos) {
            c = "\b\f\n\r\t\v"[known];
          }
        }
        value.push_back(c);
      }
      if (line.substr(begin, end - begin) == format_.null)
        row.emplace_back();
      else
        row.emplace_back(std::move(value));
    }
    return row;
  }

  std::optional<ReadRows::Row> csv_fields(std::string_view line) const {
    ReadRows::Row row;
    std::size_t at = 0;
    for (bool more = true; more;) {
      more = false;
      const std::size_t begin = at;
      std::size_t end = at;
      bool saw_quote = false;
      std::string value;
      for (;;) {  // outside quotes
        end = at;
        if (at >= line.size()) break;
        char c = line[at++];
        if (c == format_.delimiter) {
          more = true;
          break;
        }
        if (c != format_.quote) {
          value.push_back(c);
          continue;
        }
        saw_quote = true;
        for (;;) {  // inside
          if (at >= line.size()) return std::nullopt;
          c = line[at++];
          if (c == format_.escape && at < line.size() && (line[at] == format_.escape || line[at] == format_.quote)) {
            value.push_back(line[at++]);
            continue;
          }
          if (c == format_.quote) break;
          value.push_back(c);
        }
      }
      if (!saw_quote && line.substr(begin, end - begin) == format_.null)
        row.emplace_back();
      else
        row.emplace_back(std::move(value));
    }
    return row;
  }

  const copy::Format& format_;
  const std::string_view bytes_;
  std::size_t at_ = 0;
  std::string_view end_;  ///< the line end of the first line; empty: not known yet
  bool done_ = false, broken_ = false;
};

/// What must hold of `out`, which the stamper made of the client's `in`, if no error ended it. Empty: it does.
inline std::string flaw(const copy::Shape& shape, std::string_view in, std::string_view out, std::string_view own) {
  const auto client = CopyReader(shape.format, in).read(), server = CopyReader(shape.format, out).read();
  const std::size_t width = shape.columns.size();
  bool fits = server.whole;  // else the server ends the COPY with an error, and nothing is written
  for (const auto& row : server.rows) fits = fits && row.size() == width;
  if (fits)
    for (const auto& row : server.rows)
      if (row[shape.tenant] != own) return "a row of another organisation";
  const auto missing = copy::Shape::Tenant::missing, supplied = copy::Shape::Tenant::supplied;
  if (shape.client != missing && shape.client != supplied) return {};
  bool good = client.whole;
  for (const auto& row : client.rows) good = good && row.size() == width - (shape.client == missing ? 1 : 0);
  if (good != fits) return good ? "good rows became an error" : "rows the server refuses became good ones";
  if (!fits) return {};
  auto expected = client.rows;
  if (shape.client == missing)
    for (auto& row : expected) row.insert(row.begin() + static_cast<std::ptrdiff_t>(shape.tenant), std::string(own));
  return expected == server.rows ? "" : "the rows are not those the client sent";
}

}  // namespace bulkhead::test
