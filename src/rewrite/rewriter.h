#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "policy/catalogue.h"
#include "policy/model.h"
#include "rewrite/verdict.h"

namespace bulkhead::rewrite {

/// On whose behalf and against what a text is judged. Everything referred to must outlive the call.
struct Subject {
  const policy::Policy& policy;
  const policy::Catalogue& catalogue;
  const policy::Tenant& tenant;
  const policy::Role* role = nullptr;  ///< null: everything but ddl
};

/// How the text arrives: a Query message may hold several statements, a Parse message one.
enum class Protocol { simple, extended };

/// What a client's startup message has set, by folded names; judge_setting() allows them.
using StartupValues = std::map<std::string, std::string, std::less<>>;

/// Whether Rewriter::resetting() would change the statement for a client with these values.
bool resets_any(const Statement& statement, Protocol protocol, const StartupValues& startup);

/// SQL text + policy + tenant + role -> verdict. The only room that knows SQL. Pure but for the parser's thread-local
/// memory: libpg_query leaks a pthread key per thread that ends, so only fixed threads may call (research: 1,100
/// short-lived threads exhaust the keys). No state of its own; calls on different threads do not touch each other.
class Rewriter {
 public:
  Verdict judge(std::string_view sql, const Subject& subject, Protocol protocol) const;
  /// The EXECUTE of a verdict on it alone, of the statement that is called `on_server` (a plain word) on the server. Nothing
  /// if it does not come out as just that.
  std::optional<Rewritten> executing(const Rewritten& execute, std::string_view on_server) const;
  /// The verdict on a text in which parameters are reset, for a client whose startup message has set them: a direct one's session
  /// has those values for its defaults, a server connection that all clients of a tenant use has not. RESET x and SET … x TO DEFAULT
  /// are SET x TO the value; behind RESET ALL, in a simple query, stands a hidden SET for each. Nothing if there is nothing to change,
  /// or it does not come out as just that, or would be much longer.
  std::optional<Rewritten> resetting(const Rewritten& resets, Protocol protocol, const StartupValues& startup) const;
};

/// Names of what clients prepare through the protocol, on server connections that others use, too: no SQL of a client's
/// may say one.
bool reserved_statement_name(std::string_view name);

/// Parses some fifty statements through the raw and the protobuf path of libpg_query and compares: the server headers
/// this was built with describe the trees of the library it runs with, or the process must not start.
Result<void> self_test();

}  // namespace bulkhead::rewrite
