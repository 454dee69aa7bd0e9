#include "pool/reported.h"

#include <algorithm>

namespace bulkhead::pool {

bool same_parameter(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

void Reported::note(std::string_view name, std::string_view value) {
  std::string text;
  if (text_) text.reserve(text_->size() + name.size() + value.size() + 2);
  const auto add = [&text](std::string_view n, std::string_view v) {
    text += n;
    text += '\0';
    text += v;
    text += '\0';
  };
  bool added = false;
  each([&](std::string_view known, std::string_view last) {
    if (!added && name <= known) {
      add(name, value);
      added = true;
    }
    if (known != name) add(known, last);
  });
  if (!added) add(name, value);
  if (!text_ || text != *text_) text_ = std::make_shared<const std::string>(std::move(text));
}

std::optional<std::string_view> Reported::find(std::string_view name) const {
  std::optional<std::string_view> found;
  each([&](std::string_view known, std::string_view value) {
    if (same_parameter(known, name)) found = value;
  });
  return found;
}

}  // namespace bulkhead::pool
