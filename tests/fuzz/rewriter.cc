// The rewriter on any text. Whatever it lets through, a second opinion that shares no code with it must find guarded,
// and again when the result is judged once more. The first byte picks protocol and role.
#include "rewrite/rewriter.h"

#include <memory>

#include "fuzz.h"
#include "policy/load.h"
#include "rewrite/verify.h"

using namespace bulkhead;
using namespace bulkhead::rewrite;

namespace {

constexpr std::string_view kPolicy = R"(
version: 1
servers: { main: { hosts: [127.0.0.1:5432], database: app, login: { user: app_rw, password: x } } }
tenancy: { column: org_id }
tables: { public.countries: { access: shared }, public.secrets: { access: none }, public.open_orders: { access: tenant } }
functions: { allow: [public.slugify] }
roles: { reader: { allow: [select] } }
tenants: { acme: { org: 4711 } }
users: { acme_app: { tenant: acme, password: { plain: x } } }
)";

constexpr std::string_view kCatalogue = R"(
version: 150000
relations:
  public.orders: { kind: table, columns: { id: int8, org_id: int8, customer_id: int8, note: text } }
  public.customers: { kind: table, columns: { id: int8, org_id: int8, name: text } }
  public.countries: { kind: table, columns: { code: text, name: text } }
  public.secrets: { kind: table, columns: { id: int8 } }
  public.open_orders: { kind: view, security_invoker: true, columns: { id: int8, org_id: int8 } }
functions: [public.slugify]
)";

struct World {
  std::shared_ptr<const policy::Policy> policy = policy::load(kPolicy, "fuzz", "/").policy;
  std::shared_ptr<const policy::Catalogue> catalogue = policy::load_catalogue(kCatalogue).value();
};

const World& world() {
  static const World world;
  must(world.policy != nullptr, "the policy loads");
  return world;
}

}  // namespace

FUZZ(bytes) {
  if (bytes.empty()) return;
  const auto& [policy, catalogue] = world();
  const auto sql = bytes.substr(1);
  const auto protocol = bytes[0] & 1 ? Protocol::extended : Protocol::simple;
  const Subject subject{*policy, *catalogue, *policy->tenants.at("acme"),
                        bytes[0] & 2 ? &policy->roles.at("reader") : nullptr};

  const Verdict verdict = Rewriter().judge(sql, subject, protocol);
  if (const auto* rejected = std::get_if<Rejected>(&verdict))
    return must(!rejected->error.message.empty() && rejected->error.position >= 0, "a refusal says why");
  const auto& rewritten = std::get<Rewritten>(verdict);
  const std::string_view out = rewritten.sql.text();
  must(!rewritten.edits.empty() || out == sql, "without edits the text is the client's");
  must(bool(verify(sql, out, subject, rewritten.guards, rewritten.statements)), "what is let through is guarded");

  const Verdict again = Rewriter().judge(out, subject, protocol);
  const auto* twice = std::get_if<Rewritten>(&again);
  must(twice == nullptr || twice->statements.size() == rewritten.statements.size(), "no statement more, none less");
  if (twice != nullptr) must(bool(verify(out, twice->sql.text(), subject, twice->guards, twice->statements)), "and guarded when it comes back");
}
