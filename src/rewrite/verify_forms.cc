#include "rewrite/verify_forms.h"

#include <algorithm>
#include <array>

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

constexpr std::array<std::string_view, 5> kPlainTypes{"int2", "int4", "int8", "numeric", "uuid"};
constexpr std::array<std::string_view, 3> kTextTypes{"text", "varchar", "bpchar"};

template <std::size_t N>
bool among(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The list is exactly these names.
bool names(ListView list, std::initializer_list<std::string_view> expected) {
  return list.size() == expected.size() &&
         std::equal(expected.begin(), expected.end(), list.begin(),
                    [](std::string_view name, Node node) { return node.is(Kind::String) && ast::string_of(node) == name; });
}

/// The type's name of 'org'::pg_catalog.TYPE; empty for anything else.
std::string_view type_of_constant(Node node, const policy::Tenant& tenant) {
  if (!node.is(Kind::TypeCast)) return {};
  const Node constant = node.get(f::TypeCast::arg), type = node.get(f::TypeCast::typeName);
  if (!constant.is(Kind::A_Const)) return {};
  const Node value = constant.get(f::A_Const::val);
  if (!value.is(Kind::String) || ast::string_of(value) != tenant.org) return {};
  const ListView type_names = type.get(f::TypeName::names);
  if (type_names.size() != 2 || ast::string_of(type_names[0]) != "pg_catalog") return {};
  if (type.get(f::TypeName::setof) || type.get(f::TypeName::pct_type) || type.get(f::TypeName::typeOid) != 0 ||
      !type.get(f::TypeName::typmods).is_nil() || !type.get(f::TypeName::arrayBounds).is_nil() ||
      type.get(f::TypeName::typemod) != -1)
    return {};
  const std::string_view name = ast::string_of(type_names[1]);
  return among(name, kPlainTypes) || among(name, kTextTypes) ? name : std::string_view();
}

/// To whom the configuration gives the rows of a relation.
struct Owner {
  policy::Access access;
  std::string_view column, read;  ///< of `tenant`
  bool unsecured;                 ///< of `tenant`: without row-level security, too
  auto operator<=>(const Owner&) const = default;
  bool same_rows(const Owner& other) const { return access == other.access && column == other.column && read == other.read; }
};
/// More than one: the lines say different things. None: neither a line nor a tenant column gives them to anybody.
using Owners = std::set<Owner>;

/// A row of a table is one of all its ancestors, too: an own line speaks for a relation, else whatever its parents say.
class Ownership {
 public:
  explicit Ownership(const Subject& subject) : subject_(subject) {}

  /// The one owner of whatever is read or written under the relation's name; none: nobody's.
  Result<std::optional<Owner>> only(const policy::Relation& relation) {
    const Owners own = of(relation);
    if (own.size() > 1) return refused("parents of " + relation.name.text() + " have different rules");
    if (own.empty() || own.begin()->access == policy::Access::none) return own.empty() ? std::nullopt : std::optional(*own.begin());
    const bool shared = own.begin()->access == policy::Access::shared;
    for (const bool down : {true, false})
      for (const policy::Relation* relative : relatives(relation, down)) {
        const Owners theirs = of(*relative);
        if (shared && down && theirs != own) return refused("a child of the shared relation " + relation.name.text() + " is not shared");
        for (const Owner& other : theirs)
          if (other.access == policy::Access::tenant && !other.same_rows(*own.begin()))
            return refused(relation.name.text() + " and " + relative->name.text() + " have different rules");
      }
    return std::optional(*own.begin());
  }

 private:
  Owner said_by(const policy::TableRule& line) const {
    const policy::Tenancy& tenancy = subject_.policy.tenancy;
    if (line.access != policy::Access::tenant) return {line.access, {}, {}, false};
    return {line.access, line.column.empty() ? tenancy.column : line.column, line.read,
            line.without_row_security.value_or(tenancy.without_row_security) == policy::WithoutRowSecurity::accept};
  }

  Owners of(const policy::Relation& relation) {
    const policy::Tenancy& tenancy = subject_.policy.tenancy;
    if (const auto line = subject_.policy.tables.find(relation.name); line != subject_.policy.tables.end()) return {said_by(line->second)};
    const auto found = found_.find(&relation);
    if (found != found_.end()) return found->second;
    found_[&relation];  // no relation is its own ancestor
    const bool has_column = relation.find_column(tenancy.column) != nullptr;
    const Owner by_column{policy::Access::tenant, tenancy.column, {}, tenancy.without_row_security == policy::WithoutRowSecurity::accept};
    const auto is_tenant = [](const Owner& owner) { return owner.access == policy::Access::tenant; };
    Owners all;
    bool nobodys = false, inherits_column = true;
    for (const auto& name : relation.parents) {
      const auto* parent = subject_.catalogue.find(name.schema, name.name);
      const Owners theirs = parent ? of(*parent) : Owners();
      nobodys = nobodys || theirs.empty();
      inherits_column = inherits_column && parent && parent->find_column(tenancy.column);
      all.insert(theirs.begin(), theirs.end());
    }
    if (all.empty()) {
      if (has_column) all.insert(by_column);
    } else if (std::none_of(all.begin(), all.end(), is_tenant)) {
      // What is everybody's or inaccessible by one parent is not so by a parent of which nothing is said, or by a column of its own.
      const bool only_shared = all.size() == 1 && all.begin()->access == policy::Access::shared;
      if (nobodys || (only_shared && has_column && !inherits_column)) all.insert({policy::Access::none, {}, {}, true});
    }
    return found_[&relation] = all;
  }

  std::vector<const policy::Relation*> relatives(const policy::Relation& relation, bool down) const {
    std::vector<const policy::Relation*> all{&relation};
    std::set<const policy::Relation*> known(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i)
      for (const auto& name : down ? all[i]->children : all[i]->parents)
        if (const auto* next = subject_.catalogue.find(name.schema, name.name); next && known.insert(next).second) all.push_back(next);
    all.erase(all.begin());
    return all;
  }

  const Subject& subject_;
  std::map<const policy::Relation*, Owners> found_;
};

/// A cast to this type leaves a constant what it is on its way into the column: the column's own type, or integers among
/// themselves, which are the same number or an error.
bool holds_unchanged(const ListView& type_names, std::string_view column_type) {
  const auto is = [&](std::string_view name) { return names(type_names, {name}) || names(type_names, {"pg_catalog", name}); };
  if (is(column_type)) return true;
  const auto is_integer = [](std::string_view name) { return name == "int2" || name == "int4" || name == "int8"; };
  return is_integer(column_type) && (is("int2") || is("int4") || is("int8"));
}

/// 32 digits, in whatever case, once the marks that uuid_in passes over are gone: a hyphen behind a fourth digit that others
/// follow, and a pair of braces. Empty for anything else.
std::string digits_of_uuid(std::string_view text) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  std::string digits;
  bool hyphen = true;  // one before: no second one
  for (const char c : text) {
    if (c == '-' && !hyphen && digits.size() % 4 == 0 && digits.size() < 32) {
      hyphen = true;
      continue;
    }
    const bool upper = c >= 'A' && c <= 'F';
    if (!upper && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return {};
    digits += upper ? static_cast<char>(c - 'A' + 'a') : c;
    hyphen = false;
  }
  return digits.size() == 32 ? digits : std::string();
}

bool is_same_uuid(std::string_view a, std::string_view b) {
  const std::string digits = digits_of_uuid(a);
  return !digits.empty() && digits == digits_of_uuid(b);
}

}  // namespace

