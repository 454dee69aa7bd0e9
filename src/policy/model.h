#pragma once

// What isolation means for one installation, as data: the configuration file after it has been read and checked.
//
// Everything here is an immutable value. A Policy is built whole by policy::load() and shared as
// shared_ptr<const Policy>, which everything that was made under it keeps alive. Any thread may read.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

namespace bulkhead::policy {

/// A relation or function by schema and name, exactly as the catalogue spells them (folded, unquoted).
struct QualifiedName {
  std::string schema;
  std::string name;
  auto operator<=>(const QualifiedName&) const = default;
  std::string text() const { return schema + "." + name; }
};

/// tenancy.mode.
enum class Mode {
  inject,    ///< statements are confined
  validate,  ///< statements are accepted unchanged if their own conditions confine them, and refused otherwise
  observe,   ///< statements pass as they are, whoever's rows they touch; what inject would do is counted
};

/// tenancy.explain.
enum class Explain {
  refuse,  ///< no plan is shown
  shape,   ///< plans are, without costs, counts and times
};

/// tenancy.without_row_security, tables.T.without_row_security: a protected relation on which PostgreSQL evaluates no policy for
/// the server's login. There the tenant's predicate stands alone, and the planner may evaluate a statement's own conditions
/// before it (the manual, "Rules and Privileges", on functions that are cheap and leak).
enum class WithoutRowSecurity : std::uint8_t {
  refuse,  ///< statements that name it are refused
  accept,  ///< for clients that are trusted not to try
};

/// tenancy.temporary_tables: CREATE TEMPORARY TABLE and what follows from it. A client that has one keeps its server
/// connection, which is closed after it.
enum class TemporaryTables : std::uint8_t { refuse, allow };

/// What a tables: line says of a relation. Without a line a relation that has the tenant column is `tenant`, any other
/// one `none`.
enum class Access {
  tenant,  ///< protected: every reference carries the tenant's predicate, every write its stamp
  shared,  ///< readable by every tenant, writable by none
  none,    ///< refused
};

struct TableRule {
  Access access = Access::tenant;
  std::string column;  ///< the tenant column of this table; empty: tenancy.column
  std::optional<WithoutRowSecurity> without_row_security;  ///< nothing: as tenancy has it
  std::string read;    ///< which rows may be read, with :org, as rewrite/read_expression.h has it; empty: the tenant's own
  int read_line = 0, read_column = 0;  ///< where that stands
  int line = 0;        ///< of the configuration file, for messages
};

/// What a statement does to a relation, as roles name it (PostgreSQL's privilege names, where it has one).
enum class Action : std::uint8_t { select, insert, update, delete_, copy, truncate, explain, ddl };

/// A narrower line of a role for one table.
struct RoleTable {
  std::set<Action> allow;
  std::set<std::string> columns;  ///< the only ones its statements may name; empty: every one
};

struct Role {
  std::string name;
  std::set<Action> allow;
  std::map<QualifiedName, RoleTable> tables;

  bool hides_columns() const {
    return std::any_of(tables.begin(), tables.end(), [](const auto& table) { return !table.second.columns.empty(); });
  }
};

/// How long a session may take over something. 0 means no limit for each.
struct Timeouts {
  Duration queue{0};        ///< to wait for a server connection, for room for a long message, for a statement's turn
  Duration statement{0};    ///< for one to run
  Duration transaction{0};  ///< from its first statement to its end
  Duration idle_in_transaction{0};
  Duration client_idle{0};  ///< outside a transaction, saying nothing

