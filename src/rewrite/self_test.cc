#include "rewrite/self_test.h"

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include <cctype>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "rewrite/pg_parse.h"
#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {
namespace {

using ast::FieldClass;
using ast::FieldInfo;
using ast::Kind;
using ast::Node;

// Statements that between them use every kind of node and clause the rewriter edits or lets pass.
constexpr const char* kStatements[] = {
    "SELECT 1",
    "SELECT DISTINCT a, b AS c FROM s.t AS x WHERE a = 1 AND (b <> 'u' OR NOT c)",
    "SELECT DISTINCT ON (a) a, count(*), t.* FROM ONLY t GROUP BY a, 2 HAVING count(*) > 1 ORDER BY 1 DESC NULLS LAST",
    "SELECT a FROM t LIMIT 5 OFFSET 3",
    "SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS WITH TIES",
    "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y) AS j RIGHT JOIN d ON true FULL JOIN e ON a.z = e.z",
    "SELECT * FROM a NATURAL JOIN b CROSS JOIN (c JOIN d ON true) AS k (p, q)",
    "SELECT * FROM a, LATERAL (SELECT a.x) AS l (m), generate_series(1, 3) WITH ORDINALITY AS g (n, o)",
    "SELECT * FROM ROWS FROM (f(1), g(2) AS (h int, i text)) AS r",
    "SELECT * FROM t TABLESAMPLE bernoulli (10) REPEATABLE (7)",
    "SELECT * FROM XMLTABLE(XMLNAMESPACES('u' AS n), '/r' PASSING d COLUMNS o FOR ORDINALITY, x int PATH 'p' NOT NULL)",
    "SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3 EXCEPT VALUES (4), (DEFAULT)",
    "WITH RECURSIVE r (n) AS NOT MATERIALIZED (SELECT 1 UNION SELECT n + 1 FROM r) SEARCH DEPTH FIRST BY n SET o CYCLE n "
    "SET c TO 'y' DEFAULT 'n' USING p SELECT * FROM r",
    "WITH d AS MATERIALIZED (DELETE FROM t RETURNING *) TABLE d",
    "SELECT * FROM a, b FOR UPDATE OF a SKIP LOCKED FOR KEY SHARE OF b NOWAIT",
    "SELECT EXISTS (SELECT 1), ARRAY(SELECT 2), x IN (SELECT 3), x = ANY (SELECT 4), (a, b) <> ALL (SELECT 5, 6)",
    "SELECT x IN (1, 2), x NOT IN (3), x BETWEEN 1 AND 2, x NOT BETWEEN SYMMETRIC 3 AND 4, x LIKE 'a' ESCAPE 'b'",
    "SELECT x ILIKE 'a', x SIMILAR TO 'b', x IS DISTINCT FROM y, x IS NOT DISTINCT FROM y, NULLIF(x, y), x = ANY (z)",
    "SELECT x OPERATOR(pg_catalog.=) y, - x, x ->> 'k', x AT TIME ZONE 'utc', x COLLATE \"C\", x::s.t (3)[], int '4'",
    "SELECT CASE WHEN a THEN 1 ELSE 2 END, CASE b WHEN 3 THEN 4 END, COALESCE(a, b), GREATEST(a, b), LEAST(c, d)",
    "SELECT ROW(1, 2), (3, 4), ARRAY[5, 6], (a).b.c[7], d[8:9], e[:], (f).*",
    "SELECT count(DISTINCT a ORDER BY b USING <), sum(c) FILTER (WHERE d), percentile_cont(0.5) WITHIN GROUP (ORDER BY e)",
    "SELECT rank() OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES), "
    "sum(c) OVER w FROM t WINDOW w AS (v ORDER BY d RANGE UNBOUNDED PRECEDING), v AS ()",
    "SELECT f(VARIADIC a), g(b => 1), s.h(), EXTRACT(year FROM c), SUBSTRING(d FROM 1 FOR 2), TRIM(BOTH 'x' FROM e)",
    "SELECT CURRENT_DATE, CURRENT_TIMESTAMP(3), CURRENT_USER, SESSION_USER, CURRENT_SCHEMA, LOCALTIME",
    "SELECT a IS NULL, b IS NOT NULL, c IS TRUE, d IS NOT UNKNOWN, e IS NOT FALSE FROM t",
    "SELECT GROUPING(a), b FROM t GROUP BY DISTINCT GROUPING SETS ((a), ()), ROLLUP (b), CUBE (c, d)",
    "SELECT xmlelement(name n, xmlattributes(a AS b), c), xmlforest(d), xmlpi(name p), xmlserialize(DOCUMENT e AS text)",
    "SELECT xmlparse(CONTENT 'x' STRIP WHITESPACE), xmlroot(x, VERSION '1', STANDALONE YES), x IS DOCUMENT",
    "SELECT -1, 2.5, 99999999999, 'é', B'01', X'1F', NULL, TRUE, $1, $2::int8",
    "INSERT INTO s.t AS x (a, b.c, d[1]) VALUES (1, DEFAULT, 'v'), (2, $1, NULL) RETURNING *, a AS b",
    "INSERT INTO t DEFAULT VALUES",
    "INSERT INTO t (a) OVERRIDING SYSTEM VALUE SELECT b FROM u",
    "INSERT INTO t OVERRIDING USER VALUE TABLE u",
    "WITH c AS (SELECT 1) INSERT INTO t VALUES (1) ON CONFLICT (a COLLATE \"C\" text_ops, (lower(b))) WHERE c DO UPDATE "
    "SET d = excluded.d, (e, f) = (SELECT 1, 2) WHERE t.g",
    "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING",
    "UPDATE ONLY s.t AS x SET a = 1, b = DEFAULT, (c, d) = ROW(1, 2), e[1] = 3 FROM u, v WHERE x.i = u.i RETURNING x.*",
    "UPDATE t SET a = 1 WHERE CURRENT OF c",
    "WITH c AS (SELECT 1) DELETE FROM t AS x USING u, c WHERE x.i = u.i RETURNING i",
    "MERGE INTO t USING u ON t.i = u.i WHEN MATCHED AND a THEN UPDATE SET b = 1 WHEN MATCHED THEN DELETE WHEN NOT MATCHED "
    "THEN INSERT (c) OVERRIDING USER VALUE VALUES (1) WHEN NOT MATCHED THEN DO NOTHING",
    "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
    "START TRANSACTION",
    "COMMIT AND CHAIN",
    "ROLLBACK TO SAVEPOINT s",
    "RELEASE s",
    "PREPARE TRANSACTION 'g'",
    "SET LOCAL search_path = a, 'b', 3",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "SET TIME ZONE INTERVAL '1' HOUR TO MINUTE",
    "RESET ALL",
    "SHOW search_path",
    "DISCARD PLANS",
    "DEALLOCATE p",
    "PREPARE p (int) AS SELECT $1",
    "EXECUTE p (1)",
    "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1",
    "FETCH FORWARD 3 FROM c",
    "COPY t (a) FROM STDIN WITH (FORMAT csv, HEADER) WHERE b",
    "EXPLAIN (ANALYZE, FORMAT json) SELECT 1",
    "CREATE TEMP TABLE n AS SELECT 1 WITH NO DATA",
    "CREATE TABLE n (a int PRIMARY KEY DEFAULT 1 CHECK (a > 0), LIKE o INCLUDING ALL) PARTITION BY RANGE (a)",
    "CREATE INDEX CONCURRENTLY i ON t USING btree (a DESC, (b + 1)) INCLUDE (c) WHERE d",
    "ALTER TABLE t ADD COLUMN a int, DROP COLUMN b CASCADE",
    "DROP TABLE IF EXISTS a, s.b",
    "LOCK TABLE t IN SHARE MODE NOWAIT",
    "NOTIFY c, 'p'",
};

/// "targetList" and "target_list" become one.
std::string plain(const char* name) {
  std::string result;
  for (; *name; ++name)
    if (*name != '_') result += static_cast<char>(std::tolower(static_cast<unsigned char>(*name)));
  return result;
}

using EnumName = std::pair<std::string, int>;
const std::map<EnumName, std::string>& enumerator_names() {
  static const std::map<EnumName, std::string> names{
#define BULKHEAD_ENUM(name)
#define BULKHEAD_ENUMERATOR(type, label) {{#type, static_cast<int>(ast::type::label)}, #label},
#define BULKHEAD_OWN_ENUMERATOR(type, label) BULKHEAD_ENUMERATOR(type, label)
#include "rewrite/generated/enumerators.inc"
#undef BULKHEAD_ENUM
#undef BULKHEAD_ENUMERATOR
#undef BULKHEAD_OWN_ENUMERATOR
  };
  return names;
}

template <class T>
T at(const ProtobufCMessage* message, unsigned offset) {
  return ast::detail::read<T>(message, offset);
}

/// One node as ast.h shows it against one protobuf message, by the names in the message's descriptor. Recursion is as deep
/// as our own statements are.
class Comparison {
 public:
  Result<void> nodes(Node ours, const ProtobufCMessage* theirs) {
    if (theirs && theirs->descriptor == &pg_query__node__descriptor) theirs = unwrapped(theirs);
    if (!ours || !theirs) return check(!ours && !theirs, "a node that only one side has");
    BULKHEAD_CHECK(check(plain(ours.kind_name()) == plain(theirs->descriptor->short_name),
                         std::string("kind, theirs is ") + theirs->descriptor->short_name));
    if (ours.is(Kind::List)) return lists(ours.list(), theirs, theirs->descriptor->fields[0]);
    path_.append("/").append(ours.kind_name());
    const std::size_t length = path_.size();

    std::set<std::string> seen{"xpr"};  // the header of expression structs, always empty
    for (const FieldInfo& field : ast::fields_of(ours.kind())) {
      path_.append(".").append(field.name);
      if (field.field_class == FieldClass::value) {
        const Node value = ours.get(ast::f::A_Const::val);
        BULKHEAD_CHECK(nodes(value, constant(theirs)));
        for (const char* name : {"ival", "fval", "boolval", "sval", "bsval"}) seen.insert(name);
      } else {
        const std::string name = plain(field.name);
        const auto* other = find(theirs->descriptor, name);
        BULKHEAD_CHECK(check(other != nullptr, "no such field in the protobuf message"));
        BULKHEAD_CHECK(fields(ours, field, theirs, *other));
        seen.insert(name);
      }
      path_.resize(length);
    }
    for (unsigned i = 0; i < theirs->descriptor->n_fields; ++i)
      BULKHEAD_CHECK(check(seen.contains(plain(theirs->descriptor->fields[i].name)),
                           std::string("field unknown to ast.h: ") + theirs->descriptor->fields[i].name));
    path_.resize(length - 1 - std::strlen(ours.kind_name()));
    return {};
  }

