#pragma once

// The one door to libpg_query and the PostgreSQL headers.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rewrite/ast.h"

namespace bulkhead::rewrite {

/// One statement of a parsed text. `offset` and `length` are bytes of that text; blanks and comments after the previous
/// semicolon belong to it, its own semicolon does not.
struct ParsedStatement {
  ast::Node node;  ///< the statement itself: SelectStmt, InsertStmt, …
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

/// The raw parse tree of a text and the memory it lies in. Movable, not copyable; to be used and destroyed on the thread
/// that made it. Several may be alive, and die in any order.
class ParseTree {
 public:
  ParseTree(ParseTree&& other) noexcept;
  ParseTree& operator=(ParseTree&& other) noexcept;
  ~ParseTree();

  /// In the order of the text; empty for a text of blanks and semicolons.
  const std::vector<ParsedStatement>& statements() const { return statements_; }

 private:
  friend Result<ParseTree> parse(std::string_view sql, int max_depth);
  explicit ParseTree(void* context) : context_(context) {}
  void* context_ = nullptr;
  std::vector<ParsedStatement> statements_;
};

/// Parses as PostgreSQL 15 with standard_conforming_strings on. The error is PostgreSQL's own (42601) with its position
/// in characters; statement_too_complex for a tree deeper than `max_depth`, feature_not_supported for a kind of node ast.h
/// does not know. A text with a NUL byte is refused; UTF-8 and size are the lexer's to check before.
Result<ParseTree> parse(std::string_view sql, int max_depth = ast::kMaxDepth);

}  // namespace bulkhead::rewrite
