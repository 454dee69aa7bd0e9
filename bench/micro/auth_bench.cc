// What a login costs: the server's side of an exchange runs on an I/O thread, PBKDF2 must not.

#include <benchmark/benchmark.h>

#include "auth/scram_client.h"
#include "auth/server_side_login.h"

namespace bulkhead::auth {
namespace {

std::shared_ptr<const Credentials> credentials(int users) {
  auto policy = std::make_shared<policy::Policy>();
  policy->servers["main"].database = "app";
  policy->tenants["acme"] = std::make_shared<policy::Tenant>(policy::Tenant{"acme", "1", "main"});
  const Secret verifier(make_verifier(Secret("secret")));
  for (int i = 0; i < users; ++i) {
    auto& user = policy->users["user" + std::to_string(i)];
    user.name = "user" + std::to_string(i);
    user.tenants = {"acme"};
    user.verifier = verifier;
  }
  return *Credentials::from(policy, MockSecret::random());
}

/// One login as Bulkhead sees it: two messages in, two out. The client's share is prepared outside the clock.
void login(benchmark::State& state, const std::string& name) {
  const auto known = credentials(1000);
  const auto user = known->find(name);
  const auto keys = derive_keys(Secret("secret"), user.verifier.salt, user.verifier.iterations);
  for (auto _ : state) {
    ServerSideLogin server_side(known, name, "app");
    ScramClient client([] { return std::string("0123456789abcdef01234567"); });
    const auto server_first = server_side.on_sasl_initial("SCRAM-SHA-256", *client.first("SCRAM-SHA-256"));
    state.PauseTiming();
    (void)client.on_server_first(*server_first);
    const auto response = client.final(keys);
    state.ResumeTiming();
    benchmark::DoNotOptimize(server_side.on_sasl_response(*response));
  }
}
BENCHMARK_CAPTURE(login, known_user, "user500");
BENCHMARK_CAPTURE(login, unknown_user, "nobody");

/// The client's side towards a server whose keys are cached.
void client_with_cached_keys(benchmark::State& state) {
  const auto keys = derive_keys(Secret("secret"), "0123456789abcdef", 4096);
  for (auto _ : state) {
    ScramClient client([] { return std::string("ours"); });
    (void)client.first("SCRAM-SHA-256");
    (void)client.on_server_first("r=oursTheirs,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096");
    benchmark::DoNotOptimize(client.final(keys));
  }
}
BENCHMARK(client_with_cached_keys);

void derive(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(derive_keys(Secret("secret"), "0123456789abcdef", static_cast<int>(state.range(0))));
}
BENCHMARK(derive)->Arg(4096)->Arg(100'000)->Unit(benchmark::kMillisecond);

void load_verifiers(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(credentials(static_cast<int>(state.range(0))));
}
BENCHMARK(load_verifiers)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bulkhead::auth
