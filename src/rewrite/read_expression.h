#pragma once

// What a table's line says of the rows that may be read of it: tables: { T: { read: "org_id = :org OR scope = 'system'" } }.
//
// A language of its own, small enough that none of its sentences can fail or tell anything: columns of the one relation,
// constants, :org and now(); = <> < <= > >=, IN, IS [NOT] NULL, IS [NOT] TRUE, FALSE and UNKNOWN; AND, OR, NOT. It is evaluated
// on foreign rows before the client's own condition, so arithmetic, casts and other functions, which can raise errors of
// what they see, are no part of it. Nor can a client's settings move what it lets through: that depends on the columns' types
// (fault_for). What it lets through holds the organisation's own rows, whatever else.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/catalogue.h"

namespace bulkhead::rewrite {

/// Bytes of such an expression: each reference to the table repeats it.
inline constexpr std::size_t kMaxReadExpression = 1000;
/// Parentheses and operators in it, one inside the other.
inline constexpr int kMaxReadNesting = 20;

class ReadExpression {
 public:
  /// The error says what was found and expected, with its place in characters of `text` from 1.
  static Result<ReadExpression> parse(std::string_view text, std::string_view tenant_column);

  /// The columns it names, each once.
  const std::vector<std::string>& columns() const { return columns_; }

  /// What is wrong with it for this relation; empty: nothing. It names columns that are not there, or would mean something else
  /// under other settings of the client's (timezone, datestyle, …).
  std::string fault_for(const policy::Relation& relation) const;

  /// One condition in parentheses on the relation that goes by `alias`; `organisation` is the tenant's constant. Every name in
  /// it is written such that no search path can give it another meaning.
  std::string condition(std::string_view alias, std::string_view organisation) const;

 private:
  friend class ReadPrinter;
  struct Part {
    enum class Kind { text, column, organisation } kind = Kind::text;
    std::string text;  ///< or the column's name
  };
  std::vector<Part> parts_;
  std::vector<std::string> columns_;
  /// Of a column with another one, with a string or with now().
  struct Comparison {
    enum class With { column, string, now } with = With::column;
    std::string column, other;
  };
  std::vector<Comparison> comparisons_;
};

}  // namespace bulkhead::rewrite
