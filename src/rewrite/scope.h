#pragma once

// What names mean where the walk is: the CTEs and the members of FROM in sight.

#include <memory>
#include <string_view>
#include <unordered_set>
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
  ast::Node subquery;         ///< of a subquery in FROM
  bool any_name = false;      ///< the server names it after its expression: it may go by any name

  bool is_pg_class() const { return relation.system_name == "pg_class"; }
};

/// One query level. Lives on the stack of the walk, inside `outer`: what it is told is in sight until it goes, for the levels
/// inside of it, too. Ask the innermost one.
///
/// A text may have any number of names and of references to them, so no question takes longer the more there is in sight:
/// all levels share one table of what each name means, and remember what was proved of it.
class Level {
 public:
  explicit Level(const Level* outer);
  ~Level();
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  /// WITH makes `name` known to what follows (and, RECURSIVE, to every member of the clause).
  /// `cte`: what it stands for; null where that is not to be looked at.
  void add_cte(std::string_view name, ast::Node cte);
  bool has_cte(std::string_view name) const;
  /// The member of WITH that the name means; null if it means none, or one that is not to be looked at.
  ast::Node cte(std::string_view name) const;

  /// Sources of one level are all added before anything below it asks for them.
  void add(Source source);
  /// Sources of this level so far.
  std::size_t size() const { return added_.size(); }
  /// Of the source added first; empty if there is none.
  std::string_view first_alias() const { return first_alias_; }
  /// pg_class is among the sources of this level, from the one added as number `first` on.
  bool has_pg_class(std::size_t first = 0) const { return behind_pg_class_ > first; }

  // Which source of a name the server means depends on LATERAL, join aliases and the order of FROM: what holds of every
  // source in sight that goes by it holds of the one.

  /// One of them may be pg_class.
  bool may_be_pg_class(std::string_view alias) const;
  /// Each of them has that column, and there is one. Proved by what the statement and the catalogue say of it.
  bool surely_has_column(std::string_view alias, std::string_view column) const;
  /// Every source in sight is a relation that has no such column.
  bool surely_no_column(std::string_view column) const;

  // What the role may name of the relations whose columns it is limited to.

  /// Any of the sources in sight is limited.
  bool any_limited() const;
  /// One of this level's is, from the one added as number `first` on.
  bool has_limited(std::size_t first = 0) const { return behind_limited_ > first; }
  /// The columns that may be named behind this alias, whichever source of that name is meant; null: all of them.
  const ColumnLimit* limit_of(std::string_view alias) const;
  /// A column by that name alone may be one of a limited relation that is not to be named.
  bool hides(std::string_view column) const;

  /// FOR UPDATE and the like, of this level and, if `from_outside`, of a level around it that reaches all of this one.
  void lock(ast::ListView clauses, bool from_outside);
  /// They reach the member of FROM of this name.
  bool locks(std::string_view alias) const { return locks_all_ || locked_.contains(alias); }

 private:
  struct Sight;

  std::unique_ptr<Sight> own_sight_;  ///< the outermost level's
  Sight* sight_;
  std::vector<std::string_view> ctes_;
  std::vector<std::string_view> added_;  ///< aliases of the sources
  std::string_view first_alias_;
  std::size_t behind_pg_class_ = 0, behind_limited_ = 0;
  bool locks_all_ = false;
  std::unordered_set<std::string_view> locked_;
};

/// The relations of a FROM by the name they go by, without those that a join may make null or whose columns are renamed.
class Preserved {
 public:
  explicit Preserved(ast::ListView from);
  /// Of the one member of FROM.
  explicit Preserved(ast::Node item);
  /// The first of that name; of an empty one the only member of FROM. Null if there is none.
  ast::Node find(std::string_view name) const;

 private:
  void add(ast::Node item);

  std::unordered_map<std::string_view, ast::Node> by_name_;
  ast::Node only_;
};

/// Columns of every table, though no catalogue lists them.
bool is_system_column(std::string_view name);

/// The strings of a list of String nodes; other members (A_Star) give an empty view.
std::vector<std::string_view> strings(ast::ListView list);

/// True of the digits of a number literal that a text column would hold as they are written: 12345678901, but neither 1e3, which
/// is stored as 1000, nor 007.
bool keeps_its_spelling(std::string_view number);

}  // namespace bulkhead::rewrite
