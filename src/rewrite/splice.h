#pragma once

// Edits to a text, collected out of order, and the text they make.

#include <string>
#include <string_view>
#include <vector>

#include "rewrite/verdict.h"

namespace bulkhead::rewrite {

/// Collects edits of one text. Of several insertions at one place the one asked for first comes first.
class EditList {
 public:
  void insert(std::uint32_t offset, std::string text) { edits_.push_back({offset, 0, std::move(text)}); }
  void replace(std::uint32_t offset, std::uint32_t length, std::string text) {
    edits_.push_back({offset, length, std::move(text)});
  }
  /// Gives the replacement at `offset` another text; false if there is none.
  bool amend(std::uint32_t offset, const std::string& text);
  bool empty() const { return edits_.empty(); }
  /// In ascending order, insertions at one place merged into one. Insertions at the begin or end of a replacement stay
  /// outside it. Blanks keep them apart from the names and quotes of `text` beside them. Overlapping replacements are a broken
  /// invariant (std::logic_error).
  std::vector<Edit> take(std::string_view text);

 private:
  std::vector<Edit> edits_;
};

/// `edits` as EditList::take() gives them, inside the text.
std::string splice(std::string_view text, const std::vector<Edit>& edits);

/// A name as SQL always reads it: "quoted".
std::string quote_name(std::string_view name);

/// '…' with quotes doubled. Backslashes stay: standard_conforming_strings is on.
std::string quote_literal(std::string_view value);

}  // namespace bulkhead::rewrite
