#include "rewrite/splice.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace bulkhead::rewrite {
namespace {

int characters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out.push_back(quote);
    out.push_back(c);
  }
  out.push_back(quote);
  return out;
}

/// Side by side they would be read as one token.
bool run_together(char left, char right) {
  const auto in_name = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return (in_name(left) && in_name(right)) || (left == right && (left == '"' || left == '\''));
}

}  // namespace

bool EditList::amend(std::uint32_t offset, const std::string& text) {
  const auto is_it = [offset](const Edit& edit) { return edit.offset == offset && edit.length > 0; };
  const auto at = std::find_if(edits_.begin(), edits_.end(), is_it);
  if (at == edits_.end()) return false;
  at->text = text;
  return true;
}

std::vector<Edit> EditList::take(std::string_view text) {
  std::vector<Edit> sorted = std::move(edits_);
  edits_.clear();
  // An insertion before a replacement of the same offset; otherwise the order of asking.
  std::stable_sort(sorted.begin(), sorted.end(), [](const Edit& a, const Edit& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.length == 0 && b.length != 0;
  });
  std::vector<Edit> out;
  for (Edit& edit : sorted) {
    if (!out.empty() && edit.offset < out.back().offset + out.back().length)
      throw std::logic_error("overlapping edits");
    if (!out.empty() && edit.length == 0 && out.back().length == 0 && out.back().offset == edit.offset)
      out.back().text += edit.text;
    else
      out.push_back(std::move(edit));
  }
  // `FROM"t"ORDER`: what stands around an edit need not have blanks.
  char left = ' ';
  std::size_t at = 0;
  for (Edit& edit : out) {
    if (edit.offset > at) left = text[edit.offset - 1];
    if (!edit.text.empty() && run_together(left, edit.text.front())) edit.text.insert(0, 1, ' ');
    if (!edit.text.empty()) left = edit.text.back();
    at = edit.offset + edit.length;
    if (at < text.size() && run_together(left, text[at])) left = edit.text.append(1, ' ').back();
  }
  return out;
}

std::string splice(std::string_view text, const std::vector<Edit>& edits) {
  std::string out;
  std::size_t size = text.size(), at = 0;
  for (const Edit& edit : edits) size += edit.text.size();
  out.reserve(size);
  for (const Edit& edit : edits) {
    out.append(text.substr(at, edit.offset - at)).append(edit.text);
    at = edit.offset + edit.length;
  }
  return out.append(text.substr(at));
}

std::string quote_name(std::string_view name) { return doubled(name, '"'); }
std::string quote_literal(std::string_view value) { return doubled(value, '\''); }

PositionMap::PositionMap(std::string_view original, const std::vector<Edit>& edits)
    : client_characters_(characters(original)) {
  std::size_t at = 0;
  int client = 0, rewritten = 0;
  for (const Edit& edit : edits) {
    const int kept = characters(original.substr(at, edit.offset - at));
    const Step step{rewritten + kept, characters(edit.text), client + kept,
                    characters(original.substr(edit.offset, edit.length))};
    steps_.push_back(step);
    rewritten = step.rewritten_begin + step.rewritten_length;
    client = step.client_begin + step.client_length;
    at = edit.offset + edit.length;
  }
}

int PositionMap::to_client(int position_in_rewritten) const {
  // The position is the server's word, any number: 64 bits hold every sum of it with one of ours.
  const std::int64_t place = std::int64_t{position_in_rewritten} - 1;
  if (steps_.empty()) return position_in_rewritten;
  const auto next = std::partition_point(steps_.begin(), steps_.end(),
                                         [&](const Step& step) { return step.rewritten_begin <= place; });
  std::int64_t shift = 0;  // of what follows the last step before it
  if (next != steps_.begin()) {
    const Step& step = *std::prev(next);
    if (place < step.rewritten_begin + step.rewritten_length) return std::min(step.client_begin, client_characters_) + 1;
    shift = step.client_begin + step.client_length - step.rewritten_begin - step.rewritten_length;
  }
  return static_cast<int>(std::clamp<std::int64_t>(place + shift, 0, client_characters_)) + 1;
}

}  // namespace bulkhead::rewrite
