// What judging a text costs when no cache helps: lexer, parse, rules, splice and verification.

#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>

#include "policy/catalogue.h"
#include "policy/load.h"
#include "rewrite/rewriter.h"

namespace bulkhead {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(BULKHEAD_SOURCE_DIR) + "/tests/golden/" + name);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void judge(benchmark::State& state, const std::string& sql) {
  const auto policy = policy::load(file("policy.yaml"), "policy.yaml", ".").policy;
  const auto catalogue = policy::load_catalogue(file("catalogue.yaml")).value();
  const rewrite::Rewriter rewriter;
  const rewrite::Subject subject{*policy, *catalogue, *policy->tenants.at("acme"), nullptr};
  if (!std::holds_alternative<rewrite::Rewritten>(rewriter.judge(sql, subject, rewrite::Protocol::simple)))
    return state.SkipWithError("refused");
  for (auto _ : state) benchmark::DoNotOptimize(rewriter.judge(sql, subject, rewrite::Protocol::simple));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sql.size()));
}

BENCHMARK_CAPTURE(judge, select_57_bytes, "SELECT abalance FROM pgbench_accounts WHERE aid = 1234567;");
BENCHMARK_CAPTURE(judge, update_74_bytes,
                  "UPDATE pgbench_accounts SET abalance = abalance + 1234 WHERE aid = 1234567;");
BENCHMARK_CAPTURE(judge, begin, "BEGIN;");
BENCHMARK_CAPTURE(judge, five_joins,
                  "SELECT o.id, c.name, sum(i.qty) FROM orders o JOIN customers c ON c.id = o.customer_id "
                  "LEFT JOIN items i ON i.order_id = o.id LEFT JOIN invoices v ON v.id = o.id JOIN countries k ON "
                  "k.code = c.email WHERE o.total > 100 AND c.name LIKE 'A%' GROUP BY o.id, c.name HAVING sum(i.qty) > 3 "
                  "ORDER BY 3 DESC LIMIT 10");

}  // namespace
}  // namespace bulkhead
