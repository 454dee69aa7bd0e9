// PositionMap against its definition, counted out character by character: the text and what edits make of it.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.h"
#include "rewrite/lexer.h"
#include "rewrite/splice.h"

using namespace bulkhead::rewrite;

namespace {

bool begins_character(std::string_view text, std::size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
}

/// Pairs of bytes (gap, length) up to a NUL are edits; behind it the text.
std::vector<Edit> edits_of(std::string_view program, std::string_view text) {
  std::vector<Edit> edits;
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < program.size(); i += 2) {
    at += static_cast<unsigned char>(program[i]) + 1u;
    std::size_t length = static_cast<unsigned char>(program[i + 1]) % 8u;
    while (at < text.size() && !begins_character(text, at)) ++at;
    while (at + length < text.size() && !begins_character(text, at + length)) ++length;
    if (at + length > text.size()) break;
    edits.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(length), i % 4 == 0 ? "é+" : "x"});
    at += length;
  }
  return edits;
}

}  // namespace

FUZZ(bytes) {
  const auto split = bytes.find('\0');
  if (split == std::string_view::npos) return;
  const auto text = bytes.substr(split + 1);
  if (text.size() > 4096 || invalid_utf8(text) != std::string_view::npos) return;
  const auto edits = edits_of(bytes.substr(0, split), text);
  const std::string rewritten = splice(text, edits);
  const PositionMap map(text, edits);
  must(map.identity() == edits.empty(), "identity is the lack of edits");

  // Every byte that was not edited maps to itself; every other place to one inside the text.
  std::size_t from = 0, to = 0;
  for (const auto& edit : edits) {
    for (; from < edit.offset; ++from, ++to)
      if (begins_character(text, from))
        must(map.to_client(character_position(rewritten, to)) == character_position(text, from),
             "unedited text stays");
    to += edit.text.size();
    from += edit.length;
  }
  for (; from < text.size(); ++from, ++to)
    if (begins_character(text, from))
      must(map.to_client(character_position(rewritten, to)) == character_position(text, from), "so does the rest");
  const int most = character_position(text, text.size());
  for (std::size_t at = 0; at <= rewritten.size(); ++at)
    if (begins_character(rewritten, at)) {
      const int position = map.to_client(character_position(rewritten, at));
      must(position >= 1 && position <= most, "a place of the client's text");
    }
  if (map.identity()) return;  // it does not know where the text ends
  for (const int wild : {-2147483647, -1, 0, most + 1000, 2147483647}) {
    const int position = map.to_client(wild);
    must(position >= 0 && position <= most, "wild positions stay inside");
  }
}
