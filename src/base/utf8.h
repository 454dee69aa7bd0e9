#pragma once

#include <cstddef>
#include <string_view>

namespace bulkhead {

/// Where `text` stops being UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF); npos if it never does.
std::size_t find_invalid_utf8(std::string_view text);

/// A C0 control character or DEL.
inline bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace bulkhead
