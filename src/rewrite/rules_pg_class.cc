// pg_class counts the rows of all tenants together. Statements name its columns without these counts; where one reads it as a
// whole (a star, a row), it is read through a subquery that has in their places what PostgreSQL has for a table that was never
// analysed (manual, "pg_class").

#include <algorithm>

#include "rewrite/analysis.h"
#include "rewrite/settings.h"
#include "rewrite/system_relations.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

Analysis::Status Analysis::row_counts(const ParsedStatement& statement) {
  if (!reads_pg_class_) return {};
  const auto& tokens = lexed_.tokens;
  const auto first = std::partition_point(tokens.begin(), tokens.end(),
                                          [&](const Token& token) { return token.begin < statement.offset; });
  for (auto at = first; at != tokens.end() && at->begin < statement.offset + statement.length; ++at) {
    const Token& token = *at;
    // A name with Unicode escapes (U&"…", whatever UESCAPE makes of it) is not decoded here: it may be any.
    const bool escaped = token.kind == TokenKind::quoted_word && lexed_.text[token.begin] != '"';
    std::string name = lexed_.text.substr(token.begin, token.end - token.begin);
    if (token.kind == TokenKind::word) {
      name = fold_setting(name);
    } else if (token.kind == TokenKind::quoted_word && name[0] == '"') {
      name = name.substr(1, name.size() - 2);
    } else if (token.kind != TokenKind::quoted_word) {
      continue;
    }
    if (counts_rows(name) || escaped)
      return refuse(sqlstate::insufficient_privilege,
                    "pg_class." + name + " cannot be read through Bulkhead: it counts the rows of every organisation",
                    "No configuration allows it.", static_cast<int>(token.begin));
  }
  return whole_pg_class_ ? without_row_counts() : Status();
}

Analysis::Status Analysis::without_row_counts() {
  const auto whole_row = [&](int location, const char* hint) {
    return refuse(sqlstate::insufficient_privilege,
                  "pg_class cannot be read as a whole through Bulkhead: it counts the rows of every organisation", hint, location);
  };
  const std::string columns = pg_class_without_counts(subject_.catalogue.server_version_num());
  if (validating() || columns.empty()) return whole_row(*whole_pg_class_, "Name the columns that are needed, without reltuples and relpages.");
  if (bare_pg_class_)
    return whole_row(*bare_pg_class_, "Read as a whole it has no system columns, and its columns go by its alias alone.");
  const auto place = [](Node range_var) { return range_var.get(f::RangeVar::location); };
  std::sort(pg_classes_.begin(), pg_classes_.end(), [&](Node a, Node b) { return place(a) < place(b); });
  const auto same = [&](Node a, Node b) { return place(a) == place(b); };  // what is resolved twice is read once
  pg_classes_.erase(std::unique(pg_classes_.begin(), pg_classes_.end(), same), pg_classes_.end());
  for (const Node range_var : pg_classes_) {
    const Clauses::Relation tokens = tokens_of(range_var);
    if (tokens.name == Clauses::npos || tokens.end > clauses_.size() || tokens.sample_end != tokens.alias_end)
      return whole_row(range_var.get(f::RangeVar::location), "Name the columns that are needed, without reltuples and relpages.");
    const std::uint32_t begin = clauses_[tokens.begin].begin, end = clauses_[tokens.end - 1].end;
    if (tokens.begin > 0 && clauses_.word(tokens.begin - 1, "table")) {  // TABLE t is SELECT * FROM t
      const Token& table = clauses_[tokens.begin - 1];
      edits.replace(table.begin, table.end - table.begin, "SELECT * FROM");
    }
    edits.replace(begin, end - begin, "(SELECT " + columns + " FROM pg_catalog.pg_class)" +
                                          (tokens.alias == Clauses::npos ? " AS \"pg_class\"" : ""));
    notes.push_back("pg_class is read without its counts of rows");
  }
  return {};
}

}  // namespace bulkhead::rewrite
