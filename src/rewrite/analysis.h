#pragma once

// Judges the statements of one text against a subject: walks their trees, collects the edits that confine them to the
// tenant, or finds the reason to refuse. Each rules_*.cc holds one group of rules.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "rewrite/ast.h"
#include "rewrite/clauses.h"
#include "rewrite/copy_options.h"
#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/rewriter.h"
#include "rewrite/scope.h"
#include "rewrite/splice.h"

namespace bulkhead::rewrite {

class Analysis {
 public:
  /// Everything must outlive the analysis; `sql` is the client's text, `lexed` made of it.
  Analysis(const Subject& subject, std::string_view sql, const Lexed& lexed, Protocol protocol)
      : subject_(subject), sql_(sql), lexed_(lexed), protocol_(protocol), clauses_(lexed) {}

  /// Appends what the server gets for it. An error ends the analysis: the text is refused.
  Result<void> judge(const ParsedStatement& statement, std::vector<Statement>& judged);
  /// For mode validate: `parameter` is what a condition of the client's compares `column` of `relation` with.
  /// `prepares`: inside PREPARE, which the session makes a statement of the extended protocol.
  bool guard_condition(ast::Node parameter, const policy::Relation& relation, const policy::Column& column, bool prepares);
  /// Once, after the last statement.
  std::vector<ParameterGuard> take_guards();

  EditList edits;
  std::vector<std::string> notes;  ///< one for each reason to edit
  std::optional<Error> without_temporary;  ///< see Rewritten
  bool perhaps_stale = false;  ///< the refusal says something of the catalogue that may have changed on the server

 private:
  using Node = ast::Node;
  using ListView = ast::ListView;
  using Status = Result<void>;

  /// Mode validate: nothing is confined here. Whether the client's own conditions do it is verify_supplied.h's question, and
  /// whatever else has to edit the text refuses it.
  bool validating() const { return subject_.policy.tenancy.mode == policy::Mode::validate; }

  /// A protected relation in FROM whose predicate has no place yet.
  struct Pending {
    Node range_var;
    Node sample;  ///< the RangeTableSample around it
    ResolvedRelation relation;
    bool locked = false;  ///< FOR UPDATE and the like reach it: what is not the organisation's own is not to be locked
  };
  using Pendings = std::vector<Pending>;

  // rules_utility.cc: what does not touch tables
  Result<Effects> utility(Node statement);
  Result<Effects> set_variable(Node statement);
  Result<Effects> set_characteristics(Node statement);
  Result<Effects> transaction(Node statement);
  Error refused_statement(Node statement) const;
  /// The key words the statement being judged begins with: "CREATE TABLE".
  std::string opening_words() const;
  std::size_t first_token() const;

  // rules_cursor.cc: cursors, and WHERE CURRENT OF
  Status declare_cursor(Node statement);
  Status current_of(Node condition, Node target, const ResolvedRelation& relation);
  /// A member of FROM that may show rows of a table which no predicate has confined.
  void shows_other_rows(Node item, const ResolvedRelation* relation);

  // rules_prepare.cc
  Status prepare(Node statement, Statement& out);
  Status execute(Node statement, Statement& out);

  // rules_names.cc: names that PostgreSQL keeps outside tables
  Result<Effects> channel(Node statement);
  /// A call of pg_notify or of one of the advisory lock functions by its plain name or pg_catalog's; `name` is one of theirs.
  Status names_call(Node call, std::string_view name);
  Status lock_call(Node call, std::size_t open, std::size_t close);
  Status notify_call(Node call, std::size_t open, std::size_t close);

  // rules_select.cc: query levels
  Status query(Node statement, const Level* outer, bool locked = false);
  Status select(Node statement, const Level* outer, bool locked);
  Status with_clause(Node with, Level& level);
  /// The relations whose predicates belong into WHERE.
  Result<Pendings> from_clause(ListView items, Level& level, bool hidden = false);
  /// Everything below `statement` but what has been judged already.
  Status rest(Node statement, const std::vector<Node>& judged, Level& level);

