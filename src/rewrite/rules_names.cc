// Names that PostgreSQL keeps outside tables, for the whole database: notification channels and keys of advisory locks.
// They become the tenant's own (policy/tenant_names.h), so that applications work and tenants never meet.

#include "rewrite/analysis.h"

#include "policy/tenant_names.h"

namespace bulkhead::rewrite {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

namespace {

/// What stands for a channel's name that the server computes, before and behind the client's expression.
std::string channel_opening(const policy::Tenant& tenant) {
  return "pg_catalog.encode(pg_catalog.sha224(pg_catalog.convert_to(pg_catalog.textcat(" +
         quote_literal(policy::channel_salt(tenant)) + ", ";
}
constexpr std::string_view kChannelClosing = "), 'UTF8')), 'hex')";

std::string constant(std::int64_t value, std::string_view type) {
  return ", '" + std::to_string(value) + "'::pg_catalog." + std::string(type) + ")";
}

/// A lock that lasts until it is given back or the session ends, not until the transaction does.
bool locks_session(std::string_view name) { return name.find("_lock") != name.npos && name.find("_xact_") == name.npos; }

}  // namespace

Result<Effects> Analysis::channel(Node statement) {
  Effects effects;
  std::string_view name;
  if (statement.is(Kind::ListenStmt)) name = statement.get(f::ListenStmt::conditionname);
  if (statement.is(Kind::NotifyStmt)) name = statement.get(f::NotifyStmt::conditionname);
  if (statement.is(Kind::UnlistenStmt)) {
    name = statement.get(f::UnlistenStmt::conditionname);
    effects.loosens = true;
    if (!name.data()) return effects;  // UNLISTEN *
  }
  const std::size_t token = first_token() + 1;
  if (token >= clauses_.size()) return no_place(statement);
  std::string on_server = policy::channel_on_server(subject_.tenant, name);
  edits.replace(clauses_[token].begin, clauses_[token].end - clauses_[token].begin, quote_name(on_server));
  notes.push_back("the channel " + std::string(name) + " is the organisation's own");
  if (statement.is(Kind::ListenStmt)) {
    effects.pins = true;
    effects.listens = Listening{std::move(on_server), std::string(name)};
  }
  return effects;
}

Analysis::Status Analysis::names_call(Node call, std::string_view name) {
  if (!visited_.insert(call.id()).second) return {};
  const int location = call.get(f::FuncCall::location);
  if (explains_)
    return refuse(sqlstate::insufficient_privilege,
                  "EXPLAIN of a call of " + std::string(name) + " is not allowed through Bulkhead: the plan would show how its "
                  "names are kept apart", "No configuration allows it.", location);
  const auto parts = call.get(f::FuncCall::funcname).size();
  const auto arguments = call.get(f::FuncCall::args);
  const bool plain = !call.get(f::FuncCall::agg_star) && !call.get(f::FuncCall::agg_distinct) &&
                     !call.get(f::FuncCall::func_variadic) && !call.get(f::FuncCall::agg_within_group) &&
                     call.get(f::FuncCall::agg_order).empty() && !call.get(f::FuncCall::agg_filter) &&
                     !call.get(f::FuncCall::over);
  bool named = false;
  for (const Node argument : arguments) named = named || argument.is(Kind::NamedArgExpr);
  if (!plain || named)
    return refuse(sqlstate::feature_not_supported, "this form of a call of " + std::string(name) + " is not supported through Bulkhead",
                  "Write " + std::string(name) + "(…) with nothing but its arguments.", location);

  const std::size_t first = clauses_.at(location), last = first + 2 * (parts - 1), open = last + 1;
  const std::size_t close = first == Clauses::npos ? first : clauses_.closing(open);
  if (close == Clauses::npos || !clauses_.symbol(open, "(")) return no_place(call);
  // With its schema, so that no function of that name in the search path is a better match for the arguments.
  if (parts == 1)
    edits.replace(clauses_[first].begin, clauses_[first].end - clauses_[first].begin, "pg_catalog." + std::string(name));
  BULKHEAD_CHECK(name == "pg_notify" ? notify_call(call, open, close) : lock_call(call, open, close));
  // In whatever way the statement ends: an error does not give back what it had locked before.
  if (locks_session(name)) effects_->pins = true;
  if (name.starts_with("pg_advisory_unlock")) effects_->loosens = true;
  return {};
}

/// pg_advisory_lock(k) -> pg_advisory_lock(int8xor(k, salt)): the same implicit casts as of the lock's own argument.
Analysis::Status Analysis::lock_call(Node call, std::size_t open, std::size_t close) {
  const int location = call.get(f::FuncCall::location);
  const auto salts = policy::lock_salts(subject_.policy.tenancy, subject_.tenant);
  if (!salts)
    return refuse(sqlstate::insufficient_privilege,
                  "advisory locks are not allowed through Bulkhead: every organisation would meet in them",
                  "tenancy: { lock_secret: … } would allow them, each organisation with keys of its own.", location);
  const auto salted = [&](std::size_t before, std::size_t behind, std::string_view type, std::int64_t salt) {
    edits.insert(clauses_[before].end, "pg_catalog." + std::string(type) + "xor(");
    edits.insert(clauses_[behind].begin, constant(salt, type));
  };
  const auto arguments = call.get(f::FuncCall::args).size();
  if (arguments == 1) {
    salted(open, close, "int8", salts->one);
  } else if (arguments == 2) {
    const std::size_t comma = clauses_.comma(open);
    if (comma == Clauses::npos) return no_place(call);
    salted(open, comma, "int4", salts->first);
    salted(comma, close, "int4", salts->second);
  } else {
    return refuse(sqlstate::undefined_function, "an advisory lock has one key or two", "", location);
  }
  notes.push_back("the key of an advisory lock is the organisation's own");
  return {};
}

Analysis::Status Analysis::notify_call(Node call, std::size_t open, std::size_t close) {
  const auto arguments = call.get(f::FuncCall::args);
  const std::size_t comma = clauses_.comma(open);
  if (arguments.size() != 2 || comma == Clauses::npos || comma > close)
    return refuse(sqlstate::undefined_function, "pg_notify has a channel and a payload", "",
                  call.get(f::FuncCall::location));
  const Node value = arguments[0].is(Kind::A_Const) ? arguments[0].get(f::A_Const::val) : Node();
  if (value.is(Kind::String)) {  // what LISTEN could not name; the server's own errors (Async_Notify, async.c)
    const auto name = value.get(f::String::sval);
    if (name.empty() || name.size() > kMaxName)
      return refuse(sqlstate::invalid_parameter_value, name.empty() ? "channel name cannot be empty" : "channel name too long",
                    "", -1);
  }
  edits.insert(clauses_[open].end, channel_opening(subject_.tenant));
  edits.insert(clauses_[comma].begin, std::string(kChannelClosing));
  notes.push_back("the channel of a notification is the organisation's own");
  return {};
}

}  // namespace bulkhead::rewrite
