#pragma once

// Texts made to cost the judge more than they cost their sender: one per way a scan could be repeated for every token. Used
// by the unit test (what becomes of them), by bench_hostile (what they cost) and by whoever looks for the next one.
// The names are those of tests/golden/catalogue.yaml.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::testing {

struct HostileText {
  const char* name;
  const char* outcome;  ///< how the message begins it is refused with; empty: it may run
  bool extended;        ///< judged as a Parse message, where parameters have values
  std::function<std::string(std::size_t bytes)> make;  ///< about so many bytes
};

/// head item separator item … tail, of about `bytes` bytes. `#` in the item is its number.
inline std::string repeated(std::string_view head, std::string_view item, std::string_view separator, std::string_view tail,
                            std::size_t bytes) {
  std::string out(head);
  for (std::size_t i = 0; i == 0 || out.size() + tail.size() + item.size() < bytes; ++i) {
    if (i > 0) out += separator;
    for (const char c : item) out += c == '#' ? std::to_string(i) : std::string(1, c);
  }
  return out.append(tail);
}

/// `levels` times `open`, then what `inside` makes of the bytes left, then as many times `close`.
inline std::string nested(std::size_t levels, std::string_view open, std::string_view close, const std::string& inside) {
  std::string out;
  for (std::size_t i = 0; i < levels; ++i)
    for (const char c : open) out += c == '#' ? std::to_string(i) : std::string(1, c);
  out += inside;
  for (std::size_t i = 0; i < levels; ++i) out += close;
  return out;
}