  // rules_from.cc: members of FROM and where their predicates go
  Status count_member(Node member);
  /// No two members of one FROM, the target of a write among them, go by one name if one of them is protected: a predicate says
  /// "name".column. `what` PostgreSQL calls it.
  Status distinct_names(const std::vector<Node>& members, std::string_view what = "table name");
  Result<Pendings> from_item(Node item, Level& level, bool hidden);
  Result<Pendings> from_relation(Node range_var, Node sample, Level& level, bool hidden);
  Result<Pendings> from_join(Node join, Level& level, bool hidden);
  Status from_expressions(Node item, Level& level);
  Status place_in_on(Node join, const Pendings& pendings);
  Status wrap(const Pending& pending);
  Status wrap_all(const Pendings& pendings);
  Status cast_of_row(Node cast) const;
  /// Adds the conjunction to the WHERE of the query level that token `from` belongs to, which lies before its WHERE.
  Status place_in_where(std::size_t from, bool has_where, const std::string& predicates, Node near);
  std::string conjunction(const Pendings& pendings);
  /// Puts the predicates before the condition between token `key_word`, WHERE or ON, and token `end`.
  void conjoin(std::size_t key_word, std::size_t end, const std::string& predicates);

  // rules_relation.cc: names of relations
  /// `placed`: PostgreSQL says where a name stands that it does not find, as in queries and not in utility statements.
  Status resolve(Node range_var, ResolvedRelation& out, bool placed = true);
  Status require(Node range_var, const ResolvedRelation& relation, policy::Action action);
  /// The target of INSERT, UPDATE or DELETE: a protected relation, never a CTE.
  Status resolve_target(Node range_var, policy::Action action, ResolvedRelation& out, bool placed = true);
  Clauses::Relation tokens_of(Node range_var) const;
  Status qualify(Node range_var, const ResolvedRelation& relation);
  /// The organisation's own rows.
  std::string predicate(std::string_view alias, const ResolvedRelation& relation) const;
  /// Those it may read: its own, and others if the relation's line in the policy says so.
  std::string read_predicate(std::string_view alias, const ResolvedRelation& relation) const;
  std::string predicate(const Pending& pending) const;
  /// For a note: the relation's name, and that it is read wider.
  static std::string confined(const Pending& pending);
  static std::string_view alias_of(Node range_var);
  /// What a write's expressions may name the target's rows by. Without `select` none of its columns: reading them in a condition is
  /// reading, too.
  Source target_source(std::string_view alias, Node range_var, const ResolvedRelation& relation);

  // rules_write.cc: UPDATE, DELETE and assignments
  Status update(Node statement, const Level* outer);
  Status delete_(Node statement, const Level* outer);
  Status confine_target(Node target, const ResolvedRelation& relation, Node where, const Pendings& pendings,
                        const char* what_becomes_of_it);
  Status assignments(ListView targets, const ResolvedRelation& relation, Level& level, bool on_conflict);
  Status returning(ListView targets, Node range_var, const ResolvedRelation& relation);
  enum class Stamp { own, foreign, unproven };
  /// What is known of a value for the tenant column.
  Stamp stamp_of(Node value, const ResolvedRelation& relation) const;
  Status require_own(Stamp stamp, const ResolvedRelation& relation, Node near) const;

  // rules_merge.cc
  Status merge(Node statement, const Level* outer);
  /// `action` is the token behind THEN.
  Status merge_arm(Node arm, std::size_t action, const Preserved& source, Node target, const ResolvedRelation& relation,
                   Level& level);
  Status merge_insert(Node arm, std::size_t insert, const Preserved& source, const ResolvedRelation& relation);

  // rules_columns.cc: what a role may name of a table
  Error column_denied(std::string_view what, int location) const;
  std::optional<Error> first_temporary_;  ///< there is no such relation, unless the client has made it; of the first in the text, qualified or not
  std::optional<Error> without_select_;  ///< the refusal of what reads a target that the role may not
  Status limited_reference(const std::vector<std::string_view>& names, bool star, const Level& level, int location);
  Status limited_targets(ListView targets, const ResolvedRelation& relation, bool inserted);
  Status limited_width(std::size_t values, const ResolvedRelation& relation, int location);

