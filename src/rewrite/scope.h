#pragma once

// What names mean at one query level: the CTEs in sight and the members of FROM.

#include <string>
#include <string_view>
#include <vector>

#include "rewrite/ast.h"
#include "rewrite/relations.h"

namespace bulkhead::rewrite {

/// A member of FROM, or the target of a DML statement, under the name its columns go by.
struct Source {
  std::string_view alias;
  ResolvedRelation relation;  ///< only if `is_relation`
  bool is_relation = false;   ///< a relation of the database, not a subquery, CTE or function
  bool column_list = false;   ///< its alias renames columns
  bool preserved = true;      ///< not on the nullable side of an outer join of its level
  ast::Node subquery;         ///< of a subquery in FROM
  bool any_name = false;      ///< the server names it after its expression: it may go by any name
};

/// One query level. Lives on the stack of the walk; `outer` outlives it.
class Level {
 public:
  explicit Level(const Level* outer) : outer_(outer) {}

  /// WITH makes `name` known to what follows (and, RECURSIVE, to every member of the clause).
  void add_cte(std::string_view name) { ctes_.push_back(name); }
  bool has_cte(std::string_view name) const;

  void add(Source source) { sources_.push_back(std::move(source)); }
  /// Sources [first, last) are on the nullable side of an outer join.
  void make_nullable(std::size_t first, std::size_t last);
  const std::vector<Source>& sources() const { return sources_; }
  /// Every source that goes by this name, from the innermost level outwards. Which of them the server means depends on
  /// LATERAL, join aliases and the order of FROM: what holds of all of them holds of it.
  std::vector<const Source*> find(std::string_view alias) const;

  /// Every source of this level and those around it.
  std::vector<const Source*> all() const;

  /// FOR UPDATE and the like reach the member of FROM of this name.
  bool locks(std::string_view alias) const;
  ast::ListView locking;
  bool locked_from_outside = false;

 private:
  const Level* outer_;
  std::vector<std::string_view> ctes_;
  std::vector<Source> sources_;
};

/// The strings of a list of String nodes; other members (A_Star) give an empty view.
std::vector<std::string_view> strings(ast::ListView list);

/// The name a target of a SELECT list or of RETURNING goes by, as far as it is written there; empty otherwise.
std::string_view output_name(ast::Node target);

}  // namespace bulkhead::rewrite