Error refused(std::string doubt) {
  return make_error(sqlstate::feature_not_supported, "Bulkhead could not prove that the statement stays inside the tenant",
                    "Write the statement in a simpler form.", std::move(doubt));
}

std::string_view type_of_compared(Node node, const policy::Tenant& tenant) {
  const bool collated = node.is(Kind::CollateClause);
  if (collated) {
    if (!names(node.get(f::CollateClause::collname), {"C"})) return {};
    node = node.get(f::CollateClause::arg);
  }
  const std::string_view type = type_of_constant(node, tenant);
  return collated == among(type, kTextTypes) ? type : std::string_view();
}

std::optional<Predicate> as_predicate(Node node, const policy::Tenant& tenant) {
  if (!node.is(Kind::A_Expr) || node.get(f::A_Expr::kind) != ast::A_Expr_Kind::AEXPR_OP ||
      !names(node.get(f::A_Expr::name), {"pg_catalog", "="}))
    return std::nullopt;
  const Node left = node.get(f::A_Expr::lexpr);
  if (!left.is(Kind::ColumnRef)) return std::nullopt;
  const ListView fields = left.get(f::ColumnRef::fields);
  if (fields.size() != 2 || !fields[0].is(Kind::String) || !fields[1].is(Kind::String)) return std::nullopt;
  const std::string_view type = type_of_compared(node.get(f::A_Expr::rexpr), tenant);
  if (type.empty()) return std::nullopt;
  return Predicate{ast::string_of(fields[0]), ast::string_of(fields[1]), type};
}

