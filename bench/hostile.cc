// What the texts of tests/support/hostile_texts.h cost: bench_hostile [KiB [PART OF A NAME]], with limits.statement_size
// raised where KiB are more than it. Prints the table of docs/benchmarks.md, the most memory at the end. A text of twice the bytes should cost about twice; what of the time is one run of libpg_query's parser
// alone is given beside.

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../tests/support/golden.h"
#include "../tests/support/hostile_texts.h"
#include "policy/catalogue.h"
#include "policy/load.h"
#include "rewrite/lexer.h"
#include "rewrite/pg_parse.h"
#include "rewrite/rewriter.h"

namespace bulkhead {
namespace {

/// Of this thread: others may have the machine meanwhile.
double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Milliseconds of the best of three runs, or of one long one.
template <class F>
double best(F&& run) {
  double least = 1e9;
  for (int i = 0; i < 3 && (i == 0 || least < 1000); ++i) {
    const double begin = cpu_milliseconds();
    run();
    least = std::min(least, cpu_milliseconds() - begin);
  }
  return least;
}

int measure(std::size_t bytes, const std::string& wanted) {
  const std::string golden = std::string(BULKHEAD_SOURCE_DIR) + "/tests/golden/";
  const auto policy = policy::load(testing::read_file(golden + "policy.yaml"), "policy.yaml", ".").policy;
  policy::Tenant tenant = *policy->tenants.at("acme");
  tenant.limits.statement_size = std::max(tenant.limits.statement_size, bytes + 64);
  const auto catalogue = policy::load_catalogue(testing::read_file(golden + "catalogue.yaml")).value();
  const rewrite::Subject subject{*policy, *catalogue, tenant, nullptr};
  const rewrite::Rewriter rewriter;

  std::printf("| text of %zu KiB | ms | half of it | raw parser | outcome |\n| --- | ---: | ---: | ---: | --- |\n", bytes >> 10);
  for (const auto& text : testing::hostile_texts()) {
    if (std::string(text.name).find(wanted) == std::string::npos) continue;
    const auto protocol = text.extended ? rewrite::Protocol::extended : rewrite::Protocol::simple;
    const std::string whole = text.make(bytes), half = text.make(bytes / 2);
    std::string outcome = "runs";
    const double half_time = best([&] { rewriter.judge(half, subject, protocol); });
    const double time = best([&] {
      const auto verdict = rewriter.judge(whole, subject, protocol);
      if (const auto* rejected = std::get_if<rewrite::Rejected>(&verdict)) outcome = "refused: " + rejected->error.message;
    });
    double parser = 0;
    if (const auto lexed = rewrite::lex(whole, whole.size()))
      parser = best([&] { [[maybe_unused]] const auto tree = rewrite::parse(lexed->text); });
    std::printf("| %s | %.1f | %.1f | %.1f | %.80s |\n", text.name, time, half_time, parser, outcome.c_str());
    std::fflush(stdout);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("\nat most %ld MiB of memory\n", usage.ru_maxrss >> 10);
  return 0;
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  const std::size_t kibibytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1023;
  return bulkhead::measure(kibibytes << 10, argc > 2 ? argv[2] : "");
}
