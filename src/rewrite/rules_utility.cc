// Statements that touch no relation: settings, transaction control; and the refusal of all others.

#include "rewrite/analysis.h"

#include <algorithm>

#include "rewrite/settings.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// A value of SET as text; nothing if it is no plain value.
std::optional<std::string> setting_value(Node value) {
  if (!value.is(Kind::A_Const)) return std::nullopt;
  const Node constant = value.get(f::A_Const::val);
  if (constant.is(Kind::String)) return std::string(constant.get(f::String::sval));
  if (constant.is(Kind::Integer)) return std::to_string(constant.get(f::Integer::ival));
  if (constant.is(Kind::Float)) return std::string(constant.get(f::Float::fval));
  if (constant.is(Kind::Boolean)) return constant.get(f::Boolean::boolval) ? "on" : "off";
  return std::nullopt;
}

/// [+-]H:MM or [+-]HH:MM
bool is_hours_and_minutes(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const auto colon = text.find(':');
  const auto digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  return (colon == 1 || colon == 2) && text.size() == colon + 3 && digits(text.substr(0, colon)) && digits(text.substr(colon + 1));
}

/// INTERVAL '+05:30' [HOUR TO MINUTE] as the value of timezone, in the words in which check_timezone (variable.c) takes it from a string, so
/// that it can be given to another connection.
std::optional<std::string> zone_interval(Node value) {
  if (!value.is(Kind::TypeCast)) return std::nullopt;
  const Node type = value.get(f::TypeCast::typeName), constant = value.get(f::TypeCast::arg);
  const ast::ListView typmods = type.get(f::TypeName::typmods);
  constexpr int kHourToMinute = 1 << 10 | 1 << 11;  // INTERVAL_MASK of HOUR and MINUTE (utils/timestamp.h, utils/datetime.h)
  const bool plain = typmods.empty() || (typmods.size() == 1 && setting_value(typmods.front()) == std::to_string(kHourToMinute));
  if (ast::string_of(type.get(f::TypeName::names).back()) != "interval" || !plain || !constant.is(Kind::A_Const)) return std::nullopt;
  const auto text = setting_value(constant).value_or("");
  return is_hours_and_minutes(text) ? std::optional("INTERVAL '" + text + "'") : std::nullopt;
}

/// Why a kind of statement is refused, where there is more to say than that it is.
struct Refusal {
  Kind kind;
  const char* why;
};
constexpr Refusal kLater[] = {
    {Kind::LockStmt, "it would lock out every organisation"},
    {Kind::CallStmt, "procedures run code that Bulkhead does not see"},
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  return out;
}

}  // namespace

Analysis::Status Analysis::judge(const ParsedStatement& statement, std::vector<Statement>& judged) {
  Statement out;
  out.kind = statement.node.kind_name();
  reads_pg_class_ = false;
  pg_classes_.clear();
  whole_pg_class_ = bare_pg_class_ = std::nullopt;
  own_rows_ = true;
  copies_ = explains_ = false;
  limit_ = Clauses::npos;
  if (!cte_names_.empty()) cte_names_.clear();  // takes as long as there ever were names
  cte_depths_.clear();
  cte_depth_ = 0;
  effects_ = &out.effects;
  begin_ = statement.offset;
  const Node node = statement.node;
  if (node.is(Kind::SelectStmt) || node.is(Kind::InsertStmt) || node.is(Kind::UpdateStmt) || node.is(Kind::DeleteStmt) ||
      node.is(Kind::MergeStmt)) {
    into_ = Node();
    if (node.is(Kind::SelectStmt)) BULKHEAD_CHECK(select_into(node));
    BULKHEAD_CHECK(query(node, nullptr));
    BULKHEAD_CHECK(row_counts(statement));
    // A portal of the protocol's is a cursor, too; a simple query leaves none behind.
    out.effects.own_rows = node.is(Kind::SelectStmt) && own_rows_ && protocol_ == Protocol::extended && !into_;
  } else if (node.is(Kind::DeclareCursorStmt)) {
    BULKHEAD_CHECK(declare_cursor(node));
    BULKHEAD_CHECK(row_counts(statement));
  } else if (node.is(Kind::TruncateStmt)) {
    BULKHEAD_CHECK(truncate(node));
  } else if (node.is(Kind::CopyStmt)) {
    const std::size_t first = judged.size();
    BULKHEAD_CHECK(copy(node, judged));
    for (std::size_t i = first; i < judged.size(); ++i)
      if (judged[i].copy != CopyDirection::none) judged[i].effects = out.effects;  // of its query
    return row_counts(statement);
  } else if (node.is(Kind::ExplainStmt)) {
    BULKHEAD_CHECK(explain(node));
    BULKHEAD_CHECK(row_counts(statement));
  } else if (node.is(Kind::PrepareStmt)) {
    BULKHEAD_CHECK(prepare(node, out));
    BULKHEAD_CHECK(row_counts(statement));
  } else if (node.is(Kind::ExecuteStmt)) {
    BULKHEAD_CHECK(execute(node, out));
  } else {
    BULKHEAD_TRY(const bool of_temporary, temporary(node));
    if (of_temporary) {
      BULKHEAD_CHECK(row_counts(statement));
    } else {
      BULKHEAD_TRY(out.effects, utility(node));
    }
  }
  judged.push_back(std::move(out));
  return {};
}