  bool operator==(const Timeouts&) const = default;
};

/// Of each the shorter one.
inline Timeouts stricter(const Timeouts& one, const Timeouts& other) {
  const auto shorter = [](Duration a, Duration b) { return a.count() > 0 && b.count() > 0 ? std::min(a, b) : std::max(a, b); };
  return {shorter(one.queue, other.queue), shorter(one.statement, other.statement),
          shorter(one.transaction, other.transaction),
          shorter(one.idle_in_transaction, other.idle_in_transaction), shorter(one.client_idle, other.client_idle)};
}

/// What one tenant may take up, so that the others are left theirs.
struct TenantLimits {
  int clients = 500;                         ///< client connections
  int queue = 500;                           ///< clients waiting for a server connection
  Timeouts timeouts{Duration(30'000), {}, {}, Duration(300'000), {}};
  int statements = 0;                        ///< running at once; 0: no limit
  int statements_per_second = 0;             ///< 0: no limit
  std::size_t bytes_per_second = 0;          ///< of results to its clients; 0: no limit
  Duration message_timeout{60'000};          ///< for a message to arrive whole, and as long again for each MiB that has come; 0: no limit
  std::size_t statement_size = 1u << 20;     ///< bytes of one SQL text
  std::size_t message_size = 64u << 20;      ///< bytes of one message of any other kind that has to be held whole (Bind)
  std::size_t message_memory = 128u << 20;   ///< bytes of all long messages that are held at once
};

/// Parse carries parameter types behind its text: 65,535 of four bytes, and some names.
inline constexpr std::size_t kBesidesText = 300'000;
/// The longest message of a client that is ever held.
inline std::size_t longest_message(const TenantLimits& limits) {
  return std::max(limits.statement_size + kBesidesText, limits.message_size);
}

/// What one user may take up of what its tenant may; of the two the stricter holds. A user of several tenants may take that much
/// of each. 0 means no limit of its own.
struct UserLimits {
  int clients = 0;
  int statements_per_second = 0;
  Timeouts timeouts{};
};

/// The server connections of one tenant: how many there are and how long they last. 0 means never for each duration.
struct PoolBounds {
  int size = 20;
  int minimum = 0;                  ///< kept open while the tenant has clients
  int reserve = 0;                  ///< beyond `size`, when somebody has waited for reserve_after
  Duration reserve_after{5'000};
  int weight = 1;                   ///< its part of Policy::server_connections, beside those of the others who need them
  Duration idle_timeout{600'000};   ///< one that is not used is closed after
  Duration lifetime{3'600'000};     ///< one that is older is closed when it is not used
};

struct Tenant {
  std::string name;    ///< as the configuration calls it
  std::string org;     ///< the organisation id as text, the value of the tenant column; never empty
  std::string server;  ///< key of Policy::servers
  PoolBounds pool{};
  TenantLimits limits{};
};

struct User {
  std::string name;
  std::vector<std::string> tenants;  ///< keys of Policy::tenants, at least one; several: the database name picks
  std::string role;                  ///< key of Policy::roles; empty: everything but ddl
  Secret verifier;                   ///< "SCRAM-SHA-256$…"; empty: plain_password is set
  Secret plain_password;             ///< {plain: …}, for trials: auth makes a verifier of it once, at start
  UserLimits limits{};
};

/// What an administrator may do at the console.
enum class May : std::uint8_t {
  show,  ///< look, and change nothing
  all,
};

/// Somebody who logs in to the administration console, and to no tenant.
struct Administrator {
  std::string name;
  Secret verifier;        ///< as a user's
  Secret plain_password;  ///< likewise
  May may = May::show;
};

struct Admin {
  std::map<std::string, Administrator> users;
};

/// tls.mode, by PostgreSQL's names (libpq's sslmode).
enum class TlsMode : std::uint8_t {
  disable,
  allow,        ///< listeners: as prefer. Servers: only if the login is refused without
  prefer,       ///< if the other side does
  require,
  verify_ca,    ///< and its certificate is signed by `ca`
  verify_full,  ///< and it is the one meant: a server's by its host name, a client's by its user name
};

/// A listener's or a server's tls:. Paths are complete; the files are read by whoever opens sockets.
struct Tls {
  TlsMode mode = TlsMode::disable;
  std::string certificate;  ///< PEM; empty: none
  std::string key;
  std::string ca;           ///< PEM: who signs the other side's certificates; empty: anybody, or
  bool system_ca = false;   ///< servers: whom the system trusts
  bool tls13 = false;       ///< not even TLS 1.2
  bool direct = false;      ///< servers: without asking first (PostgreSQL 17 and later)
  std::string where;        ///< "LINE:COLUMN: PATH" of the configuration, for messages about the files
};

struct ListenAddress {
  std::string host;  ///< TCP: a numeric address or host name
  std::uint16_t port = 0;
  std::string unix_directory;  ///< not empty: a Unix socket unix_directory/.s.PGSQL.port instead
  Tls tls;                     ///< what is demanded of clients; `disable` for a Unix socket

  bool same_place(const ListenAddress& other) const {
    return host == other.host && port == other.port && unix_directory == other.unix_directory;
  }
};

struct HostPort {
  std::string host;  ///< starts with '/': a directory with a Unix socket .s.PGSQL.port
  std::uint16_t port = 5432;
  auto operator<=>(const HostPort&) const = default;
};

/// A server login that PostgreSQL would let past row-level security is refused unless the configuration accepts it by
/// name.
enum class LoginRisk : std::uint8_t { superuser, bypassrls, owner, replication, member, version };

/// servers.X.target: which of the hosts will do, as libpq's target_session_attrs.
enum class Target {
  any,             ///< the first that lets us in
  primary,         ///< the first that does and is not in recovery
  standby,         ///< and is
  prefer_standby,  ///< likewise, or, if there is none, any
  read_write,      ///< the first that lets us write
  read_only,       ///< the first that does not
};

struct Server {
  std::string name;
  std::vector<HostPort> hosts;  ///< tried in order
  Target target = Target::any;
  std::string database;
  std::string user;
  Secret password;  ///< empty: none (peer or trust on the server's side)
  std::set<LoginRisk> accept;
  Duration connect_timeout{5000};
  Tls tls;  ///< over TCP; Unix sockets never use it
};

enum class PoolMode { transaction, session };

struct Pool {
  PoolMode mode = PoolMode::transaction;
  PoolBounds each;  ///< of each tenant that has none of its own
};

/// What all tenants may take up together, and each of them that has no limits of its own.
struct Limits {
  int clients = 1000;                        ///< client connections
  Duration login_timeout{60'000};            ///< from accept to AuthenticationOk; 0: no limit
  std::size_t message_memory = 512u << 20;   ///< bytes of all long messages that are held at once
  TenantLimits each;
};

struct Tenancy {
  std::string column = "org_id";
  std::string session_variable = "app.org_id";
  Mode mode = Mode::inject;
  Explain explain = Explain::refuse;
  WithoutRowSecurity without_row_security = WithoutRowSecurity::refuse;
  TemporaryTables temporary_tables = TemporaryTables::refuse;
  std::vector<std::string> search_path{"public"};  ///< pinned; pg_temp is always last
  Secret lock_secret;  ///< what keys of advisory locks are salted from; empty: they are refused
};

struct Log {
  log::Level level = log::Level::info;
  log::Format format = log::Format::text;
};

/// A value of the configuration's text.
struct Line {
  std::string shown;  ///< quoted and shortened; of a secret only that it is one
  Secret value;
  bool operator==(const Line&) const = default;
};

struct Policy {
  std::uint64_t epoch = 1;  ///< differs for every policy a process loads; part of every cache key
  std::string source;       ///< the file's name, for messages

  std::vector<ListenAddress> listen;
  std::map<std::string, Server> servers;
  Tenancy tenancy;
  std::map<QualifiedName, TableRule> tables;
  std::set<QualifiedName> functions;  ///< user-defined functions a statement may call
  std::map<std::string, Role> roles;
  std::map<std::string, std::shared_ptr<const Tenant>> tenants;
  std::map<std::string, User> users;
  Pool pool;
  Limits limits;
  Admin admin;
  Log log;
  int threads = 0;  ///< event loops; 0: one per processor
  std::size_t server_connections = 0;  ///< of all tenants of one server together; 0: no limit
  std::map<std::string, Line> outline;  ///< by path, for differences()

  /// What holds for a protected relation whose line is `rule`; null: it has none.
  WithoutRowSecurity without_row_security(const TableRule* rule) const {
    return rule && rule->without_row_security ? *rule->without_row_security : tenancy.without_row_security;
  }
};

}  // namespace bulkhead::policy
