#include "rewrite/ast.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "rewrite/pg_parse.h"

namespace bulkhead::rewrite {
namespace {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

ParseTree parsed(std::string_view sql) {
  auto tree = parse(sql);
  EXPECT_TRUE(tree) << sql << ": " << (tree ? "" : tree.error().message);
  return std::move(tree).value();
}

TEST(Ast, FieldsOfASelect) {
  const ParseTree tree = parsed("SELECT DISTINCT a, 7 AS n FROM ONLY s.t AS x(y) WHERE b = 'v' LIMIT 3");
  const Node select = tree.statements().at(0).node;
  ASSERT_TRUE(select.is(Kind::SelectStmt));
  EXPECT_STREQ(select.kind_name(), "SelectStmt");
  EXPECT_EQ(select.get(f::SelectStmt::targetList).size(), 2u);
  EXPECT_EQ(select.get(f::SelectStmt::op), ast::SetOperation::SETOP_NONE);
  EXPECT_EQ(select.get(f::SelectStmt::limitOption), ast::LimitOption::LIMIT_OPTION_COUNT);
  EXPECT_FALSE(select.get(f::SelectStmt::havingClause));

  // Plain DISTINCT is a list of one null.
  const auto distinct = select.get(f::SelectStmt::distinctClause);
  ASSERT_EQ(distinct.size(), 1u);
  EXPECT_FALSE(distinct[0]);
  EXPECT_FALSE(distinct.is_nil());
  EXPECT_TRUE(select.get(f::SelectStmt::groupClause).is_nil());

  const Node range = select.get(f::SelectStmt::fromClause).front();
  ASSERT_TRUE(range.is(Kind::RangeVar));
  EXPECT_EQ(range.get(f::RangeVar::schemaname), "s");
  EXPECT_EQ(range.get(f::RangeVar::relname), "t");
  EXPECT_EQ(range.get(f::RangeVar::catalogname).data(), nullptr);
  EXPECT_FALSE(range.get(f::RangeVar::inh));
  EXPECT_EQ(range.get(f::RangeVar::relpersistence), 'p');
  EXPECT_EQ(range.get(f::RangeVar::location), 36);
  const Node alias = range.get(f::RangeVar::alias);
  EXPECT_EQ(alias.get(f::Alias::aliasname), "x");
  EXPECT_EQ(ast::string_of(alias.get(f::Alias::colnames).front()), "y");

  const Node where = select.get(f::SelectStmt::whereClause);
  ASSERT_TRUE(where.is(Kind::A_Expr));
  EXPECT_EQ(where.get(f::A_Expr::kind), ast::A_Expr_Kind::AEXPR_OP);
  EXPECT_EQ(where.get(f::A_Expr::rexpr).get(f::A_Const::val).get(f::String::sval), "v");
  EXPECT_EQ(select.get(f::SelectStmt::targetList)[1].get(f::ResTarget::val).get(f::A_Const::val).get(f::Integer::ival),
            7);
}

TEST(Ast, NullNodesGiveNothingAndWrongKindsThrow) {
  const Node none;
  EXPECT_EQ(none.kind(), Kind::none);
  EXPECT_STREQ(none.kind_name(), "none");
  EXPECT_FALSE(none.get(f::SelectStmt::whereClause).get(f::A_Expr::lexpr));
  EXPECT_EQ(none.get(f::Integer::ival), 0);
  EXPECT_TRUE(none.get(f::SelectStmt::fromClause).empty());
  const ParseTree tree = parsed("SELECT 1");
  EXPECT_THROW(tree.statements().at(0).node.get(f::InsertStmt::relation), std::logic_error);
  EXPECT_THROW(tree.statements().at(0).node.list(), std::logic_error);
}

TEST(Ast, ConstantsKeepTheirKind) {
  const ParseTree tree = parsed("SELECT -5, 1.5, true, 'x', B'01', NULL, 99999999999");
  const auto targets = tree.statements().at(0).node.get(f::SelectStmt::targetList);
  const auto value = [&](std::size_t i) { return targets[i].get(f::ResTarget::val).get(f::A_Const::val); };
  EXPECT_EQ(value(0).get(f::Integer::ival), -5);
  EXPECT_EQ(value(1).get(f::Float::fval), "1.5");
  EXPECT_EQ(value(3).get(f::String::sval), "x");
  EXPECT_EQ(value(4).get(f::BitString::bsval), "b01");
  EXPECT_FALSE(value(5));
  EXPECT_TRUE(targets[5].get(f::ResTarget::val).get(f::A_Const::isnull));
  EXPECT_EQ(value(6).get(f::Float::fval), "99999999999");
}

std::set<std::string> kinds_below(Node node) {
  std::set<std::string> kinds{node.kind_name()};
  ast::for_each_child(node, [&](Node child) { kinds.merge(kinds_below(child)); });
  return kinds;
}

// Sub-selects in every odd corner must be reached by the generic walk.
TEST(Ast, TheWalkReachesEveryCorner) {
  for (const char* sql : {
           "SELECT 1 LIMIT (SELECT s FROM target)",
           "SELECT 1 OFFSET (SELECT s FROM target)",
           "VALUES (1), ((SELECT s FROM target))",
           "SELECT * FROM a TABLESAMPLE system ((SELECT s FROM target))",
           "SELECT * FROM a TABLESAMPLE system (1) REPEATABLE ((SELECT s FROM target))",
           "SELECT sum(x) FILTER (WHERE EXISTS (SELECT s FROM target)) FROM a",
           "SELECT sum(x) OVER (ORDER BY (SELECT s FROM target)) FROM a",
           "SELECT sum(x) OVER (ROWS (SELECT s FROM target) PRECEDING) FROM a",
           "SELECT sum(x) OVER w FROM a WINDOW w AS (PARTITION BY (SELECT s FROM target))",
           "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (SELECT s FROM target)) FROM a",
           "SELECT 1 FROM a GROUP BY ROLLUP ((SELECT s FROM target))",
           "SELECT 1 FROM a GROUP BY x HAVING (SELECT s FROM target)",
           "SELECT DISTINCT ON ((SELECT s FROM target)) 1",
           "SELECT * FROM a JOIN b ON (SELECT s FROM target)",
           "SELECT * FROM a ORDER BY (SELECT s FROM target)",
           "SELECT * FROM ROWS FROM (f((SELECT s FROM target)), g(1))",
           "SELECT * FROM LATERAL (SELECT s FROM target) x",
           "SELECT * FROM XMLTABLE('/r' PASSING (SELECT s FROM target) COLUMNS x int)",
           "SELECT * FROM XMLTABLE('/r' PASSING d COLUMNS x int DEFAULT (SELECT s FROM target))",
           "SELECT xmlelement(name a, xmlattributes((SELECT s FROM target) AS x))",
           "SELECT xmlserialize(content (SELECT s FROM target) AS text)",
           "SELECT (ARRAY[1,2])[(SELECT s FROM target)]",
           "SELECT (ARRAY[1,2])[1:(SELECT s FROM target)]",
           "SELECT ARRAY[(SELECT s FROM target)]",
           "SELECT ROW((SELECT s FROM target))",
           "SELECT CASE WHEN x THEN 1 ELSE (SELECT s FROM target) END FROM a",
           "SELECT COALESCE(1, (SELECT s FROM target)), GREATEST(1, 2)",
           "SELECT f(x => (SELECT s FROM target))",
           "SELECT (SELECT s FROM target)::text COLLATE \"C\"",
           "SELECT 1 WHERE (SELECT s FROM target) IS NULL",
           "SELECT 1 WHERE ((SELECT s FROM target) = 1) IS NOT TRUE",
           "SELECT 1 WHERE 1 IN (1, (SELECT s FROM target))",
           "SELECT 1 WHERE 1 BETWEEN 0 AND (SELECT s FROM target)",
           "SELECT 1 WHERE 1 = ANY (SELECT s FROM target)",
           "SELECT 1 UNION ALL (SELECT 2 EXCEPT SELECT s FROM target)",
           "WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT s FROM target) CYCLE s SET x USING p "
           "SELECT 1",
           "WITH c AS (DELETE FROM a RETURNING (SELECT s FROM target)) SELECT 1",
           "INSERT INTO a VALUES ((SELECT s FROM target))",
           "INSERT INTO a (x[(SELECT s FROM target)]) VALUES (1)",
           "INSERT INTO a VALUES (1) RETURNING (SELECT s FROM target)",
           "INSERT INTO a VALUES (1) ON CONFLICT (x) DO UPDATE SET y = (SELECT s FROM target)",
           "INSERT INTO a VALUES (1) ON CONFLICT (x) DO UPDATE SET y = 1 WHERE (SELECT s FROM target)",
           "INSERT INTO a VALUES (1) ON CONFLICT (((SELECT s FROM target))) WHERE z DO NOTHING",
           "INSERT INTO a VALUES (1) ON CONFLICT (x) WHERE (SELECT s FROM target) DO NOTHING",
           "UPDATE a SET x = (SELECT s FROM target)",
           "UPDATE a SET (x, y) = (SELECT s, 1 FROM target)",
           "UPDATE a SET x = 1 FROM (SELECT s FROM target) q",
           "DELETE FROM a USING (SELECT s FROM target) q",
           "MERGE INTO a USING b ON true WHEN MATCHED AND (SELECT s FROM target) THEN DELETE",
           "COPY (SELECT s FROM target) TO STDOUT",
           "EXPLAIN SELECT s FROM target",
           "CREATE TABLE n AS SELECT s FROM target",
           "CREATE VIEW n AS SELECT s FROM target",
           "DECLARE c CURSOR FOR SELECT s FROM target",
           "PREPARE p AS SELECT s FROM target",
           "EXECUTE p ((SELECT s FROM target))",
           "CALL p((SELECT s FROM target))",
           "CREATE TABLE n (x int DEFAULT ((SELECT s FROM target)))",
           "CREATE TABLE n (CHECK ((SELECT s FROM target)))",
           "CREATE POLICY p ON a USING ((SELECT s FROM target))",
           "CREATE RULE r AS ON INSERT TO a DO ALSO INSERT INTO b SELECT s FROM target",
           "CREATE FUNCTION n() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT s FROM target; END",
       }) {
    const ParseTree tree = parsed(sql);
    bool found = false;
    const auto visit = [&found](const auto& self, Node node) -> void {
      if (node.is(Kind::RangeVar) && node.get(f::RangeVar::relname) == "target") found = true;
      ast::for_each_child(node, [&](Node child) { self(self, child); });
    };
    visit(visit, tree.statements().at(0).node);
    EXPECT_TRUE(found) << sql;
  }
}

TEST(Ast, AFailingVisitorEndsTheWalk) {
  const ParseTree tree = parsed("SELECT 1, 2, 3");
  int seen = 0;
  const auto result = ast::for_each_child(tree.statements().at(0).node, [&](Node) -> Result<void> {
    if (++seen == 2) return make_error(sqlstate::internal_error, "enough");
    return {};
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "enough");
  EXPECT_EQ(seen, 2);
}

TEST(Ast, EqualityIgnoresPlacesAndNothingElse) {
  const char* base = "SELECT a, sum(b) FROM s.t x WHERE c = 1 AND d <> 'u' ORDER BY a DESC";
  const ParseTree one = parsed(base);
  const Node reference = one.statements().at(0).node;
  EXPECT_TRUE(ast::equal(reference, parsed("SELECT  a,\n sum ( b ) FROM s . t AS x WHERE (c=1) AND (d<>'u') ORDER BY a "
                                           "DESC /* */")
                                        .statements()
                                        .at(0)
                                        .node));
  for (const char* other : {
           "SELECT a, sum(b) FROM s.t x WHERE c = 2 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t x WHERE c = 1 AND d <> 'U' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t x WHERE c = 1 OR d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t x WHERE c = 1 AND d = 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t y WHERE c = 1 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM t x WHERE c = 1 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM ONLY s.t x WHERE c = 1 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(DISTINCT b) FROM s.t x WHERE c = 1 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t x WHERE c = 1 AND d <> 'u' ORDER BY a ASC",
           "SELECT a, sum(b) FROM s.t x WHERE c = 1 AND d <> 'u'",
           "SELECT DISTINCT a, sum(b) FROM s.t x WHERE c = 1 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b), 1 FROM s.t x WHERE c = 1 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t x WHERE c = 1.0 AND d <> 'u' ORDER BY a DESC",
           "SELECT a, sum(b) FROM s.t x WHERE c = NULL AND d <> 'u' ORDER BY a DESC",
       }) {
    const ParseTree two = parsed(other);
    EXPECT_FALSE(ast::equal(reference, two.statements().at(0).node)) << other;
  }
  EXPECT_FALSE(ast::equal(reference, Node()));
  EXPECT_TRUE(ast::equal(Node(), Node()));
}

TEST(Ast, SharedSourcesAreComparedOnceOnly) {
  // Exponential without care: every level has two targets with one shared source.
  const auto nested = [](const char* core) {
    std::string sql = core;
    for (int i = 0; i < 40; ++i)
      sql = "WITH c AS (UPDATE t SET (a, b) = (" + sql + ") RETURNING 1) SELECT 1, 2";
    return sql;
  };
  const ParseTree one = parsed(nested("SELECT 1, 2")), same = parsed(nested("SELECT  1,  2")),
                  other = parsed(nested("SELECT 1, 3"));
  EXPECT_TRUE(ast::equal(one.statements().at(0).node, same.statements().at(0).node));
  EXPECT_FALSE(ast::equal(one.statements().at(0).node, other.statements().at(0).node));
  EXPECT_EQ(ast::leftmost(one.statements().at(0).node), 0);
  EXPECT_LT(ast::dump(one.statements().at(0).node).size(), 40'000u);
}

TEST(Ast, LeftmostIsTheFirstTokenOfAnExpression) {
  const auto begin_of_where = [](std::string_view sql) {
    const ParseTree tree = parsed(sql);
    return std::string(sql.substr(
        static_cast<std::size_t>(ast::leftmost(tree.statements().at(0).node.get(f::SelectStmt::whereClause)))));
  };
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE a + b = 1"), "a + b = 1");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE (a OR b) AND c"), "a OR b) AND c");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE NOT a"), "NOT a");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE x IS NULL"), "x IS NULL");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE EXISTS (SELECT 2)"), "EXISTS (SELECT 2)");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE a.b::int = 3"), "a.b::int = 3");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE bool 'true'"), "bool 'true'");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE (x).y[3]"), "x).y[3]");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE f(1)"), "f(1)");
  EXPECT_EQ(begin_of_where("SELECT 1 WHERE ROW(1, 2) = ROW(3, 4)"), "ROW(1, 2) = ROW(3, 4)");
  EXPECT_EQ(ast::leftmost(Node()), -1);
}

TEST(Ast, DumpShowsWhatIsThere) {
  const ParseTree tree = parsed("SELECT a FROM t WHERE b = 1");
  EXPECT_EQ(ast::dump(tree.statements().at(0).node),
            "(SelectStmt targetList=[(ResTarget val=(ColumnRef fields=[(String sval=\"a\")]))] "
            "fromClause=[(RangeVar relname=\"t\" inh relpersistence=p)] "
            "whereClause=(A_Expr name=[(String sval=\"=\")] lexpr=(ColumnRef fields=[(String sval=\"b\")]) "
            "rexpr=(A_Const val=(Integer ival=1))))");
}

TEST(Ast, KindsSeenBelowAStatement) {
  const ParseTree tree = parsed("INSERT INTO t DEFAULT VALUES RETURNING *");
  EXPECT_EQ(kinds_below(tree.statements().at(0).node),
            (std::set<std::string>{"InsertStmt", "RangeVar", "ResTarget", "ColumnRef", "A_Star"}));
}

}  // namespace
}  // namespace bulkhead::rewrite
