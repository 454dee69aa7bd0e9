#include "admin/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace bulkhead::admin {
namespace {

using testing::ElementsAre;
using testing::Contains;

policy::Policy sample() {
  policy::Policy policy;
  auto& server = policy.servers["main"];
  server.name = "main";
  server.hosts = {{"db1", 5433}, {"db2", 5432}};
  server.database = "app";
  server.user = "app_rw";
  for (const std::string name : {"acme", "globex"}) {
    policy::Tenant tenant{.name = name, .org = name == "acme" ? "1" : "2", .server = "main"};
    tenant.pool.size = 5;
    tenant.pool.reserve = 2;
    policy.tenants[name] = std::make_shared<policy::Tenant>(std::move(tenant));
  }
  policy.users["u"] = {.name = "u", .tenants = {"acme"}, .role = {}, .verifier = {}, .plain_password = Secret("hush"), .limits = {}};
  return policy;
}

/// One row as text by the column's name.
std::map<std::string, std::string> named(Action action, const Row& row) {
  for (const auto& entry : commands()) {
    if (entry.action != action) continue;
    const auto columns = Command{&entry}.columns();
    EXPECT_EQ(columns.size(), row.size()) << entry.words;
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < row.size(); ++i) out.emplace(std::string(columns[i].name), row[i].value_or("(null)"));
    return out;
  }
  return {};
}

Snapshot busy() {
  Snapshot snapshot;
  snapshot.clients = {{.user = "u", .tenant = "globex", .state = "idle", .peer = "[::1]:4000", .local = "[::1]:6432", .id = 7},
                      {.user = "u", .tenant = "acme", .state = "active", .peer = "unix", .local = "unix", .wait_us = 2'500'000, .link = "s3", .id = 8}};
  snapshot.servers = {{.user = "app_rw", .tenant = "acme", .state = "active", .peer = "192.0.2.1:5433", .local = "192.0.2.9:999", .link = "c8", .id = 3, .remote_pid = 77, .closes = true}};
  snapshot.pools = {{.tenant = "acme", .clients = 4, .waiting = 1, .open = 5, .idle = 1, .undoing = 1, .leaving = 1, .opening = 2, .cancelling = 1, .longest_wait_us = 3'000'001}};
  pool::Counters total;
  std::uint64_t n = 0;
  for (const auto member : pool::Counters::kAll) total.*member = 100 * ++n;
  snapshot.statistics = {{.tenant = "acme", .total = total, .recent = total, .recent_us = 2'000'000}};
  snapshot.caches = {{"acme", 1, 2, 3, 4, 5}};
  snapshot.refused = {{"acme", "42501", "no", 6}, {"acme", "", "other", 2}};
  snapshot.memory = {{"client_session", 1000, 2, 2000}, {"judgement_cache", 0, 4, 5}};
  return snapshot;
}

std::vector<Row> rows(Action action, const Controls& controls = {}) { return rows_of(action, busy(), sample(), controls, 9); }

TEST(Show, EveryRowFitsItsColumns) {
  for (const auto& entry : commands())
    for (const auto& row : rows(entry.action)) EXPECT_EQ(row.size(), Command{&entry}.columns().size()) << entry.words;
}

TEST(Show, WhatLooksAtTheProxyHasColumns) {
  for (const auto& entry : commands()) EXPECT_FALSE(look_for(entry.action) && Command{&entry}.columns().empty()) << entry.words;
}

TEST(Show, ClientsByTenant) {
  const auto shown = rows(Action::show_clients);
  ASSERT_EQ(shown.size(), 2u);
  const auto acme = named(Action::show_clients, shown[0]), globex = named(Action::show_clients, shown[1]);
  EXPECT_EQ(acme.at("addr") + " " + acme.at("port") + " " + acme.at("wait") + " " + acme.at("wait_us"), "unix 0 2 500000");
  EXPECT_EQ(acme.at("ptr") + " " + acme.at("link") + " " + acme.at("id"), "c8 s3 8");
  EXPECT_EQ(globex.at("addr") + " " + globex.at("port") + " " + globex.at("local_port"), "::1 4000 6432");
}

TEST(Show, Servers) {
  const auto server = named(Action::show_servers, rows(Action::show_servers).at(0));
  EXPECT_EQ(server.at("type") + " " + server.at("user") + " " + server.at("addr") + " " + server.at("port"), "S app_rw 192.0.2.1 5433");
  EXPECT_EQ(server.at("link") + " " + server.at("remote_pid") + " " + server.at("close_needed"), "c8 77 1");
}

