#include "copy/fields.h"

namespace bulkhead::copy {
namespace {

std::optional<int> digit(char c, int base) {
  int value = -1;
  if (c >= '0' && c <= '9') value = c - '0';
  if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
  if (value < 0 || value >= base) return std::nullopt;
  return value;
}

/// Up to `most` digits of that base at `at`, which moves behind them.
char number(std::string_view raw, std::size_t& at, int base, int most) {
  int value = 0;
  for (int i = 0; i < most && at < raw.size(); ++i, ++at) {
    const auto next = digit(raw[at], base);
    if (!next) break;
    value = value * base + *next;
  }
  return static_cast<char>(value & 0xff);
}

/// Backslash sequences: manual, "COPY", Text Format; CopyReadAttributesText.
std::string unescaped(std::string_view raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size();) {
    const char c = raw[at++];
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (at == raw.size()) break;
    const char next = raw[at];
    if (next >= '0' && next <= '7') {
      out.push_back(number(raw, at, 8, 3));
      continue;
    }
    ++at;
    switch (next) {
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'v': out.push_back('\v'); break;
      case 'x':
        if (at < raw.size() && digit(raw[at], 16))
          out.push_back(number(raw, at, 16, 2));
        else
          out.push_back('x');
        break;
      default: out.push_back(next);
    }
  }
  return out;
}

/// CopyReadAttributesCSV.
std::optional<std::string> unquoted(const Format& format, std::string_view raw) {
  std::string out;
  bool quoted = false, inside = false;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const char c = raw[at];
    if (!inside) {
      if (c == format.quote)
        quoted = inside = true;
      else
        out.push_back(c);
      continue;
    }
    if (c == format.escape && at + 1 < raw.size() && (raw[at + 1] == format.escape || raw[at + 1] == format.quote)) {
      out.push_back(raw[++at]);
      continue;
    }
    if (c == format.quote)
      inside = false;
    else
      out.push_back(c);
  }
  if (!quoted && raw == format.null) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> read_field(const Format& format, std::string_view raw) {
  if (format.kind == Kind::csv) return unquoted(format, raw);
  if (raw == format.null) return std::nullopt;  // before any backslash is looked at
  return unescaped(raw);
}

std::string write_field(const Format& format, std::string_view value) {
  std::string out;
  if (format.kind == Kind::csv) {
    out.push_back(format.quote);  // what is quoted is never NULL
    for (const char c : value) {
      if (c == format.quote || c == format.escape) out.push_back(format.escape);
      out.push_back(c);
    }
    out.push_back(format.quote);
    return out;
  }
  const auto in_hex = [&out](char c) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
  };
  const auto write = [&](bool first_in_hex) {
    out.clear();
    for (std::size_t i = 0; i < value.size(); ++i) {
      const char c = value[i];
      if ((i == 0 && first_in_hex) || c == '\\' || c == format.delimiter || static_cast<unsigned char>(c) < 0x20)
        in_hex(c);
      else
        out.push_back(c);
    }
  };
  write(false);
  if (out == format.null) write(true);  // one spelling at most is the NULL marker
  return out;
}

}  // namespace bulkhead::copy
