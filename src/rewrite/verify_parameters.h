#pragma once

// For the verifier alone: the parameters that feed tenant columns.

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite::verifier {

/// Holds the guards of a text against the places where the proof has to rely on them. One text's; refers to the guards.
class Bound {
 public:
  Bound(const std::vector<ParameterGuard>& guards, const policy::Tenant& tenant);

  /// `value` is a parameter, or one cast to a type of the column's family, and a guard demands the session's own
  /// organisation of it in that type.
  bool accepts(ast::Node value, const policy::Column& column);

  /// After the last statement: no guard without a place, two of a kind or with another organisation, and no parameter
  /// that is said to stand in such places only stands in another.
  Result<void> settle(const std::vector<ast::Node>& statements) const;

 private:
  struct Entry {
    const ParameterGuard* guard;
    bool used = false;
  };
  using Key = std::pair<int, std::string_view>;

  Result<void> look_for_others(ast::Node node) const;

  std::map<Key, Entry> guards_;
  std::map<const void*, const ParameterGuard*> places_;  ///< by Node::id() of the ParamRef
  std::map<int, const ParameterGuard*> sole_;
  bool doubtful_ = false;
};

}  // namespace bulkhead::rewrite::verifier
