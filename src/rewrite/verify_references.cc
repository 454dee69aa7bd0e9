#include "rewrite/verify_references.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rewrite/functions.h"
#include "rewrite/verify_scopes.h"

namespace bulkhead::rewrite::verifier {
namespace {

using ast::Kind;
using ast::ListView;
using ast::Node;
namespace f = ast::f;

using Status = Result<void>;
using Columns = std::set<std::string, std::less<>>;

bool type_runs_code(const std::string& schema, std::string_view name, const Subject& subject) {
  const auto* culprits = subject.catalogue.code_of_type(schema, name);
  const auto allowed = [&](const policy::QualifiedName& one) { return subject.policy.functions.contains(one); };
  return culprits && !allowed({schema, std::string(name)}) && !std::all_of(culprits->begin(), culprits->end(), allowed);
}

/// The columns that a role may name of a relation: what its line and those of all its ancestors list. Nothing: every one.
std::optional<Columns> listed(const policy::Relation& relation, const Subject& subject) {
  std::optional<Columns> out;
  if (!subject.role) return out;
  std::set<policy::QualifiedName> seen;
  std::vector<policy::QualifiedName> open{relation.name};
  while (!open.empty()) {
    const policy::QualifiedName name = open.back();
    open.pop_back();
    if (!seen.insert(name).second) continue;
    const auto line = subject.role->tables.find(name);
    if (line != subject.role->tables.end() && !line->second.columns.empty()) {
      Columns both;
      for (const std::string& column : line->second.columns)
        if (!out || out->contains(column)) both.insert(column);
      out = std::move(both);
    }
    if (const auto* known = subject.catalogue.find(name.schema, name.name)) open.insert(open.end(), known->parents.begin(), known->parents.end());
  }
  return out;
}

/// A member of FROM or a target.
struct Member {
  std::string_view name;
  const policy::Relation* relation = nullptr;  ///< null: its columns are not the catalogue's
  Node subquery{};                             ///< of those whose select list tells
  const Columns* may = nullptr;                ///< what may be named of the relation; null: every column
};

/// Of one query level.
struct Frame {
  std::vector<Member> members;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_name;
  bool any_name = false;  ///< a member goes by a name that PostgreSQL finds for it
  std::vector<Member> limited;  ///< one for each relation of which a role may not name every column
};

class References {
 public:
  explicit References(const Subject& subject) : subject_(subject) {}

  Status walk(Node node) {
    if (node.is(Kind::MultiAssignRef) && !sources_.insert(node.get(f::MultiAssignRef::source).id()).second) return {};
    if (node.is(Kind::SelectStmt)) {
      const Node with = node.get(f::SelectStmt::withClause);
      return level(node, with, Node(), Node(), node.get(f::SelectStmt::fromClause));
    }
    if (node.is(Kind::InsertStmt))
      return level(node, node.get(f::InsertStmt::withClause), node.get(f::InsertStmt::selectStmt), node.get(f::InsertStmt::relation), {});
    if (node.is(Kind::UpdateStmt))
      return level(node, node.get(f::UpdateStmt::withClause), Node(), node.get(f::UpdateStmt::relation), node.get(f::UpdateStmt::fromClause));
    if (node.is(Kind::DeleteStmt))
      return level(node, node.get(f::DeleteStmt::withClause), Node(), node.get(f::DeleteStmt::relation), node.get(f::DeleteStmt::usingClause));
    if (node.is(Kind::MergeStmt)) return level(node, node.get(f::MergeStmt::withClause), Node(), node.get(f::MergeStmt::relation), {});
    if (node.is(Kind::ColumnRef)) BULKHEAD_CHECK(column(node));
    if (node.is(Kind::A_Indirection)) BULKHEAD_CHECK(selection(node));
    if (node.is(Kind::CopyStmt)) BULKHEAD_CHECK(copied(node));
    return ast::for_each_child(node, [this](Node child) { return walk(child); });
  }

  Status lists(Node node) {
    if (node.is(Kind::MultiAssignRef) && !sources_.insert(node.get(f::MultiAssignRef::source).id()).second) return {};
    if (node.is(Kind::InsertStmt)) BULKHEAD_CHECK(written(node, relation_of_target(node.get(f::InsertStmt::relation))));
    return ast::for_each_child(node, [this](Node child) { return lists(child); });
  }