inline std::vector<HostileText> hostile_texts() {
  using Size = std::size_t;
  const auto list = [](std::string head, std::string item, std::string separator, std::string tail = {}) {
    return [=](Size bytes) { return repeated(head, item, separator, tail, bytes); };
  };
  // Half of the text one list, half of it another.
  const auto two = [](std::string head, std::string first, std::string middle, std::string second, std::string tail = {},
                      std::string separator = ",") {
    return [=](Size bytes) {
      return repeated(repeated(head, first, separator, middle, bytes / 2), second, separator, tail, bytes);
    };
  };
  const auto deep = [](Size levels, std::string head, std::string open, std::string close, std::string item,
                       std::string separator) {
    return [=](Size bytes) {
      const Size frame = levels * (open.size() + close.size() + 2);
      return head + nested(levels, open, close, repeated("", item, separator, "", bytes > frame ? bytes - frame : 0));
    };
  };
  const char* const kDeep = "the statement is nested too deeply";
  const char* const kOpenings = "more than 10 comments begin in one run";
  const char* const kNesting = "statement is nested more than 200 levels deep";
  return {
      // Tokens.
      {"plus signs without blanks", "operator is longer than 63 bytes", false, list("SELECT ", "+", "", "1")},
      {"plus signs with blanks", "memory exhausted", false, list("SELECT ", "+ ", "", "1")},
      {"open parentheses", kNesting, false, list("SELECT ", "(", "")},
      {"nested comments", kOpenings, false,
       [](Size bytes) { return "SELECT 1 " + nested(bytes / 4, "/*", "*/", ""); }},
      {"nested comments with blanks", "", false,
       [](Size bytes) { return "SELECT 1 " + nested(bytes / 6, "/* ", "*/ ", ""); }},
      {"many comments", kOpenings, false, list("SELECT 1", "/**/", "")},
      {"many comments with blanks", "", false, list("SELECT 1", "/**/", " ")},
      {"comments between strings", "", false, list("SELECT ", "'a'/* */", ",")},
      {"one long string", "", false, list("SELECT '", "xxxxxxxxx''", "", "'")},
      {"a string in pieces", "", false, list("SELECT 'a'", "\n'b'", "")},
      {"one long dollar quote", "", false,
       [](Size bytes) { return repeated("SELECT $" + std::string(bytes / 8, 'a') + "$ ", "$a", "", " $", bytes * 7 / 8) +
                               std::string(bytes / 8, 'a') + "$"; }},
      {"escaped names", "", false, list("SELECT 1 AS ", R"(U&"\0061#")", ",1 AS ")},
      {"brackets", "", false, list("SELECT x", "[1]", "", " FROM orders")},
      {"semicolons", "", false, list("", ";", "")},
      {"many BEGINs", "", false, list("", "BEGIN", ";")},
      {"many BEGINs behind many CTEs", "", false,
       [](Size bytes) { return repeated(repeated("WITH ", "c# AS(VALUES(1))", ",", " SELECT 1;", bytes / 2), "BEGIN", ";", "",
                                        bytes); }},
      {"many SETs", "", false, list("", "SET work_mem TO #", ";")},
      {"a long SET", "parameter \"search_path\" cannot be changed", false, list("SET search_path TO ", "a#", ",")},
      // Expressions.
      {"a constant list", "", false, list("SELECT ", "1", ",")},
      {"a sum", kDeep, false, list("SELECT ", "1", "+")},
      {"ANDs", "", false, list("SELECT 1 FROM orders WHERE ", "id=#", " AND ")},
      {"ORs", "", false, list("SELECT 1 FROM orders WHERE ", "id=#", " OR ")},
      {"NOTs", "memory exhausted", false, list("SELECT ", "NOT ", "", "true")},
      {"an IN list", "", false, list("SELECT 1 FROM orders WHERE id IN (", "#", ",", ")")},
      {"an array", "", false, list("SELECT ARRAY[", "#", ",", "]")},
      {"a CASE", "", false, list("SELECT CASE ", "WHEN true THEN #", " ", " END")},
      {"casts of casts", kDeep, false, list("SELECT 1", "::int", "")},
      {"casts", "", false, list("SELECT ", "'#'::int8", ",")},
      {"calls", "", false, list("SELECT ", "upper('#')", ",")},
      {"calls in calls", kNesting, false, [](Size bytes) { return "SELECT " + nested(bytes / 7, "lower(", ")", "'a'"); }},
      {"parts of a name", "improper qualified name", false, list("SELECT 1 FROM ", "a", ".")},
      {"parts of a column's name", "", false, list("SELECT ", "a", ".", " FROM orders")},
      {"fields of a row", "", false, list("SELECT (a)", ".b", "", " FROM orders")},
      {"fields called as functions", "\"lo_get\" would be a call", false, list("SELECT (a)", ".lo_get", "", " FROM orders")},
      {"ORDER BY", "", false, list("SELECT 1 FROM orders ORDER BY ", "id", ",")},
      {"GROUP BY", "", false, list("SELECT 1 FROM orders GROUP BY ", "id", ",")},
      {"windows", "", false, list("SELECT 1 FROM orders WINDOW ", "w# AS (ORDER BY id)", ",")},
      {"parameters", "", true, list("SELECT ", "$1", ",")},
      // Members of FROM and what names them.
      {"members of FROM", "", false, list("SELECT 1 FROM ", "orders a#", ",")},
      {"members of FROM under one name", "", false, list("SELECT 1 FROM ", "countries a", ",")},
      {"shared members of FROM", "", false, list("SELECT 1 FROM ", "countries a#", ",")},
      {"the catalogue's members of FROM", "", false, list("SELECT 1 FROM ", "pg_class a#", ",")},
      {"columns of many members", "", false, two("SELECT 1 FROM ", "orders a#", " WHERE 0 IN (", "a#.id", ")")},
      {"dangerous columns of many subqueries", "", false,
       two("SELECT 1 FROM ", "(SELECT 1 lo_get)s", " WHERE 0 IN (", "s.lo_get", ")")},
      {"dangerous columns of one subquery", "", false,
       two("SELECT 1 FROM (SELECT ", "1 a#", ",1 lo_get)s WHERE 0 IN (", "s.lo_get", ")")},
      {"dangerous fields among many members", "\"lo_get\" would be a call", false,
       two("SELECT 1 FROM ", "countries b#", " WHERE 0 IN (", "(x).lo_get", ")")},
      {"columns of functions of any name", "", false, two("SELECT 1 FROM ", "COALESCE(1)", " WHERE 0 IN (", "a#.id", ")")},
      {"stars over many members", "", false, two("SELECT 1 FROM ", "countries b#", " WHERE 0 IN (", "(SELECT *)", ")")},
      {"stars", "", false, two("SELECT ", "*", " FROM ", "countries b#")},
      {"whole rows", "", false, two("SELECT ", "b0", " FROM ", "countries b#")},
      {"locked members", "", false, two("SELECT 1 FROM ", "orders a#", " FOR UPDATE OF ", "a#")},
      {"joins", kDeep, false, list("SELECT 1 FROM orders", " JOIN orders a# ON true", "")},
      {"left joins, 60 at a time", "", false,
       [](Size bytes) {
         std::string joins = "orders a#";
         for (int i = 0; i < 60; ++i) joins += " LEFT JOIN orders b" + std::to_string(i) + "_# ON true";
         return repeated("SELECT 1 FROM ", joins, ",", "", bytes);
       }},
      {"natural joins, 100 at a time", "", false,
       [](Size bytes) {
         std::string joins = "countries";
         for (int i = 0; i < 100; ++i) joins += " NATURAL JOIN countries b" + std::to_string(i) + "_#";
         return repeated("SELECT 1 FROM ", joins, ",", "", bytes);
       }},
      {"full joins", "", false, list("SELECT 1 FROM ", "orders a# FULL JOIN orders b# ON true", ",")},
      {"samples", "", false, list("SELECT 1 FROM ", "orders a# TABLESAMPLE system(1)", ",")},
      {"many statements on pg_class", "", false, list("", "SELECT 1 FROM pg_class", ";")},
      {"many statements", "", false, list("", "SELECT 1 FROM orders", ";")},
      // Query levels.
      {"CTEs", "", false, list("WITH ", "c# AS(SELECT 1)", ",", " SELECT 1")},
      {"recursive CTEs", "", false, list("WITH RECURSIVE ", "c# AS(SELECT 1)", ",", " SELECT 1")},
      {"references to CTEs", "", false, two("WITH ", "c# AS(VALUES(1))", " SELECT 1 FROM ", "c0 AS member#")},
      {"CTEs that refer to each other", "", false, list("WITH RECURSIVE ", "c# AS(SELECT FROM orders a,c#)", ",", " SELECT 1")},
      {"arms of a UNION", kDeep, false, list("", "SELECT 1", " UNION ALL ")},
      {"subqueries", "", false, list("SELECT ", "(SELECT 1 FROM orders)", ",")},
      {"subqueries in FROM", "", false, list("SELECT 1 FROM ", "(SELECT 1 FROM orders)s#", ",")},
      {"a list below 100 subqueries", "", false, deep(100, "SELECT 1 FROM orders WHERE ", "1 IN(SELECT 1 FROM orders WHERE ", ")", "id=#", " OR ")},
      {"a list below 90 ONs", "", false,
       deep(90, "SELECT 1 WHERE ", "1 IN(SELECT 1 FROM orders a LEFT JOIN orders b ON ", ")", "a.id=#", " OR ")},
      {"members of FROM below 90 WITHs", "", false,
       deep(90, "SELECT 1 WHERE ", "1 IN(WITH c# AS(SELECT 1)SELECT 1 FROM orders o,LATERAL(SELECT 1 WHERE ", ")l)", "o.id=#", " OR ")},
      {"columns below 100 levels of one name", "", false,
       deep(100, "SELECT 1 FROM(SELECT 1 lo_get)s WHERE ", "1 IN(SELECT 1 FROM(SELECT 1 lo_get)s WHERE ", ")", "s.lo_get=#", " OR ")},
      // Writes.
      {"rows", "", false, list("INSERT INTO orders (id) VALUES ", "(#)", ",")},
      {"rows without a list", "", false, list("INSERT INTO orders VALUES ", "(#,1)", ",")},
      {"rows with the tenant's own value", "", false, list("INSERT INTO orders (id,org_id) VALUES ", "(#,1)", ",")},
      {"rows with DEFAULT", "", false, list("INSERT INTO orders (id,org_id) VALUES ", "(#,DEFAULT)", ",")},
      {"rows of parameters", "", true, list("INSERT INTO orders (id,org_id) VALUES ", "(1,$#1)", ",")},
      {"a wide row", "INSERT has more expressions", false, list("INSERT INTO orders (id) VALUES (", "#", ",", ")")},
      {"a wide row and a wide list", "INSERT has more expressions", false, two("INSERT INTO orders (", "id", ") VALUES (", "1", ")")},
      {"targets from many members", "it cannot be proved", false,
       two("INSERT INTO orders SELECT ", "a0.code", " FROM ", "countries a#")},
      {"stars into many columns", "", false,
       [](Size bytes) {
         return repeated(repeated(repeated("INSERT INTO orders (", "note", ",", ",org_id) SELECT ", bytes / 4), "a.*", ",",
                                  ",1 FROM ", bytes / 2),
                         "countries b#", ",", ",countries a", bytes);
       }},
      {"expanded stars", "", false, list("INSERT INTO orders SELECT ", "a.*", ",", " FROM orders a")},
      {"assignments", "", false, list("UPDATE orders SET ", "note=#", ",")},
      {"assignments of the tenant column", "", false, list("UPDATE orders SET ", "org_id=1", ",")},
      {"a row assigned to the tenant column", "", false,
       [](Size bytes) {
         const std::string targets = repeated("UPDATE orders SET (", "org_id", ",", "", bytes * 3 / 4);
         const auto more = static_cast<Size>(std::count(targets.begin(), targets.end(), ','));
         std::string values = ")=ROW(1";
         for (Size i = 0; i < more; ++i) values += ",1";
         return targets + values + ")";
       }},
      {"sources of an UPDATE", "", false, list("UPDATE orders SET note=1 FROM ", "items a#", ",")},
      {"truncated tables", "", false, list("TRUNCATE ", "pgbench_accounts", ",")},
      {"arms of a MERGE", "", false,
       list("MERGE INTO orders o USING items i ON o.id=i.order_id", " WHEN NOT MATCHED AND i.qty=# THEN INSERT(id)VALUES(#)", "")},
      {"RETURNING", "", false, list("DELETE FROM orders RETURNING ", "id", ",")},
  };
}

}  // namespace bulkhead::testing
