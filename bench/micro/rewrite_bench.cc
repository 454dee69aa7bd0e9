// What judging a text costs. judge: when no cache helps: lexer, parse, rules, splice and verification. by_shape: when a text
// of its shape has been judged before.

#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>

#include "policy/catalogue.h"
#include "policy/load.h"
#include "rewrite/rewriter.h"
#include "rewrite/shape_cache.h"

namespace bulkhead {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(BULKHEAD_SOURCE_DIR) + "/tests/golden/" + name);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct World {
  std::shared_ptr<const policy::Policy> policy = policy::load(file("policy.yaml"), "policy.yaml", ".").policy;
  std::shared_ptr<const policy::Catalogue> catalogue = policy::load_catalogue(file("catalogue.yaml")).value();
  rewrite::Subject subject{*policy, *catalogue, *policy->tenants.at("acme"), nullptr};
};

void judge(benchmark::State& state, const std::string& sql) {
  const World world;
  const rewrite::Rewriter rewriter;
  if (!std::holds_alternative<rewrite::Rewritten>(rewriter.judge(sql, world.subject, rewrite::Protocol::simple)))
    return state.SkipWithError("refused");
  for (auto _ : state) benchmark::DoNotOptimize(rewriter.judge(sql, world.subject, rewrite::Protocol::simple));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sql.size()));
}

void by_shape(benchmark::State& state, const std::string& sql) {
  const World world;
  rewrite::ShapeCache cache;
  for (int i = 0; i < 2; ++i) {
    const auto verdict = rewrite::Rewriter().judge(sql, world.subject, rewrite::Protocol::simple);
    if (!std::holds_alternative<rewrite::Rewritten>(verdict)) return state.SkipWithError("refused");
    cache.learn(sql, rewrite::Protocol::simple, world.subject, std::get<rewrite::Rewritten>(verdict));
  }
  if (!cache.find(sql, rewrite::Protocol::simple, world.subject)) return state.SkipWithError("not learned");
  for (auto _ : state) benchmark::DoNotOptimize(cache.find(sql, rewrite::Protocol::simple, world.subject));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sql.size()));
}

constexpr const char* kSelect = "SELECT abalance FROM pgbench_accounts WHERE aid = 1234567;";
constexpr const char* kUpdate = "UPDATE pgbench_accounts SET abalance = abalance + 1234 WHERE aid = 1234567;";
constexpr const char* kFiveJoins =
    "SELECT o.id, c.name, sum(i.qty) FROM orders o JOIN customers c ON c.id = o.customer_id "
    "LEFT JOIN items i ON i.order_id = o.id LEFT JOIN invoices v ON v.id = o.id JOIN countries k ON "
    "k.code = c.email WHERE o.total > 100 AND c.name LIKE 'A%' GROUP BY o.id, c.name HAVING sum(i.qty) > 3 "
    "ORDER BY 3 DESC LIMIT 10";
BENCHMARK_CAPTURE(judge, select_57_bytes, kSelect);
BENCHMARK_CAPTURE(judge, update_74_bytes, kUpdate);
BENCHMARK_CAPTURE(judge, begin, "BEGIN;");
BENCHMARK_CAPTURE(judge, five_joins, kFiveJoins);
BENCHMARK_CAPTURE(by_shape, select_57_bytes, kSelect);
BENCHMARK_CAPTURE(by_shape, update_74_bytes, kUpdate);
BENCHMARK_CAPTURE(by_shape, begin, "BEGIN;");
BENCHMARK_CAPTURE(by_shape, five_joins, kFiveJoins);

}  // namespace
}  // namespace bulkhead
