#pragma once

// What is in sight at one place of a statement, as the verifier sees it: CTEs, names of FROM's members, locks. The views they
// hold are of the tree; none outlives it.

#include <initializer_list>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "rewrite/ast.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {

/// The CTEs of each name that are in sight, the innermost last; null: one of WITH RECURSIVE.
using Ctes = std::unordered_map<std::string_view, std::vector<ast::Node>>;

/// The CTEs of one query level: in sight as long as it lives, on the stack of the walk.
class Scope {
 public:
  explicit Scope(Ctes& in_sight) : in_sight_(in_sight) {}
  ~Scope() {
    for (const auto name : own_) in_sight_[name].pop_back();
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  void add(std::string_view name, ast::Node cte) {
    own_.push_back(name);
    in_sight_[name].push_back(cte);
  }

 private:
  Ctes& in_sight_;
  std::vector<std::string_view> own_;
};

/// FOR UPDATE and the like: the members of FROM they reach are the tenant's own rows, whatever else may be read.
struct Locks {
  Locks(ast::ListView clauses, bool from_outside) : all(from_outside) {
    for (const ast::Node clause : clauses) {
      const ast::ListView relations = clause.get(ast::f::LockingClause::lockedRels);
      all = all || relations.empty();
      for (const ast::Node relation : relations) named.insert(relation.get(ast::f::RangeVar::relname));
    }
  }
  bool reach(std::string_view name) const { return all || named.contains(name); }
  bool all;
  std::unordered_set<std::string_view> named;
};

/// The names that members of one FROM, or of one join with an alias, go by.
struct Namespace {
  /// A predicate says "name".column: it must mean this member and no other.
  Result<void> check() const {
    for (const std::string_view name : due)
      if (all.at(name) != 1) return refused("several members of FROM are called " + std::string(name));
    return {};
  }
  void add(std::string_view name) { ++all[name]; }
  std::unordered_map<std::string_view, std::size_t> all;
  std::vector<std::string_view> due;  ///< of protected relations: among `all`
  const Locks* locks = nullptr;       ///< of a SELECT
};

/// Nodes, found by where they are.
class NodeSet {
 public:
  NodeSet(std::initializer_list<ast::Node> nodes) {
    for (const ast::Node node : nodes) add(node);
  }
  void add(ast::Node node) { ids_.insert(node.id()); }
  bool contains(ast::Node node) const { return ids_.contains(node.id()); }

 private:
  std::unordered_set<const void*> ids_;
};

}  // namespace bulkhead::rewrite::verifier