 private:
  Result<void> check(bool same, const std::string& what) const {
    if (same) return {};
    return make_error(sqlstate::internal_error, "libpg_query's trees differ from the headers Bulkhead was built with", {},
                      path_ + ": " + what);
  }

  static const ProtobufCFieldDescriptor* find(const ProtobufCMessageDescriptor* descriptor, const std::string& name) {
    for (unsigned i = 0; i < descriptor->n_fields; ++i)
      if (plain(descriptor->fields[i].name) == name) return &descriptor->fields[i];
    return nullptr;
  }
  static const ProtobufCMessage* member(const ProtobufCMessage* message, std::uint32_t id) {
    for (unsigned i = 0; id != 0 && i < message->descriptor->n_fields; ++i)
      if (message->descriptor->fields[i].id == id)
        return at<const ProtobufCMessage*>(message, message->descriptor->fields[i].offset);
    return nullptr;
  }
  /// The member of the oneof that a Node message is.
  static const ProtobufCMessage* unwrapped(const ProtobufCMessage* node) {
    return member(node, at<std::uint32_t>(node, node->descriptor->fields[0].quantifier_offset));
  }
  static const ProtobufCMessage* constant(const ProtobufCMessage* a_const) {
    return member(a_const, at<std::uint32_t>(a_const, find(a_const->descriptor, "ival")->quantifier_offset));
  }

