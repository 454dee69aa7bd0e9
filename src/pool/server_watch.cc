#include "pool/server_watch.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "base/log.h"
#include "net/task.h"
#include "pool/exchange.h"
#include "pool/refresh_pace.h"
#include "pool/target.h"

namespace bulkhead::pool {
namespace asio = boost::asio;
namespace {

constexpr Duration kCatalogueTimeout{30'000};
constexpr Duration kRefreshEvery{30'000};
constexpr Duration kRetryFirst{200};
constexpr Duration kRetryAtMost{5'000};

/// The major version of libpg_query's grammar: a text must not mean something else to the server.
constexpr int kGrammarVersion = 15;

constexpr OwnSql kLoginRole(
    "SELECT r.rolsuper, r.rolbypassrls, r.rolreplication FROM pg_catalog.pg_roles r "
    "WHERE r.rolname OPERATOR(pg_catalog.=) session_user");
constexpr OwnSql kOwnedTables(
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND pg_catalog.pg_has_role(c.relowner, 'MEMBER')");

std::string_view name_of(policy::LoginRisk risk) {
  switch (risk) {
    case policy::LoginRisk::superuser: return "superuser";
    case policy::LoginRisk::bypassrls: return "bypassrls";
    case policy::LoginRisk::owner: return "owner";
    case policy::LoginRisk::replication: return "replication";
    case policy::LoginRisk::member: return "member";
    case policy::LoginRisk::version: return "version";
  }
  return "unknown";
}

Result<void> accepted(const policy::Server& server, policy::LoginRisk risk, const std::string& what) {
  if (server.accept.contains(risk)) return {};
  return make_error(sqlstate::insufficient_privilege,
                    "the login \"" + server.user + "\" of server \"" + server.name + "\" " + what +
                        ": a barrier would be missing",
                    "Change that, or accept it by name: servers." + server.name + ".accept: [" +
                        std::string(name_of(risk)) + "]");
}

bool has_tenant_column(const policy::Relation& relation, const policy::Policy& policy) {
  const auto rule = policy.tables.find(relation.name);
  const bool own = rule != policy.tables.end() && !rule->second.column.empty();
  return relation.find_column(own ? rule->second.column : policy.tenancy.column) != nullptr;
}

/// The relation a row (schema, name) is about, if it has its tenant column; else null.
const policy::Relation* protected_table(const Exchange::Row& row, const policy::Policy& policy,
                                        const policy::Catalogue& catalogue) {
  if (row.size() != 2 || !row[0] || !row[1]) return nullptr;
  const auto* relation = catalogue.find(*row[0], *row[1]);
  return relation && has_tenant_column(*relation, policy) ? relation : nullptr;
}

/// Without a policy the predicate is the only barrier. Parts of a table are not named: who reads the whole meets its policies.
void warn_of_tables_without_row_security(const std::string& server, const policy::Policy& policy,
                                         const policy::Catalogue& catalogue) {
  using policy::RelationKind;
  for (const auto& [name, relation] : catalogue.relations()) {
    const bool table = relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned;
    if (!table || relation.row_security || !relation.parents.empty() || !has_tenant_column(relation, policy)) continue;
    const auto rule = policy.tables.find(name);
    if (rule != policy.tables.end() && rule->second.access != policy::Access::tenant) continue;
    const bool accepted = policy.without_row_security(rule != policy.tables.end() ? &rule->second : nullptr) ==
                          policy::WithoutRowSecurity::accept;
    log::warning(accepted ? "protected table without row-level security"
                          : "protected table without row-level security: statements that name it are refused",
                 {{"server", server}, {"table", name.text()}, {"see", "tenancy.without_row_security in docs/policy.md"}});
  }
}

asio::awaitable<Result<void>> check_login(ServerConnection& connection, const policy::Policy& policy,
                                          const policy::Server& server, const policy::Catalogue& catalogue) {
  Exchange role(connection, kLoginRole);
  const auto rows = co_await role.run(kCatalogueTimeout);
  if (!rows) co_return rows.error();
  if (rows->size() != 1 || rows->front().size() != 3)
    co_return make_error(sqlstate::internal_error, "the server does not know its own session_user");
  const auto is_set = [&](std::size_t i) { return rows->front()[i] != std::optional<std::string>("f"); };
  using policy::LoginRisk;
  if (catalogue.server_version_num() / 10000 != kGrammarVersion) {
    if (auto ok = accepted(server, LoginRisk::version,
                           "reaches PostgreSQL " + std::to_string(catalogue.server_version_num() / 10000) +
                               ", whose grammar differs from the one statements are judged by");
        !ok)
      co_return ok.error();
  }
  if (is_set(0)) {
    if (auto ok = accepted(server, LoginRisk::superuser, "is a superuser"); !ok) co_return ok.error();
  }
  if (is_set(1)) {
    if (auto ok = accepted(server, LoginRisk::bypassrls, "has BYPASSRLS"); !ok) co_return ok.error();
  }
  if (is_set(2)) {
    if (auto ok = accepted(server, LoginRisk::replication, "has REPLICATION"); !ok) co_return ok.error();
  }
  if (is_set(0)) co_return Result<void>();  // a superuser is a member of every owner; that has been accepted
  Exchange owned(connection, kOwnedTables);
  const auto tables = co_await owned.run(kCatalogueTimeout);
  if (!tables) co_return tables.error();
  for (const auto& row : *tables)
    if (const auto* table = protected_table(row, policy, catalogue))
      if (auto ok = accepted(server, LoginRisk::owner, "owns the protected table " + table->name.text()); !ok)
        co_return ok.error();
  co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<std::shared_ptr<const policy::Catalogue>>> read_catalogue(ServerConnection& connection,
                                                                                 const policy::Policy& policy,
                                                                                 const policy::Server& server) {
  policy::CatalogueBuilder builder;
  Exchange begin(connection, OwnSql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  if (auto begun = co_await begin.run(kCatalogueTimeout); !begun) co_return begun.error();
  for (const auto query : policy::kCatalogueQueries) {
    Exchange exchange(connection, OwnSql(query));
    auto rows = co_await exchange.run(kCatalogueTimeout);
    if (!rows) co_return rows.error();
    for (const auto& row : *rows)
      if (auto added = builder.add(query, row); !added) co_return added.error();
  }
  Exchange commit(connection, OwnSql("COMMIT"));
  if (auto committed = co_await commit.run(kCatalogueTimeout); !committed) co_return committed.error();
  auto catalogue = builder.build();
  if (auto checked = co_await check_login(connection, policy, server, *catalogue); !checked) co_return checked.error();
  co_return catalogue;
}

namespace {

asio::awaitable<void> read_for_command(net::Loop& loop, std::shared_ptr<const policy::Policy> policy,
                                       const policy::Server& server, std::shared_ptr<const net::TlsContext> tls,
                                       std::optional<Result<std::shared_ptr<const policy::Catalogue>>>& out) {
  HostBook hosts;
  auto connection = co_await open_connection(loop, policy, server, std::move(tls), hosts, nullptr);
  if (connection)
    out = co_await read_catalogue(**connection, *policy, server);
  else
    out = connection.error();
  loop.stop();
}

}  // namespace

Result<std::shared_ptr<const policy::Catalogue>> read_catalogue(std::shared_ptr<const policy::Policy> policy,
                                                                const policy::Server& server) {
  BULKHEAD_TRY(auto tls, make_server_tls(server));
  net::Loop loop(0);
  std::optional<Result<std::shared_ptr<const policy::Catalogue>>> out;
  net::start(loop, "read catalogue", read_for_command(loop, std::move(policy), server, std::move(tls), out));
  loop.context().run();
  if (!out) return make_error(sqlstate::internal_error, "the catalogue could not be read");
  return std::move(*out);
}

ServerWatch::ServerWatch(net::Loop& front, std::shared_ptr<const policy::Policy> policy, const policy::Server& server,
                         const ServerTls& tls, HostBook& hosts, std::unique_ptr<Audience> audience)
    : front_(front), policy_(std::move(policy)), name_(server.name), tls_(tls), hosts_(hosts), audience_(std::move(audience)), wake_(front.context()) {}

void ServerWatch::start() { net::start(front_, "watch server", run()); }

void ServerWatch::stop() {
  stopping_ = true;  // a read under way still uses connection_, which goes with the last of its coroutine
  wake_.cancel();
}

void ServerWatch::use(std::shared_ptr<const policy::Policy> policy) {
  policy_ = std::move(policy);
  refresh([] {});
}

void ServerWatch::refresh(std::function<void()> done) {
  asked_.push_back(std::move(done));
  wake_.cancel();
}

asio::awaitable<Result<std::shared_ptr<const policy::Catalogue>>> ServerWatch::read_once() {
  const auto policy = policy_;
  const auto& server = policy->servers.at(name_);
  if (connection_ && fit(server.target, connection_->backend().reported) == Fit::no) connection_.reset();
  if (connection_) {
    auto catalogue = co_await read_catalogue(*connection_, *policy, server);
    if (catalogue) co_return catalogue;
    connection_.reset();  // the server may have been restarted since: once more on a new connection
  }
  auto opened = co_await open_connection(front_, policy, server, tls_.of(server), hosts_, nullptr);
  if (!opened) co_return opened.error();
  connection_ = std::move(*opened);
  auto catalogue = co_await read_catalogue(*connection_, *policy, server);
  if (!catalogue) connection_.reset();
  co_return catalogue;
}

asio::awaitable<void> ServerWatch::run() {
  const auto self = shared_from_this();
  Duration retry = kRetryFirst;
  RefreshPace pace;
  bool usable = false;
  bool first = true;
  std::shared_ptr<const policy::Catalogue> last;
  while (!stopping_ && audience_->present()) {
    std::vector<std::function<void()>> asked;
    asked.swap(asked_);
    const auto policy = policy_;
    auto catalogue = co_await read_once();
    if (stopping_) co_return;
    if (policy != policy_) {  // what has been read was held against another policy
      for (auto& done : asked) asked_.push_back(std::move(done));
      continue;
    }
    auto view = std::make_shared<ServerView>();
    if (catalogue) {
      view->catalogue = last && last->same_content(**catalogue) ? last : *catalogue;
      if (view->catalogue != last) warn_of_tables_without_row_security(name_, *policy, *view->catalogue);
      pace.ended(!asked.empty(), view->catalogue != last);
      last = view->catalogue;
      const auto* tls = connection_ ? connection_->channel().tls() : nullptr;
      if (!usable) log::info("server is usable", {{"server", name_}, {"tls", tls ? tls->version() : "off"}});
    } else {
      // What exactly is wrong is for the log: a client learns that it is not its fault and who can tell more.
      view->unusable.message = "the database server cannot be used now";
      if (usable || first)
        log::error("server is not usable", {{"server", name_},
                                            {"error", catalogue.error().message},
                                            {"hint", catalogue.error().hint},
                                            {"detail", catalogue.error().detail}});
    }
    first = false;
    usable = view->catalogue != nullptr;
    audience_->on_view(view);
    for (const auto& done : asked) done();
    retry = usable ? kRetryFirst : std::min(retry * 2, kRetryAtMost);

    const auto now = std::chrono::steady_clock::now();
    wake_.expires_at(now + pace.apart());
    while (!stopping_ && std::chrono::steady_clock::now() < now + pace.apart())
      co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (stopping_ || !asked_.empty()) continue;
    wake_.expires_at(now + (usable ? kRefreshEvery : retry));
    co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace bulkhead::pool