 private:
  /// `first`: what is read before the target is in sight.
  Status level(Node node, Node with, Node first, Node target, ListView from) {
    Scope scope(ctes_);
    if (with) {
      const bool recursive = with.get(f::WithClause::recursive);
      const ListView ctes = with.get(f::WithClause::ctes);
      if (recursive)
        for (const Node cte : ctes) scope.add(cte.get(f::CommonTableExpr::ctename), cte);
      for (const Node cte : ctes) {
        BULKHEAD_CHECK(walk(cte));
        if (!recursive) scope.add(cte.get(f::CommonTableExpr::ctename), cte);
      }
    }
    if (first) BULKHEAD_CHECK(walk(first));

    frames_.emplace_back();
    if (target) {
      relation(target, true);
      if (node.is(Kind::InsertStmt)) add({"excluded", relation_of_target(target), {}, may_name(relation_of_target(target))});
      BULKHEAD_CHECK(written(node, relation_of_target(target)));
    }
    for (const Node item : from) BULKHEAD_CHECK(member(item, false));
    if (node.is(Kind::MergeStmt)) BULKHEAD_CHECK(member(node.get(f::MergeStmt::sourceRelation), false));
    forget();
    NodeSet done{with, first, target};
    BULKHEAD_CHECK(ast::for_each_child(node, [&](Node child) { return done.contains(child) ? Status() : walk(child); }));
    frames_.pop_back();
    forget();
    return {};
  }

  // What is in sight.

  /// Something else is in sight.
  void forget() {
    columns_.clear();
    names_.clear();
  }

  void add(Member member) {
    Frame& frame = frames_.back();
    const auto same = [&](const Member& other) { return member.relation && other.relation == member.relation; };
    if (member.may && std::none_of(frame.limited.begin(), frame.limited.end(), same)) frame.limited.push_back(member);
    frame.by_name[member.name].push_back(frame.members.size());
    frame.members.push_back(member);
  }

  const policy::Relation* relation_of_target(Node range_var) const {
    const std::string_view schema = range_var.get(f::RangeVar::schemaname), name = range_var.get(f::RangeVar::relname);
    if (schema.data()) return subject_.catalogue.find(schema, name);
    return name.starts_with("pg_") ? nullptr : subject_.catalogue.find_in_path(subject_.policy.tenancy.search_path, name);
  }

  const Columns* may_name(const policy::Relation* relation) {
    if (!relation || !subject_.role) return nullptr;
    const auto [known, fresh] = may_.try_emplace(relation);
    if (fresh) known->second = listed(*relation, subject_);
    return known->second ? &*known->second : nullptr;
  }

  void relation(Node range_var, bool target) {
    const auto cte = ctes_.find(range_var.get(f::RangeVar::relname));
    const bool is_cte = !target && !range_var.get(f::RangeVar::schemaname).data() && cte != ctes_.end() && !cte->second.empty();
    const policy::Relation* known = is_cte ? nullptr : relation_of_target(range_var);
    const bool renamed = !range_var.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil();
    add({reference_name(range_var), renamed ? nullptr : known, {}, may_name(known)});
  }

  Status member(Node item, bool hidden) {
    if (item.is(Kind::RangeTableSample)) item = item.get(f::RangeTableSample::relation);
    if (item.is(Kind::RangeVar)) {
      relation(item, false);
      const bool renamed = hidden || !item.get(f::RangeVar::alias).get(f::Alias::colnames).is_nil();
      return renamed && frames_.back().members.back().may ? not_to_be_named() : Status();
    }
    if (item.is(Kind::JoinExpr)) {
      const Node alias = item.get(f::JoinExpr::alias), using_alias = item.get(f::JoinExpr::join_using_alias);
      for (const Node name : {alias, using_alias})
        if (name) add({name.get(f::Alias::aliasname)});
      const std::size_t first = frames_.back().members.size();
      BULKHEAD_CHECK(member(item.get(f::JoinExpr::larg), hidden || alias));
      BULKHEAD_CHECK(member(item.get(f::JoinExpr::rarg), hidden || alias));
      const auto& members = frames_.back().members;
      const auto limited = [](const Member& one) { return one.may != nullptr; };
      if (item.get(f::JoinExpr::isNatural) && std::any_of(members.begin() + static_cast<std::ptrdiff_t>(first), members.end(), limited))
        return not_to_be_named();
      for (const Node name : item.get(f::JoinExpr::usingClause)) BULKHEAD_CHECK(by_itself(ast::string_of(name)));
      return {};
    }
    Node alias, subquery;
    if (item.is(Kind::RangeSubselect)) {
      alias = item.get(f::RangeSubselect::alias);
      subquery = item.get(f::RangeSubselect::subquery);
    }
    if (item.is(Kind::RangeFunction)) alias = item.get(f::RangeFunction::alias);
    if (item.is(Kind::RangeTableFunc)) alias = item.get(f::RangeTableFunc::alias);
    if (!alias) frames_.back().any_name = true;
    if (!alias.get(f::Alias::colnames).is_nil()) subquery = Node();
    if (alias) add({alias.get(f::Alias::aliasname), nullptr, subquery});
    return {};
  }

