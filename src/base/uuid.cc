#include "base/uuid.h"

namespace bulkhead {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> uuid_bytes(std::string_view text) {
  if (text.starts_with('{')) {
    if (!text.ends_with('}')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
  }
  std::string bytes;
  while (bytes.size() < 16) {
    if (text.size() < 2) return std::nullopt;
    const auto high = hex_digit(text[0]), low = hex_digit(text[1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<char>(*high * 16 + *low));
    text.remove_prefix(2);
    if (bytes.size() % 2 == 0 && bytes.size() < 16 && text.starts_with('-')) text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return bytes;
}

}  // namespace bulkhead
