#include "rewrite/verify_names.h"

#include <string>

#include "policy/tenant_names.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

std::string_view channel_of(Node statement) {
  if (statement.is(Kind::ListenStmt)) return statement.get(f::ListenStmt::conditionname);
  if (statement.is(Kind::UnlistenStmt)) return statement.get(f::UnlistenStmt::conditionname);
  return statement.get(f::NotifyStmt::conditionname);
}

/// pg_catalog.NAME(a [, b]) with nothing else about it: the argument `index`, of `count`; null for anything else.
Node argument_of(Node call, std::string_view name, std::size_t index, std::size_t count) {
  if (!call.is(Kind::FuncCall)) return Node();
  const ListView names = call.get(f::FuncCall::funcname), arguments = call.get(f::FuncCall::args);
  if (names.size() != 2 || ast::string_of(names[0]) != "pg_catalog" || ast::string_of(names[1]) != name) return Node();
  if (call.get(f::FuncCall::agg_star) || call.get(f::FuncCall::agg_distinct) || call.get(f::FuncCall::func_variadic) ||
      call.get(f::FuncCall::agg_within_group) || !call.get(f::FuncCall::agg_order).empty() ||
      call.get(f::FuncCall::agg_filter) || call.get(f::FuncCall::over))
    return Node();
  return arguments.size() == count ? arguments[index] : Node();
}

std::string_view text_of(Node node) {
  if (!node.is(Kind::A_Const)) return {};
  const Node value = node.get(f::A_Const::val);
  return value.is(Kind::String) ? value.get(f::String::sval) : std::string_view();
}

/// 'number'::pg_catalog.type
bool is_constant(Node node, std::int64_t number, std::string_view type) {
  if (!node.is(Kind::TypeCast) || text_of(node.get(f::TypeCast::arg)) != std::to_string(number)) return false;
  const Node type_name = node.get(f::TypeCast::typeName);
  const ListView names = type_name.get(f::TypeName::names);
  return names.size() == 2 && ast::string_of(names[0]) == "pg_catalog" && ast::string_of(names[1]) == type &&
         !type_name.get(f::TypeName::setof) && type_name.get(f::TypeName::typmods).empty() &&
         type_name.get(f::TypeName::arrayBounds).empty();
}

Node channel_part(Node argument, const policy::Tenant& tenant) {
  const Node digest = argument_of(argument, "encode", 0, 2);
  const Node bytes = argument_of(digest, "sha224", 0, 1);
  const Node text = argument_of(bytes, "convert_to", 0, 2);
  const Node part = argument_of(text, "textcat", 1, 2);
  if (!part || text_of(argument_of(argument, "encode", 1, 2)) != "hex" ||
      text_of(argument_of(bytes, "convert_to", 1, 2)) != "UTF8" ||
      text_of(argument_of(text, "textcat", 0, 2)) != policy::channel_salt(tenant))
    return Node();
  return part;
}

}  // namespace

bool is_channel_statement(Node statement) {
  return statement.is(Kind::ListenStmt) || statement.is(Kind::UnlistenStmt) || statement.is(Kind::NotifyStmt);
}

Result<void> channel_statement(Node old_statement, Node new_statement, const Subject& subject) {
  if (old_statement.kind() != new_statement.kind()) return refused("another statement on a channel");
  const std::string_view before = channel_of(old_statement), after = channel_of(new_statement);
  const bool all = !before.data();
  if (all && !old_statement.is(Kind::UnlistenStmt)) return refused("a channel without a name");
  if (all ? after.data() != nullptr : after != policy::channel_on_server(subject.tenant, before))
    return refused("a channel that is not the tenant's");
  if (old_statement.is(Kind::NotifyStmt)) {
    const auto payload = f::NotifyStmt::payload;
    if (old_statement.get(payload) != new_statement.get(payload) ||
        !old_statement.get(payload).data() != !new_statement.get(payload).data())
      return refused("a notification with another payload");
  }
  return {};
}

std::string_view naming_function(Node call) {
  const ListView names = call.get(f::FuncCall::funcname);
  if (names.empty() || names.size() > 2 || (names.size() == 2 && ast::string_of(names[0]) != "pg_catalog")) return {};
  const std::string_view name = ast::string_of(names.back());
  const bool lock = name.starts_with("pg_") && name.find("advisory") != name.npos && name != "pg_advisory_unlock_all";
  return lock || name == "pg_notify" ? name : std::string_view();
}

Node salted_part(std::string_view function, std::size_t count, std::size_t index, Node argument, const Subject& subject) {
  if (function == "pg_notify") {
    if (count != 2) return Node();
    return index == 0 ? channel_part(argument, subject.tenant) : argument;
  }
  const auto salts = policy::lock_salts(subject.policy.tenancy, subject.tenant);
  if (!salts || count < 1 || count > 2) return Node();
  const std::string_view type = count == 1 ? "int8" : "int4";
  const std::int64_t salt = count == 1 ? salts->one : index == 0 ? salts->first : salts->second;
  const std::string mix = std::string(type) + "xor";
  return is_constant(argument_of(argument, mix, 1, 2), salt, type) ? argument_of(argument, mix, 0, 2) : Node();
}

}  // namespace bulkhead::rewrite::verifier