Result<Effects> Analysis::utility(Node statement) {
  Effects effects;
  if (statement.is(Kind::TransactionStmt)) return transaction(statement);
  if (statement.is(Kind::VariableSetStmt)) return set_variable(statement);
  if (statement.is(Kind::ListenStmt) || statement.is(Kind::UnlistenStmt) || statement.is(Kind::NotifyStmt))
    return channel(statement);
  if (statement.is(Kind::VariableShowStmt) || statement.is(Kind::FetchStmt) || statement.is(Kind::ConstraintsSetStmt))
    return effects;
  if (statement.is(Kind::ClosePortalStmt)) {
    const auto name = statement.get(f::ClosePortalStmt::portalname);
    effects.loosens = true;
    effects.cursor = name.data() ? CursorChange{CursorChange::What::closes, std::string(name)}
                                 : CursorChange{CursorChange::What::closes_all, {}};
    return effects;
  }
  if (statement.is(Kind::DiscardStmt)) {
    const auto target = statement.get(f::DiscardStmt::target);
    effects.discard_all = target == ast::DiscardMode::DISCARD_ALL;
    effects.loosens = target == ast::DiscardMode::DISCARD_TEMP;
    return effects;
  }
  if (statement.is(Kind::DeallocateStmt)) {
    const auto name = statement.get(f::DeallocateStmt::name);
    if (name.data())
      effects.deallocate = std::string(name);
    else
      effects.deallocate_all = true;
    return effects;
  }
  return refused_statement(statement);
}

Result<Effects> Analysis::transaction(Node statement) {
  Effects effects;
  std::string savepoint(statement.get(f::TransactionStmt::savepoint_name));
  switch (statement.get(f::TransactionStmt::kind)) {
    case ast::TransactionStmtKind::TRANS_STMT_BEGIN:
    case ast::TransactionStmtKind::TRANS_STMT_START:
      effects.begins_transaction = true;
      return effects;
    case ast::TransactionStmtKind::TRANS_STMT_COMMIT:
    case ast::TransactionStmtKind::TRANS_STMT_ROLLBACK:
      effects.cursor = CursorChange{CursorChange::What::ends, {}};
      return effects;
    case ast::TransactionStmtKind::TRANS_STMT_SAVEPOINT:
      effects.cursor = CursorChange{CursorChange::What::savepoint, std::move(savepoint)};
      return effects;
    case ast::TransactionStmtKind::TRANS_STMT_RELEASE:
      effects.cursor = CursorChange{CursorChange::What::releases, std::move(savepoint)};
      return effects;
    case ast::TransactionStmtKind::TRANS_STMT_ROLLBACK_TO:
      effects.cursor = CursorChange{CursorChange::What::returns_to, std::move(savepoint)};
      effects.keeps_transaction = true;
      return effects;
    case ast::TransactionStmtKind::TRANS_STMT_PREPARE:
    case ast::TransactionStmtKind::TRANS_STMT_COMMIT_PREPARED:
    case ast::TransactionStmtKind::TRANS_STMT_ROLLBACK_PREPARED:
      return refuse(sqlstate::feature_not_supported,
                    "prepared transactions are not supported through Bulkhead: every organisation would see them",
                    "No configuration allows it yet.", -1);
  }
  return refused_statement(statement);
}