  Result<void> lists(ast::ListView ours, const ProtobufCMessage* theirs, const ProtobufCFieldDescriptor& other) {
    BULKHEAD_CHECK(check(other.label == PROTOBUF_C_LABEL_REPEATED, "not a list"));
    const auto count = at<std::size_t>(theirs, other.quantifier_offset);
    const auto elements = at<const ProtobufCMessage* const*>(theirs, other.offset);
    BULKHEAD_CHECK(check(count == ours.size(), "length of the list"));
    for (std::size_t i = 0; i < count; ++i) BULKHEAD_CHECK(nodes(ours[i], elements[i]));
    return {};
  }

  Result<void> fields(Node ours, const FieldInfo& field, const ProtobufCMessage* theirs,
                      const ProtobufCFieldDescriptor& other) {
    const void* const base = ours.id();
    const auto number = [&]<class T>(T value, bool type_fits) {
      return check(type_fits && value == at<T>(theirs, other.offset), "value");
    };
    switch (field.field_class) {
      case FieldClass::node:
        BULKHEAD_CHECK(check(other.type == PROTOBUF_C_TYPE_MESSAGE && other.label != PROTOBUF_C_LABEL_REPEATED, "type"));
        return nodes(ast::Raw::node(ast::detail::read<const void*>(base, field.offset)),
                     at<const ProtobufCMessage*>(theirs, other.offset));
      case FieldClass::list:
        return lists(ast::ListView(ast::detail::read<const void*>(base, field.offset)), theirs, other);
      case FieldClass::cstring: {
        const auto text = ast::detail::read<const char*>(base, field.offset);
        return check(other.type == PROTOBUF_C_TYPE_STRING &&
                         std::string_view(text ? text : "") == at<const char*>(theirs, other.offset),
                     "text");
      }
      case FieldClass::character: {
        const char c = ast::detail::read<char>(base, field.offset);
        return check(other.type == PROTOBUF_C_TYPE_STRING &&
                         std::string(c ? 1 : 0, c) == at<const char*>(theirs, other.offset),
                     "character");
      }
      case FieldClass::integer:
      case FieldClass::location:
        return number(ast::detail::read<std::int32_t>(base, field.offset), other.type == PROTOBUF_C_TYPE_INT32);
      case FieldClass::int16:
        return number(static_cast<std::int32_t>(ast::detail::read<std::int16_t>(base, field.offset)),
                      other.type == PROTOBUF_C_TYPE_INT32);
      case FieldClass::int64:
        return number(ast::detail::read<std::int64_t>(base, field.offset), other.type == PROTOBUF_C_TYPE_INT64);
      case FieldClass::boolean:
        return number(static_cast<protobuf_c_boolean>(ast::detail::read<bool>(base, field.offset)),
                      other.type == PROTOBUF_C_TYPE_BOOL);
      case FieldClass::oid:
      case FieldClass::bits:
        return number(ast::detail::read<std::uint32_t>(base, field.offset), other.type == PROTOBUF_C_TYPE_UINT32);
      case FieldClass::enumeration: return enumerators(ast::detail::read<int>(base, field.offset), theirs, other);
      case FieldClass::value: return {};
    }
    return check(false, "class");
  }

