#include "session/observed.h"

#include "base/log.h"

namespace bulkhead::session {

std::unique_ptr<Observed> Observed::under(const policy::Policy& policy) {
  if (policy.tenancy.mode != policy::Mode::observe) return nullptr;
  return std::unique_ptr<Observed>(new Observed);
}

void Observed::saw(Who who, std::string_view text, const rewrite::Subject& subject, const rewrite::Rewritten& rewritten) {
  ObservedShape shape;
  shape.verdict = rewritten.edits.empty() ? "unchanged" : "rewritten";
  if (!rewritten.edits.empty()) shape.becomes = rewrite::masked(rewritten.sql.text());
  count(who, text, subject, std::move(shape));
}

void Observed::saw(Who who, std::string_view text, const rewrite::Subject& subject, const rewrite::Rejected& rejected) {
  ObservedShape shape;
  const Error error = rewrite::masked(rejected.error, text);
  shape.verdict = error.state == sqlstate::syntax_error ? "unparsable" : "refused";
  shape.sqlstate = error.state.text();
  shape.reason = error.message;
  shape.hint = error.hint;
  count(who, text, subject, std::move(shape));
}

void Observed::count(Who who, std::string_view text, const rewrite::Subject& subject, ObservedShape shape) {
  shape.shape = rewrite::masked(text);
  const std::string key = shape.verdict + '\n' + shape.reason + '\n' + shape.shape;
  const std::lock_guard lock(mutex_);
  auto at = seen_.shapes.find(key);
  if (at == seen_.shapes.end()) {
    auto& own = shapes_of_[std::string(who.tenant)];
    if (own >= kShapesOfTenant || seen_.shapes.size() >= kShapes) {
      ++seen_.other[std::string(who.tenant)];
      return;
    }
    ++own;
    shape.names = rewrite::names_in(text, subject);
    log::info("observed", {{"tenant", who.tenant}, {"verdict", shape.verdict}, {"statement", shape.shape},
                           {"reason", shape.reason}, {"hint", shape.hint}});
    at = seen_.shapes.emplace(key, std::move(shape)).first;
  }
  ObservedShape& known = at->second;
  ++known.count;
  ++known.tenants[std::string(who.tenant)];
  if (known.users.size() < kUsers) known.users.emplace(who.user);
  if (subject.role)
    known.roles.insert(subject.role->name);
  else
    known.default_role = true;
}

Observed::Seen Observed::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

}  // namespace bulkhead::session
