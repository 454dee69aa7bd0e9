#include "rewrite/verify_explain.h"

#include <string>

#include "rewrite/verify_forms.h"
#include "rewrite/verify_names.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

bool is_on(Node option) {
  const Node value = option.get(f::DefElem::arg);
  if (value.is(Kind::Integer)) return value.get(f::Integer::ival) != 0;
  const std::string_view word = value.is(Kind::String) ? value.get(f::String::sval) : std::string_view("on");
  return word != "off" && word != "OFF" && word != "Off" && word != "false" && word != "FALSE" && word != "False";
}

/// What an option is set to last: VERBOSE as it is sent, and the format.
struct Shown {
  bool costs = true, verbose = false, more = false;
  std::string format = "text";
  explicit Shown(ListView options) {
    for (const Node option : options) {
      const std::string_view name = option.get(f::DefElem::defname);
      if (name == "format")
        format = ast::string_of(option.get(f::DefElem::arg));
      else if (name == "verbose")
        verbose = is_on(option);
      else if (name == "costs")
        costs = is_on(option);
      else
        more = true;
    }
  }
};

bool has_salted_call(Node node) {
  if (node.is(Kind::FuncCall) && !naming_function(node).empty()) return true;
  if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return false;  // the source is shared
  bool found = false;
  ast::for_each_child(node, [&found](Node child) { found = found || has_salted_call(child); });
  return found;
}

}  // namespace

Result<void> unwrap_explain(Node& old_statement, Node& new_statement, const Subject& subject) {
  if (!new_statement.is(Kind::ExplainStmt)) return {};
  if (!old_statement.is(Kind::ExplainStmt)) return refused("a plan instead of a statement");
  if (subject.policy.tenancy.explain != policy::Explain::shape) return refused("EXPLAIN");
  const Shown before(old_statement.get(f::ExplainStmt::options)), after(new_statement.get(f::ExplainStmt::options));
  if (after.costs || after.more) return refused("EXPLAIN that shows more than the shape");
  if (after.verbose != before.verbose || after.format != before.format) return refused("EXPLAIN in another form");
  old_statement = old_statement.get(f::ExplainStmt::query);
  new_statement = new_statement.get(f::ExplainStmt::query);
  if (!new_statement.is(Kind::SelectStmt) && !new_statement.is(Kind::InsertStmt) && !new_statement.is(Kind::UpdateStmt) &&
      !new_statement.is(Kind::DeleteStmt) && !new_statement.is(Kind::MergeStmt))
    return refused("EXPLAIN of something else than a query");
  return has_salted_call(new_statement) ? refused("EXPLAIN would show a salt") : Result<void>();
}

}  // namespace bulkhead::rewrite::verifier