  // Columns that a role may name.

  static Status not_to_be_named() { return refused("columns that the role may not name"); }
  static bool denies(const Member& member, std::string_view column) { return member.may && !member.may->contains(column); }
  static bool has(const policy::Relation& relation, std::string_view column) {
    static constexpr std::string_view kOfEveryTable[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
    return relation.find_column(column) || std::find(std::begin(kOfEveryTable), std::end(kOfEveryTable), column) != std::end(kOfEveryTable);
  }

  /// A column without the name of its member.
  Status by_itself(std::string_view column) const {
    for (const Frame& frame : frames_)
      for (const Member& member : frame.limited)
        if (denies(member, column) && (!member.relation || has(*member.relation, column))) return not_to_be_named();
    return {};
  }

  Status limited(ListView fields) const {
    if (!subject_.role || !subject_.role->hides_columns()) return {};
    const bool star = fields.back().is(Kind::A_Star), bare = fields.size() == 1;
    if (star && bare) return frames_.empty() || frames_.back().limited.empty() ? Status() : not_to_be_named();
    const std::string_view column = ast::string_of(fields.back()), row = bare ? column : ast::string_of(fields[fields.size() - 2]);
    const bool returned = is_returned(row);
    for (const Frame& frame : frames_) {
      const auto named = frame.by_name.find(row);
      if (named == frame.by_name.end()) continue;
      for (const std::size_t at : named->second)
        if (frame.members[at].may && (star || denies(frame.members[at], column))) return not_to_be_named();
    }
    if (returned && (star || bare)) return not_to_be_named();
    return bare || returned ? by_itself(column) : Status();
  }

  /// What a statement writes, or looks for conflicts in. The tenant column of a new row is the stamp's.
  Status written(Node node, const policy::Relation* target) {
    const Columns* const may = may_name(target);
    if (!may) return {};
    const auto names = [&](ListView list, bool stamped) -> Status {
      for (const Node one : list) {
        const std::string_view name = one.is(Kind::IndexElem) ? one.get(f::IndexElem::name) : one.get(f::ResTarget::name);
        if (name.data() && !may->contains(name) && !(stamped && is_tenant_column(*target, name))) return not_to_be_named();
      }
      return {};
    };
    if (node.is(Kind::UpdateStmt)) return names(node.get(f::UpdateStmt::targetList), false);
    if (node.is(Kind::InsertStmt)) {
      const Node conflict = node.get(f::InsertStmt::onConflictClause);
      BULKHEAD_CHECK(names(node.get(f::InsertStmt::cols), true));
      BULKHEAD_CHECK(names(conflict.get(f::OnConflictClause::infer).get(f::InferClause::indexElems), true));
      return names(conflict.get(f::OnConflictClause::targetList), false);
    }
    if (!node.is(Kind::MergeStmt)) return {};
    for (const Node arm : node.get(f::MergeStmt::mergeWhenClauses))
      BULKHEAD_CHECK(names(arm.get(f::MergeWhenClause::targetList), arm.get(f::MergeWhenClause::commandType) == ast::CmdType::CMD_INSERT));
    return {};
  }
  bool is_tenant_column(const policy::Relation& relation, std::string_view name) const {
    const auto known = relation_as_listed(relation, subject_);
    return known && known->column && known->column->name == name;
  }
  Status copied(Node copy) {
    const Node range_var = copy.get(f::CopyStmt::relation);
    return range_var && may_name(relation_of_target(range_var)) ? not_to_be_named() : Status();
  }

  // Attribute notation (manual, "Function Calling Conventions").

  bool is_returned(std::string_view row) const {  // PostgreSQL 18: rows of RETURNING's own
    return (row == "old" || row == "new") && subject_.catalogue.server_version_num() >= 180000;
  }

  static bool shows(const Member& member, std::string_view column) {
    if (member.relation) return member.relation->find_column(column);
    Node select = member.subquery;
    if (!select.is(Kind::SelectStmt)) return false;
    while (select.get(f::SelectStmt::larg)) select = select.get(f::SelectStmt::larg);
    for (const Node target : select.get(f::SelectStmt::targetList)) {
      const Node value = target.get(f::ResTarget::val);
      const std::string_view name = target.get(f::ResTarget::name);
      if (name.data() ? name == column : value.is(Kind::ColumnRef) && ast::string_of(value.get(f::ColumnRef::fields).back()) == column)
        return true;
    }
    return false;
  }

  /// All that `row` can mean have that column.
  bool is_column(std::string_view row, std::string_view column) {
    const auto [known, fresh] = columns_.try_emplace({row, column});
    if (fresh) known->second = look_for_column(row, column);
    return known->second;
  }
  bool look_for_column(std::string_view row, std::string_view column) const {
    bool any = false;
    for (const Frame& frame : frames_) {
      if (frame.any_name) return false;
      const auto named = frame.by_name.find(row);
      if (named == frame.by_name.end()) continue;
      for (const std::size_t at : named->second)
        if (!shows(frame.members[at], column)) return false;
      any = true;
    }
    return any && !is_returned(row);
  }

  bool may_run(std::string_view name) {
    const auto [known, fresh] = runs_.try_emplace(name);
    if (fresh) known->second = runs_code(name, subject_);
    return known->second;
  }

  Status column(Node node) {
    const ListView fields = node.get(f::ColumnRef::fields);
    BULKHEAD_CHECK(limited(fields));
    if (fields.size() < 2 || fields.back().is(Kind::A_Star)) return {};
    const std::string_view name = ast::string_of(fields.back());
    if (!may_run(name) || is_column(ast::string_of(fields[fields.size() - 2]), name)) return {};
    return refused("in attribute notation a call of " + std::string(name));
  }

  /// (x).f
  Status selection(Node node) {
    const Node base = node.get(f::A_Indirection::arg);
    bool first = true;
    for (const Node part : node.get(f::A_Indirection::indirection)) {
      const bool of_base = std::exchange(first, false);
      if (!part.is(Kind::String) || !may_run(ast::string_of(part))) continue;
      const ListView fields = base.is(Kind::ColumnRef) ? base.get(f::ColumnRef::fields) : ListView();
      const std::string_view row = fields.size() == 1 ? ast::string_of(fields.front()) : std::string_view();
      if (!of_base || row.empty() || may_be_column(row) || !is_column(row, ast::string_of(part)))
        return refused("in attribute notation a call of " + std::string(ast::string_of(part)));
    }
    return {};
  }
  bool may_be_column(std::string_view name) {
    const auto [known, fresh] = names_.try_emplace(name);
    if (fresh) known->second = look_for_name(name);
    return known->second;
  }
  bool look_for_name(std::string_view name) const {
    return std::any_of(frames_.begin(), frames_.end(), [&](const Frame& frame) {
      return frame.any_name || std::any_of(frame.members.begin(), frame.members.end(), [&](const Member& member) {
        return !member.relation || member.relation->find_column(name);
      });
    });
  }

  const Subject& subject_;
  Ctes ctes_;
  std::vector<Frame> frames_;
  std::unordered_map<const policy::Relation*, std::optional<Columns>> may_;
  std::set<const void*> sources_;
  // A text may ask the same a hundred thousand times.
  std::map<std::pair<std::string_view, std::string_view>, bool> columns_;  ///< while the same is in sight
  std::unordered_map<std::string_view, bool> names_;                       ///< the same
  std::unordered_map<std::string_view, bool> runs_;
};

}  // namespace

bool casts_by_code(ListView names, const Subject& subject) {
  const std::string_view name = ast::string_of(names.back());
  if (names.size() > 1) return type_runs_code(std::string(ast::string_of(names[names.size() - 2])), name, subject);
  const auto& path = subject.policy.tenancy.search_path;
  return std::any_of(path.begin(), path.end(), [&](const std::string& schema) { return type_runs_code(schema, name, subject); });
}

bool runs_code(std::string_view name, const Subject& subject) {
  const BuiltinFunction builtin = builtin_function(name);
  if (builtin == BuiltinFunction::refused) return true;
  for (const std::string& schema : subject.policy.tenancy.search_path) {
    if (type_runs_code(schema, name, subject)) return true;
    if (!subject.catalogue.has_function(schema, name) || subject.policy.functions.contains({schema, std::string(name)})) continue;
    // What an extension adds to a function of PostgreSQL's is trusted as that is.
    if (builtin != BuiltinFunction::allowed || !subject.catalogue.has_extension_function(schema, name)) return true;
  }
  return false;
}

Result<void> lists(Node statement, const Subject& subject) {
  if (!subject.role || !subject.role->hides_columns()) return {};
  return References(subject).lists(statement);
}

Result<void> references(Node statement, const Subject& subject) { return References(subject).walk(statement); }

}  // namespace bulkhead::rewrite::verifier