TEST(Show, Sockets) {
  EXPECT_EQ(rows(Action::show_sockets).size(), 3u);
  EXPECT_EQ(rows(Action::show_active_sockets).size(), 2u);
  EXPECT_EQ(named(Action::show_sockets, rows(Action::show_sockets)[0]).at("recv_pos"), "(null)");
}

TEST(Show, Pools) {
  const auto pool = named(Action::show_pools, rows(Action::show_pools).at(0));
  EXPECT_EQ(pool.at("cl_active") + " " + pool.at("cl_waiting"), "3 1");
  EXPECT_EQ(pool.at("sv_active") + " " + pool.at("sv_idle") + " " + pool.at("sv_tested") + " " + pool.at("sv_being_canceled"), "2 1 1 1");
  EXPECT_EQ(pool.at("sv_login") + " " + pool.at("sv_active_cancel") + " " + pool.at("maxwait") + " " + pool.at("maxwait_us"), "2 1 3 1");
}

TEST(Show, DatabasesAreTheTenants) {
  const auto shown = rows(Action::show_databases, {.paused = {"globex"}, .disabled = {"acme"}});
  ASSERT_EQ(shown.size(), 2u);
  const auto acme = named(Action::show_databases, shown[0]), globex = named(Action::show_databases, shown[1]);
  EXPECT_EQ(acme.at("name") + " " + acme.at("host") + " " + acme.at("port") + " " + acme.at("database"), "acme db1,db2 5433 app");
  EXPECT_EQ(acme.at("max_connections") + " " + acme.at("current_connections"), "7 5");
  EXPECT_EQ(acme.at("paused") + acme.at("disabled") + globex.at("paused") + globex.at("disabled"), "0110");
}

TEST(Show, Users) {
  const auto user = named(Action::show_users, rows(Action::show_users).at(0));
  EXPECT_EQ(user.at("name") + " " + user.at("current_connections") + " " + user.at("current_client_connections"), "u 1 2");
}

TEST(Show, Statistics) {
  const auto all = named(Action::show_stats, rows(Action::show_stats).at(0));
  EXPECT_EQ(all.at("total_xact_count") + " " + all.at("total_query_count") + " " + all.at("total_sent"), "200 300 500");
  EXPECT_EQ(all.at("avg_xact_count") + " " + all.at("avg_query_count") + " " + all.at("avg_sent"), "100 150 250") << "a second";
  EXPECT_EQ(all.at("avg_xact_time") + " " + all.at("avg_query_time") + " " + all.at("avg_wait_time"), "3 2 8") << "each";
  EXPECT_EQ(named(Action::show_stats_totals, rows(Action::show_stats_totals).at(0)).at("client_login_count"), "1200");
  EXPECT_EQ(named(Action::show_stats_averages, rows(Action::show_stats_averages).at(0)).at("avg_bind_count"), "550");
  EXPECT_THAT(rows(Action::show_totals), Contains(ElementsAre(Value("total_query_count"), Value("300"))));
  EXPECT_THAT(rows(Action::show_totals), Contains(ElementsAre(Value("avg_query_count"), Value("150"))));
}

TEST(Show, NothingIsDividedByNothing) {
  const auto none = averages({});
  for (const auto member : pool::Counters::kAll) EXPECT_EQ(none.*member, 0u);
}

TEST(Show, ListsTenantsAndTheRest) {
  EXPECT_THAT(rows(Action::show_lists), Contains(ElementsAre(Value("login_clients"), Value("9"))));
  EXPECT_THAT(rows(Action::show_lists), Contains(ElementsAre(Value("used_servers"), Value("7"))));
  const auto acme = named(Action::show_tenants, rows(Action::show_tenants).at(0));
  EXPECT_EQ(acme.at("refusals") + " " + acme.at("statements") + " " + acme.at("paused"), "8 300 no");
  EXPECT_THAT(rows(Action::show_refusals), Contains(ElementsAre(Value("acme"), Value(), Value("other"), Value("2"))));
  EXPECT_THAT(rows(Action::show_cache), ElementsAre(ElementsAre(Value("acme"), Value("1"), Value("2"), Value("3"), Value("4"), Value("5"))));
}

TEST(Show, SnapshotsOfLoopsAddUp) {
  Snapshot all;
  append(all, busy());
  append(all, busy());
  EXPECT_EQ(all.clients.size(), 4u);
  ASSERT_EQ(all.memory.size(), 2u);
  EXPECT_EQ(all.memory[0].used, 4u);
  EXPECT_EQ(all.memory[0].bytes, 4000u);
}

}  // namespace
}  // namespace bulkhead::admin
