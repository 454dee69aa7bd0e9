#pragma once

// What the rewriter says of a text a client wants to run. Values; owned by whoever asked; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "copy/format.h"

namespace bulkhead::rewrite {

/// Replaces `length` bytes at `offset` of the client's text by `text`; length 0 is an insertion.
struct Edit {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::string text;
  bool operator==(const Edit&) const = default;
};

/// Text that has been judged: but in mode observe the only SQL of a client's that a server connection accepts. Made by Rewriter, and by
/// Template from what the Rewriter made of a text of the same shape.
class RewrittenSql {
 public:
  std::string_view text() const { return text_; }

 private:
  friend class Rewriter;
  friend class Template;
  explicit RewrittenSql(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Maps places in the rewritten text back to the client's. Positions are characters from 1, as ErrorResponse 'P' counts.
class PositionMap {
 public:
  PositionMap() = default;
  /// `edits` in ascending order of offset, not overlapping.
  PositionMap(std::string_view original, const std::vector<Edit>& edits);
  /// A place inside inserted text maps to the place it was inserted at. Positions out of range give the text's end.
  int to_client(int position_in_rewritten) const;
  bool identity() const { return steps_.empty(); }

 private:
  struct Step {
    int rewritten_begin, rewritten_length, client_begin, client_length;  // in characters
  };
  std::vector<Step> steps_;
  int client_characters_ = 0;
};

/// Bytes [begin, end) of a text: a number, a '…', or a comment.
struct Literal {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Literal&) const = default;
};

/// A change to a run-time parameter that outlives its statement (SET, RESET; not SET LOCAL, not SET TRANSACTION).
struct SettingChange {
  std::string name;                  ///< folded to lower case
  std::optional<std::string> value;  ///< nullopt: RESET or SET … TO DEFAULT
  bool operator==(const SettingChange&) const = default;
};

/// RESET x, SET [LOCAL] x TO DEFAULT: what its client has said of x in the startup message, Rewriter::resetting() puts in.
struct Reset {
  std::string name;    ///< folded to lower case
  bool local = false;  ///< SET LOCAL: until the transaction ends
  bool operator==(const Reset&) const = default;
};

/// A notification channel by its name on the server and by the one its client knows.
struct Listening {
  std::string on_server;
  std::string name;
  bool operator==(const Listening&) const = default;
};

/// What a statement does to the cursors and savepoints of its transaction.
struct CursorChange {
  enum class What : std::uint8_t { opens, closes, closes_all, savepoint, releases, returns_to, ends };
  What what = What::ends;
  std::string name;  ///< the cursor or savepoint; not of closes_all and ends
  bool operator==(const CursorChange&) const = default;
};

/// What the session has to know about one statement of the text beyond "it may run".
struct Effects {
  std::vector<SettingChange> settings;
  std::optional<Reset> resets;  ///< one parameter, to what the server takes for its default
  bool reset_all = false;    ///< RESET ALL
  bool formats_locally = false;  ///< SET LOCAL of a setting that is_format(), or its like: until the transaction ends
  bool discard_all = false;  ///< DISCARD ALL: settings, statements, cursors
  bool deallocate_all = false;
  std::optional<std::string> deallocate;  ///< DEALLOCATE name
  bool pins = false;  ///< leaves state on the connection that is not tracked: keep the connection until the client goes
  bool loosens = false;  ///< may have ended what pinned: UNLISTEN, an advisory lock given back, a cursor closed
  std::optional<Listening> listens;  ///< LISTEN
  std::optional<CursorChange> cursor;
  /// A query that a portal may be bound to, or DECLARE of one, and whatever rows of a table it reads are the tenant's own: WHERE CURRENT OF may write where
  /// its cursor stands.
  bool own_rows = false;
  std::vector<std::string> stands_on;  ///< cursors that WHERE CURRENT OF names: they must be known to stand on own rows
  bool begins_transaction = false;  ///< BEGIN, START TRANSACTION
  bool makes_temporary = false;     ///< CREATE TEMPORARY TABLE; it also pins
  std::string tag;  ///< what the client's statement completes with, where the rewritten one completes with another
  bool keeps_transaction = false;   ///< ROLLBACK TO SAVEPOINT: its tag is ROLLBACK, but the transaction goes on
  bool operator==(const Effects&) const = default;
};

/// PREPARE name (types) AS body.
struct PrepareInSql {
  std::string name;
  std::vector<std::uint32_t> types;  ///< their OIDs; 0: to be inferred
  std::uint32_t begin = 0, end = 0;  ///< bytes of the body in the client's text
  bool operator==(const PrepareInSql&) const = default;
};

/// A value of EXECUTE as far as it can be read: a number or a string, perhaps with a cast to a type of pg_catalog.
struct Argument {
  std::optional<std::string> value;  ///< nothing: an expression
  std::string type;                  ///< of the cast; empty: none
  bool operator==(const Argument&) const = default;
};

/// EXECUTE name (arguments).
struct ExecuteInSql {
  std::string name;
  std::uint32_t begin = 0, end = 0;  ///< bytes of the name in the client's text
  std::vector<Argument> arguments;
  bool operator==(const ExecuteInSql&) const = default;
};

/// A parameter that feeds a tenant column: before it is bound, whoever binds it must have seen that its value, as
/// PostgreSQL will read it, is the session's own organisation.
struct ParameterGuard {
  int parameter = 0;  ///< from 1
  std::string type;   ///< in pg_catalog: the tenant column's, or that of the cast around the parameter
  std::string value;  ///< the organisation
  std::string column;  ///< column "…" of relation "…", for the refusal
  /// The parameter stands nowhere else, so that a type that is not declared can only be inferred as `type`.
  bool sole = false;
  /// Wherever it is guarded it is cast to `type` in so many words: a text that is bound is read as one.
  bool cast = false;
  bool operator==(const ParameterGuard&) const = default;
};

/// Whether a statement is a COPY, and which way its rows go.
enum class CopyDirection : std::uint8_t { none, out, in };

/// What the server's answer to a statement is to the client. A COPY into a table with row-level security, which PostgreSQL
/// refuses, becomes four statements: a temporary table is made, the rows are copied into it, inserted from there, and it
/// is dropped.
enum class Answer : std::uint8_t {
  own,     ///< that of its own statement
  hidden,  ///< nothing: the statement is ours
  copied,  ///< "INSERT 0 n" is "COPY n"
};
inline constexpr std::string_view kCopyTable = "bulkhead_copy";

/// The rows of a COPY FROM: how they are written, and what the tenant column must hold in each.
struct CopyRows {
  copy::Shape shape;
  std::string relation;  ///< as PostgreSQL names it in CONTEXT
  ParameterGuard guard;  ///< the tenant's value; `parameter` is not used
  bool operator==(const CopyRows&) const = default;
};

/// One statement of a text, in order, as the server gets them.
struct Statement {
  std::string kind;  ///< the parse node's name, "SelectStmt"
  Effects effects;
  CopyDirection copy = CopyDirection::none;
  std::optional<CopyRows> rows;  ///< of a COPY FROM
  bool rows_pass = false;  ///< of a COPY FROM into a temporary table: they are nobody else's business
  Answer answer = Answer::own;
  std::optional<PrepareInSql> prepare;
  std::optional<ExecuteInSql> execute;
  bool operator==(const Statement&) const = default;
};

/// The statement stands at these bytes of the client's text. Only of a text that has PREPARE or EXECUTE in it, which is run
/// statement by statement.
using Piece = Literal;

struct Rewritten {
  RewrittenSql sql;
  std::vector<Edit> edits;  ///< empty: the text is the client's own, untouched
  std::vector<Statement> statements;  ///< empty for an empty query string
  std::vector<std::string> notes;     ///< why each edit was made, in words, for `bulkhead rewrite`
  std::vector<ParameterGuard> guards;  ///< what must be seen at each Bind; one for each parameter and type
  std::vector<Piece> pieces;           ///< one for each statement, or none; never in a template's verdict
  std::vector<Literal> free_literals;  ///< of the client's text, in order: any others of their class give the same verdict
  /// A name that the catalogue does not have was taken for that of a temporary table, made before this text: what is to be said
  /// to a client that has none. The catalogue may be stale then, as it may for Rejected::perhaps_stale.
  std::optional<Error> without_temporary{};
};

struct Rejected {
  Error error;  ///< with the position in the client's text where there is one
  bool perhaps_stale = false;  ///< for what the catalogue says of a relation: have it read anew once, then judge again
};

/// There is no "unknown": what nobody decided about is Rejected. A text that needs no change is Rewritten without edits.
using Verdict = std::variant<Rewritten, Rejected>;

}  // namespace bulkhead::rewrite