bool is_stamp(Node node, const policy::Column& column, const policy::Tenant& tenant) {
  const std::string_view type = type_of_constant(node, tenant);
  return !type.empty() && column.type_schema == "pg_catalog" && column.type_name == type;
}

bool is_own_value(Node node, const policy::Column& column, const policy::Tenant& tenant) {
  if (node.is(Kind::TypeCast)) {
    const Node type = node.get(f::TypeCast::typeName);
    if (!holds_unchanged(type.get(f::TypeName::names), column.type_name)) return false;
    if (type.get(f::TypeName::setof) || type.get(f::TypeName::pct_type) || !type.get(f::TypeName::typmods).empty() ||
        !type.get(f::TypeName::arrayBounds).empty())
      return false;
    node = node.get(f::TypeCast::arg);
  }
  if (!node.is(Kind::A_Const)) return false;
  const Node value = node.get(f::A_Const::val);
  if (value.is(Kind::Integer)) return std::to_string(value.get(f::Integer::ival)) == tenant.org;
  // A number too large for int4. Not 1.0, 1e3 or 007: a text column would hold 1000 and 7, another organisation's id.
  if (value.is(Kind::Float)) {
    const std::string_view digits = value.get(f::Float::fval);
    const bool plain = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return plain && !digits.starts_with('0') && digits == tenant.org;
  }
  if (!value.is(Kind::String)) return false;
  const std::string_view text = value.get(f::String::sval);
  return text == tenant.org || (column.type_name == "uuid" && is_same_uuid(text, tenant.org));
}

Result<Relation> relation_as_listed(const policy::Relation& relation, const Subject& subject) {
  BULKHEAD_TRY(const std::optional<Owner> owner, Ownership(subject).only(relation));
  if (!owner) return refused("a relation that is neither shared nor protected: " + relation.name.text());
  if (owner->access == policy::Access::none) return refused("an inaccessible relation: " + relation.name.text());
  if (owner->access == policy::Access::shared) return Relation{Relation::Access::shared, &relation};
  const policy::Column* column = relation.find_column(owner->column);
  if (!column) return refused("a protected relation without its tenant column: " + relation.name.text());
  if (!relation.row_security && !owner->unsecured) return refused("a relation without row-level security: " + relation.name.text());
  return Relation{Relation::Access::tenant, &relation, column, owner->read};
}

Result<Relation> relation_of(Node range_var, const Subject& subject) {
  const std::string_view schema = range_var.get(f::RangeVar::schemaname), name = range_var.get(f::RangeVar::relname);
  if (range_var.get(f::RangeVar::catalogname).data()) return refused("a relation with a database name");
  const bool qualified = schema.data() != nullptr;
  if (schema == "pg_catalog" || schema == "information_schema") return Relation{Relation::Access::system};
  if (schema == "pg_temp") {
    const bool allowed = subject.policy.tenancy.temporary_tables == policy::TemporaryTables::allow;
    if (!allowed || name.starts_with("pg_") || name == "bulkhead_copy") return refused("a temporary relation: " + std::string(name));
    return Relation{Relation::Access::temporary};
  }
  if (schema.starts_with("pg_")) return refused("a relation of schema " + std::string(schema));
  const policy::Relation* relation =
      qualified ? subject.catalogue.find(schema, name)
                : subject.catalogue.find_in_path(subject.policy.tenancy.search_path, name);
  if (!qualified && name.starts_with("pg_")) {  // pg_catalog is searched before the path
    if (relation) return refused("a relation named like the system's: " + std::string(name));
    return Relation{Relation::Access::system};
  }
  if (!relation) return refused("a relation the catalogue does not have: " + std::string(name));

  BULKHEAD_TRY(const Relation known, relation_as_listed(*relation, subject));
  // A text that is never changed keeps its names: nothing but the pinned path can give them a meaning.
  if (!qualified && subject.policy.tenancy.mode != policy::Mode::validate)
    return refused("a relation without its schema: " + relation->name.text());
  return known;
}

bool names_temporary(std::string_view name, const Subject& subject) {
  return subject.policy.tenancy.temporary_tables == policy::TemporaryTables::allow && !name.starts_with("pg_") &&
         name != "bulkhead_copy" && !subject.catalogue.find_in_path(subject.policy.tenancy.search_path, name);
}

std::string_view reference_name(Node range_var) {
  const Node alias = range_var.get(f::RangeVar::alias);
  return alias ? alias.get(f::Alias::aliasname) : range_var.get(f::RangeVar::relname);
}

}  // namespace bulkhead::rewrite::verifier