  Result<void> enumerators(int ours, const ProtobufCMessage* theirs, const ProtobufCFieldDescriptor& other) {
    BULKHEAD_CHECK(check(other.type == PROTOBUF_C_TYPE_ENUM, "type"));
    const auto* descriptor = static_cast<const ProtobufCEnumDescriptor*>(other.descriptor);
    const int value = at<int>(theirs, other.offset);
    const auto name = enumerator_names().find({descriptor->short_name, ours});
    for (unsigned i = 0; i < descriptor->n_values; ++i)
      if (descriptor->values[i].value == value)
        return check(name != enumerator_names().end() && name->second == descriptor->values[i].name,
                     std::string("enumerator, theirs is ") + descriptor->values[i].name);
    return check(false, "enumerator");
  }

  std::string path_;
};

}  // namespace

Result<void> compare_paths(std::string_view raw_sql, std::string_view protobuf_sql) {
  BULKHEAD_TRY(const ParseTree ours, parse(raw_sql));
  const std::string text(protobuf_sql);
  const std::unique_ptr<PgQueryProtobufParseResult, void (*)(PgQueryProtobufParseResult*)> packed(
      new PgQueryProtobufParseResult(pg_query_parse_protobuf(text.c_str())), [](PgQueryProtobufParseResult* result) {
        pg_query_free_protobuf_parse_result(*result);
        delete result;
      });
  const auto wrong = [&](const char* what) {
    return make_error(sqlstate::internal_error, "libpg_query's self-test failed", {}, what + (": " + text));
  };
  if (packed->error) return wrong("parse error");
  const std::unique_ptr<PgQuery__ParseResult, void (*)(PgQuery__ParseResult*)> theirs(
      pg_query__parse_result__unpack(nullptr, packed->parse_tree.len,
                                     reinterpret_cast<const std::uint8_t*>(packed->parse_tree.data)),
      [](PgQuery__ParseResult* result) { pg_query__parse_result__free_unpacked(result, nullptr); });
  if (!theirs || theirs->n_stmts != ours.statements().size()) return wrong("number of statements");
  for (std::size_t i = 0; i < theirs->n_stmts; ++i) {
    auto same = Comparison().nodes(ours.statements()[i].node, &theirs->stmts[i]->stmt->base);
    if (!same) {
      same.error().detail += " in " + text;
      return same;
    }
  }
  return {};
}

Result<void> self_test() {
  for (const char* sql : kStatements) BULKHEAD_CHECK(compare_paths(sql, sql));
  return {};
}

}  // namespace bulkhead::rewrite
