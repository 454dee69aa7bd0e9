#include "app/configuration.h"

#include <algorithm>
#include <tuple>

#include "rewrite/check.h"
#include "rewrite/rewriter.h"

namespace bulkhead::app {

policy::Loaded load_policy(const std::string& path) {
  auto loaded = policy::load_file(path);
  const policy::Policy* known = loaded.policy ? loaded.policy.get() : loaded.partial.get();
  if (known && rewrite::has_sql(*known)) {
    if (const auto test = rewrite::self_test(); !test) {  // before the first text is parsed
      loaded.findings.push_back({0, 0, test.error().message});
    } else {
      for (auto& finding : rewrite::check_policy(*known)) loaded.findings.push_back(std::move(finding));
    }
    std::stable_sort(loaded.findings.begin(), loaded.findings.end(), [](const auto& a, const auto& b) {
      return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    if (!loaded.findings.empty() && loaded.policy) loaded.partial = std::exchange(loaded.policy, nullptr);
  }
  return loaded;
}

Configuration read_configuration(const std::string& path, const auth::MockSecret& mock) {
  Configuration read;
  auto loaded = load_policy(path);
  for (const auto& finding : loaded.findings) {
    auto line = policy::describe(path, {finding});
    line.pop_back();
    read.faults.push_back(std::move(line));
  }
  // The files it names may be wrong as well.
  if (const auto& known = loaded.policy ? loaded.policy : loaded.partial) {
    read.certificates = session::Certificates::read(*known);
    read.faults.insert(read.faults.end(), read.certificates.faults.begin(), read.certificates.faults.end());
    read.warnings = read.certificates.warnings;
  }
  if (!read.faults.empty()) return read;
  auto credentials = auth::Credentials::from(loaded.policy, mock);
  if (!credentials) {
    read.faults.push_back(path + ": " + credentials.error().message);
    return read;
  }
  read.credentials = std::move(*credentials);
  read.policy = std::move(loaded.policy);
  return read;
}

}  // namespace bulkhead::app