  // rules_temporary.cc: temporary tables, and what may be done with them alone
  /// True if the statement was one of them and has been judged.
  Result<bool> temporary(Node statement);
  /// The INTO of the statement's first SELECT, if it has one.
  Status select_into(Node statement);
  Status create_temporary(Node statement);
  Status create_temporary_as(Node statement);
  /// The table that CREATE or INTO makes.
  Status new_temporary(Node range_var, ast::OnCommitAction on_commit);
  Status into(Node clause);
  Status column_definition(Node column);
  Status constraint(Node node);
  Status like(Node clause);
  Status drop_temporary(Node statement);
  Status index_temporary(Node statement);
  Status analyze_temporary(Node statement);
  /// An expression that the table keeps: PostgreSQL evaluates it whenever it likes.
  Status kept_expression(Node expression, const char* where);
  bool allows_temporary() const { return subject_.policy.tenancy.temporary_tables == policy::TemporaryTables::allow; }
  Error not_for_temporary(std::string_view what, int location) const;

  // rules_truncate.cc
  Status truncate(Node statement);

  // rules_explain.cc
  Status explain(Node statement);

  // rules_copy.cc
  Status copy(Node statement, std::vector<Statement>& judged);
  Status copy_to(Node statement);
  Status copy_from(Node statement, const CopyOptions& options, std::vector<Statement>& judged);
  Status copy_into_temporary(Node statement, const ResolvedRelation& relation, std::vector<Statement>& judged);
  Status leave_freeze_out(int location);
  /// Tokens [first, second) of the relation and its column list.
  Result<std::pair<std::size_t, std::size_t>> copied_relation(Node statement) const;
  Result<std::vector<const policy::Column*>> copied_columns(Node statement, const policy::Relation& relation);

  // rules_parameter.cc
  /// `value` is a parameter, cast or not, that can be checked at Bind: from now on it will be.
  bool guard(Node value, const ResolvedRelation& relation);

  // rules_insert.cc
  Status insert(Node statement, const Level* outer);
  Status insert_default_values(Node statement, const ResolvedRelation& relation);
  Status insert_with_list(Node statement, const ResolvedRelation& relation, const Level& level);
  Status insert_without_list(Node statement, const ResolvedRelation& relation, const Level& level);
  Status check_places(Node source, std::size_t width) const;
  Status check_places(ListView list, std::size_t width, const char* clause) const;
  Status append_to_arms(Node select, const std::string& constant);
  Status append_to_values(Node values, const std::string& constant);
  /// Makes the * that TABLE t stands for one that a value can follow.
  Status append_to_table(Node select, const std::string& constant);
  Status check_supplied(Node select, const ResolvedRelation& relation, std::size_t column, const Level& level);
  /// Replaces DEFAULT VALUES, which begins at token `word`.
  Status stamp_default_values(std::size_t word, const ResolvedRelation& relation);
  /// The first columns of the relation, as many as there are values, and the tenant column if it is not among them.
  static std::string catalogue_list(const ResolvedRelation& relation, std::size_t values);
  Error needs_column_list(const ResolvedRelation& relation, int location) const;
  Status check_width(ListView columns, Node source, const ResolvedRelation& relation) const;
  Status on_conflict(Node clause, Node range_var, const ResolvedRelation& relation, Level& level);
  struct Output {
    Node value;                                   ///< null: a column of a star
    const policy::Column* star_column = nullptr;  ///< then this one
    bool tenant_value = false;                    ///< the tenant column of a relation of the arm that gives own rows only
    std::string_view name{};                      ///< what it is called; empty: whatever PostgreSQL calls it
  };
  using Outputs = std::optional<std::vector<Output>>;  ///< nothing: a star cannot be expanded from the catalogue
  /// What alias.* stands for, or * for an empty alias.
  using GivenBy = std::function<Outputs(std::string_view alias)>;
  /// `output` feeds the tenant column of a row of `arm`; `plain`: as VALUES of an INSERT do.
  Status supplied(const Output& output, Node arm, bool plain, const ResolvedRelation& relation);
  /// The columns a SELECT or VALUES arm of an INSERT's source gives, as many as a relation may have. `level` is that of the
  /// INSERT, whose WITH the arm may read.
  Outputs outputs(Node source, Node arm, std::size_t row, const Level& level);
  /// Those of a target list over what `given` tells of; `from`: the members of FROM, of whose rows one may be written (t).*.
  Outputs expand(ListView targets, ListView from, const GivenBy& given);
  /// Those that reading a relation of the catalogue gives. `own`: all its rows are the tenant's.
  static std::vector<Output> columns_of(const policy::Relation& relation, const policy::Column* own);
  /// Those of a member of WITH that `range_var` names: a SELECT from relations, or a DELETE's RETURNING.
  Outputs cte_outputs(Node range_var, const Level& level);
  Outputs returned_outputs(Node delete_statement);
  /// Every member of FROM is a relation of the catalogue without a column `name`.
  bool surely_no_column(ListView from, std::string_view name);
  /// Nothing for null, a CTE and what is no relation of the catalogue.
  std::optional<ResolvedRelation> relation_of(Node range_var);
  /// x.*, which may stand for any number of values.
  static bool is_star(Node value);

