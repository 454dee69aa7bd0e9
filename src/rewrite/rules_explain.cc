// EXPLAIN, where tenancy.explain lets it: the statement below is judged and confined like any other, and of its plan no more is
// shown than the shape, for costs, counts and times are those of every organisation's rows.

#include <algorithm>
#include <iterator>

#include "rewrite/analysis.h"
#include "rewrite/settings.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// As defGetBoolean (define.c) reads it; nothing for what it does not read.
std::optional<bool> flag_of(Node option) {
  const Node value = option.get(f::DefElem::arg);
  if (!value) return true;
  std::string word;
  if (value.is(Kind::Integer)) word = std::to_string(value.get(f::Integer::ival));
  if (value.is(Kind::String)) word = fold_setting(value.get(f::String::sval));
  if (word == "true" || word == "on" || word == "1") return true;
  if (word == "false" || word == "off" || word == "0") return false;
  return std::nullopt;
}

/// Those that a shape does not have, whatever they are set to: each of them is off unless it is asked for.
bool is_left_out(std::string_view option) {
  constexpr std::string_view kLeftOut[] = {"analyze", "buffers", "settings", "summary", "timing", "wal"};
  return std::find(std::begin(kLeftOut), std::end(kLeftOut), option) != std::end(kLeftOut);
}

struct Asked {
  bool verbose = false, analyze = false;
  bool shape_alone = true;  ///< nothing but what may be asked of a shape
  bool costs = true;
  std::string format;
};

}  // namespace

Analysis::Status Analysis::explain(Node statement) {
  if (subject_.policy.tenancy.explain == policy::Explain::refuse)
    return refuse(sqlstate::insufficient_privilege,
                  "EXPLAIN is not allowed through Bulkhead: plans tell of the rows of every organisation",
                  "tenancy: { explain: shape } would allow it, without costs and counts.", -1);
  if (subject_.role && !subject_.role->allow.contains(policy::Action::explain))
    return refuse(sqlstate::insufficient_privilege, "permission denied for EXPLAIN",
                  "roles: { " + subject_.role->name + ": { allow: […, explain] } } would allow it.", -1);
  Asked asked;
  const auto options = statement.get(f::ExplainStmt::options);
  for (const Node option : options) {
    const auto name = option.get(f::DefElem::defname);
    const int location = option.get(f::DefElem::location);
    if (name == "format") {
      const Node value = option.get(f::DefElem::arg);
      asked.format = value.is(Kind::String) ? std::string(value.get(f::String::sval)) : std::string();
      if (asked.format != "text" && asked.format != "xml" && asked.format != "json" && asked.format != "yaml")
        return refuse(sqlstate::invalid_parameter_value, "unrecognized value for EXPLAIN option \"format\": \"" + asked.format + "\"",
                      {}, location);
      continue;
    }
    const auto flag = flag_of(option);
    if (!flag)
      return refuse(sqlstate::syntax_error, std::string(name) + " requires a Boolean value", {}, location);
    if (name == "verbose") {
      asked.verbose = *flag;
    } else if (name == "costs") {
      asked.costs = *flag;
    } else if (is_left_out(name)) {
      asked.shape_alone = false;
      if (name == "analyze") asked.analyze = *flag;
    } else {
      return refuse(sqlstate::feature_not_supported,
                    "EXPLAIN option \"" + std::string(name) + "\" is not supported through Bulkhead", "Leave it out.", location);
    }
  }
  if (asked.analyze)
    return refuse(sqlstate::insufficient_privilege,
                  "EXPLAIN ANALYZE is not allowed through Bulkhead: it counts rows of every organisation",
                  "Leave ANALYZE out; no configuration allows it.", -1);
  const Node query = statement.get(f::ExplainStmt::query);
  if (!query.is(Kind::SelectStmt) && !query.is(Kind::InsertStmt) && !query.is(Kind::UpdateStmt) &&
      !query.is(Kind::DeleteStmt) && !query.is(Kind::MergeStmt))
    return refuse(sqlstate::feature_not_supported, "EXPLAIN of this statement is not supported through Bulkhead",
                  "SELECT, INSERT, UPDATE, DELETE and MERGE can be explained.", -1);

  if (asked.costs || !asked.shape_alone) {
    const std::size_t word = first_token();
    std::size_t end = word + 1;  // behind the options
    if (!options.empty() && clauses_.symbol(end, "(")) {
      end = clauses_.closing(end);
      if (end == Clauses::npos) return no_place(query);
      ++end;
    } else {
      while (!options.empty() && (clauses_.key_word(end, "verbose") || clauses_.key_word(end, "analyze") ||
                                  clauses_.key_word(end, "analyse")))
        ++end;
    }
    const std::string shape = std::string(" (COSTS OFF") + (asked.verbose ? ", VERBOSE" : "") +
                              (asked.format.empty() ? "" : ", FORMAT " + asked.format) + ")";
    const std::uint32_t begin = clauses_[word].end;
    if (end == word + 1)
      edits.insert(begin, shape);
    else
      edits.replace(begin, clauses_[end - 1].end - begin, shape);
    notes.push_back("EXPLAIN shows the plan without costs, counts and times");
  }
  explains_ = true;
  const Level outside(nullptr);
  BULKHEAD_CHECK(this->query(query, &outside));
  if (!effects_->stands_on.empty())
    return refuse(sqlstate::feature_not_supported, "EXPLAIN of WHERE CURRENT OF is not supported through Bulkhead",
                  "Name the row by its key.", -1);
  *effects_ = {};  // nothing of it has run
  return {};
}

}  // namespace bulkhead::rewrite
