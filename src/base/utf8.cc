#include "base/utf8.h"

#include <cstdint>

namespace bulkhead {

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto first = static_cast<unsigned char>(text[at]);
    std::size_t length = 0;
    std::uint32_t code = 0, least = 0;
    if (first < 0x80) {
      ++at;
      continue;
    }
    if ((first & 0xe0) == 0xc0) {
      length = 2, code = first & 0x1fu, least = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
      length = 3, code = first & 0x0fu, least = 0x800;
    } else if ((first & 0xf8) == 0xf0) {
      length = 4, code = first & 0x07u, least = 0x10000;
    } else {
      return at;
    }
    if (text.size() - at < length) return at;
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xc0) != 0x80) return at;
      code = (code << 6) | (next & 0x3fu);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace bulkhead