  // rules_expression.cc: everything inside expressions
  Status expression(Node node, Level& level);
  Status expressions(ListView list, Level& level);
  Status function_call(Node call, Level& level);
  bool overloads_builtin(const std::string& schema, std::string_view name) const;
  Status set_config(Node call);
  Status operator_name(const std::vector<std::string_view>& names, int location);
  Status type_name(const std::vector<std::string_view>& names, int location);
  Status column_reference(Node column, Level& level);
  Status indirection(Node node, Level& level);
  Status field_name(std::string_view name, int location);
  Status row_counts(const ParsedStatement& statement);
  Status without_row_counts();

  Error refuse(SqlState state, std::string message, std::string hint, int location) const;
  /// The clause an edit belongs to was not found in the text: refused, as everything that is not understood.
  Error no_place(Node near) const;

  const Subject& subject_;
  std::string_view sql_;
  const Lexed& lexed_;
  Protocol protocol_;
  Clauses clauses_;
  std::unordered_set<const void*> visited_;  ///< shared nodes: the tree is a DAG
  /// What names were found to mean: a text may name one relation thousands of times. By schema and name as written.
  std::map<std::pair<std::string_view, std::string_view>, ResolvedRelation> resolved_;
  std::unordered_set<std::string_view> wrapped_;       ///< names of tables that are read through a subquery
  int members_ = 0;                                    ///< of FROM, in the text so far
  std::unordered_set<std::string_view> cte_names_;     ///< every name of a CTE in the text
  std::map<std::string_view, int> cte_depths_;         ///< how long a chain of references ends in each
  int cte_depth_ = 0;                                  ///< the longest that the query being judged refers to
  bool cte_referred_ = false;                          ///< it refers to any but the one it is of
  std::string_view cte_judged_;                        ///< that one
  std::unordered_set<std::string_view> harmless_fields_;  ///< names found to be no call in attribute notation
  std::set<std::string, std::less<>> made_;   ///< temporary tables that the text makes
  Node into_;                                 ///< the INTO that may stand where it stands
  std::unordered_set<const void*> plain_calls_;        ///< calls that run exactly once: SELECT f(…) and nothing else
  std::size_t limit_ = Clauses::npos;                  ///< ON CONFLICT behind the SELECT of an INSERT
  std::map<std::pair<int, std::string>, ParameterGuard> guards_;  ///< by parameter and type
  std::map<int, std::size_t> guarded_places_;                     ///< of each parameter
  Effects* effects_ = nullptr;               ///< of the statement being judged
  std::uint32_t begin_ = 0;                  ///< byte where it begins
  bool reads_pg_class_ = false;
  std::vector<ast::Node> pg_classes_;  ///< where the statement reads it
  std::optional<int> whole_pg_class_;  ///< a place where it is read as a whole
  std::optional<int> bare_pg_class_;   ///< one where what is named no subquery has
  bool own_rows_ = true;   ///< see Effects::own_rows
  bool copies_ = false;    ///< the statement being judged is a COPY
  bool explains_ = false;  ///< or an EXPLAIN
};

}  // namespace bulkhead::rewrite
