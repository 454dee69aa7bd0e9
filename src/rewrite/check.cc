#include "rewrite/check.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "rewrite/lineage.h"
#include "rewrite/read_expression.h"

namespace bulkhead::rewrite {
namespace {

/// What is wrong with the line; empty: nothing.
std::string fault_of(const policy::QualifiedName& name, const policy::TableRule& rule, const policy::Tenancy& tenancy,
                     const policy::Catalogue* catalogue) {
  const auto expression = ReadExpression::parse(rule.read, rule.column.empty() ? tenancy.column : rule.column);
  if (!expression) {
    const Error& error = expression.error();
    return error.message + (error.position > 0 ? ", at character " + std::to_string(error.position) + " of it" : "");
  }
  if (!catalogue) return {};
  const policy::Relation* relation = catalogue->find(name.schema, name.name);
  if (!relation) return "the database has no such table";
  return expression->fault_for(*relation);
}

/// A relation whose rows lines give to different organisations, or to one and to everybody, is refused whatever a statement does.
void contradictions(const policy::Policy& policy, const policy::Catalogue& catalogue, std::vector<policy::Finding>& findings) {
  Lineage lineage(policy, catalogue);
  for (const auto& [name, relation] : catalogue.relations())
    if (const auto found = lineage.contradiction(relation))
      findings.push_back({found->rule ? found->rule->line : 1, 1, "tables: " + found->message});
}

}  // namespace

bool has_sql(const policy::Policy& policy) {
  return std::any_of(policy.tables.begin(), policy.tables.end(), [](const auto& table) { return !table.second.read.empty(); });
}

std::vector<policy::Finding> check_policy(const policy::Policy& policy, const policy::Catalogue* catalogue) {
  std::vector<policy::Finding> findings;
  if (catalogue) contradictions(policy, *catalogue, findings);
  for (const auto& [name, rule] : policy.tables) {
    if (rule.read.empty()) continue;
    if (const auto fault = fault_of(name, rule, policy.tenancy, catalogue); !fault.empty())
      findings.push_back({rule.read_line, rule.read_column, "tables.\"" + name.text() + "\".read: " + fault});
  }
  std::sort(findings.begin(), findings.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return findings;
}

}  // namespace bulkhead::rewrite