Result<Effects> Analysis::set_variable(Node statement) {
  Effects effects;
  const std::string name = fold_setting(statement.get(f::VariableSetStmt::name));
  const bool local = statement.get(f::VariableSetStmt::is_local);
  std::optional<std::string> value;
  switch (statement.get(f::VariableSetStmt::kind)) {
    case ast::VariableSetKind::VAR_RESET_ALL:
      effects.reset_all = true;
      return effects;
    case ast::VariableSetKind::VAR_SET_MULTI:
      return set_characteristics(statement);
    case ast::VariableSetKind::VAR_SET_CURRENT:
      return refused_statement(statement);
    case ast::VariableSetKind::VAR_SET_DEFAULT:
    case ast::VariableSetKind::VAR_RESET:
      break;
    case ast::VariableSetKind::VAR_SET_VALUE: {
      std::string text;
      for (const Node argument : statement.get(f::VariableSetStmt::args)) {
        const auto part = name == "timezone" && argument.is(Kind::TypeCast) ? zone_interval(argument) : setting_value(argument);
        if (!part) {
          // Judged first: that the parameter may not be set at all matters more than the form of its value.
          BULKHEAD_TRY([[maybe_unused]] const auto reach, judge_setting(name, std::string(), subject_.policy.tenancy));
          return refuse(sqlstate::feature_not_supported, "this form of a value for \"" + name + "\" is not supported",
                        "Write the value as a string or number.", ast::leftmost(argument));
        }
        text += (text.empty() ? "" : ", ") + (name == "search_path" ? list_element(*part) : *part);
      }
      value = std::move(text);
    }
  }
  BULKHEAD_TRY(const SettingReach reach, judge_setting(name, value, subject_.policy.tenancy));
  if (!local && reach == SettingReach::session) effects.settings.push_back({name, value});
  effects.formats_locally = local && is_format(name);
  if (!value) effects.resets = Reset{name, local};
  return effects;
}

/// SET TRANSACTION, SET SESSION CHARACTERISTICS AS TRANSACTION, SET TRANSACTION SNAPSHOT.
Result<Effects> Analysis::set_characteristics(Node statement) {
  Effects effects;
  const auto name = statement.get(f::VariableSetStmt::name);
  if (name == "TRANSACTION") return effects;
  if (name != "SESSION CHARACTERISTICS")
    return refuse(sqlstate::insufficient_privilege, "SET " + std::string(name) + " is not allowed through Bulkhead",
                  "No configuration allows it.", -1);
  for (const Node option : statement.get(f::VariableSetStmt::args)) {
    const auto value = setting_value(option.get(f::DefElem::arg));
    const std::string parameter = "default_" + std::string(option.get(f::DefElem::defname));
    if (!value) return refused_statement(statement);
    const bool flag = parameter != "default_transaction_isolation";
    BULKHEAD_TRY([[maybe_unused]] const auto reach, judge_setting(parameter, *value, subject_.policy.tenancy));
    effects.settings.push_back({parameter, flag ? (*value == "0" || *value == "off" ? "off" : "on") : *value});
  }
  return effects;
}

/// The key word the statement being judged begins with.
std::size_t Analysis::first_token() const {
  std::size_t index = 0;
  while (index < clauses_.size() && (clauses_[index].begin < begin_ || clauses_[index].kind != TokenKind::word)) ++index;
  return index;
}

std::string Analysis::opening_words() const {
  std::size_t index = first_token();
  std::string words = upper(clauses_.text(index));
  for (const std::string_view verb : {"CREATE", "ALTER", "DROP", "REFRESH", "IMPORT", "SECURITY", "REASSIGN", "SET"}) {
    if (words != verb) continue;
    for (++index; index < clauses_.size() && clauses_[index].kind == TokenKind::word; ++index) {
      const std::string word = upper(clauses_.text(index));
      if (word == "OR" || word == "REPLACE" || word == "LOCAL" || word == "GLOBAL") continue;
      words += " " + word;
      // What is made follows these.
      if (word != "TEMP" && word != "TEMPORARY" && word != "UNLOGGED" && word != "MATERIALIZED" && word != "EVENT" &&
          word != "FOREIGN" && word != "DEFAULT" && word != "UNIQUE")
        break;
    }
  }
  return words;
}

Error Analysis::refused_statement(Node statement) const {
  for (const Refusal& refusal : kLater)
    if (statement.is(refusal.kind))
      return refuse(sqlstate::feature_not_supported,
                    opening_words() + " is not supported through Bulkhead: " + refusal.why,
                    "No configuration allows it yet.", -1);
  return refuse(sqlstate::insufficient_privilege,
                opening_words() + " is not allowed through Bulkhead: it is administration, not data",
                "Connect to PostgreSQL directly for it; no configuration allows it.", -1);
}

}  // namespace bulkhead::rewrite
