#include "app/command.h"

#include <algorithm>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <tuple>

#include "policy/load.h"
#include "rewrite/check.h"
#include "rewrite/rewriter.h"

namespace bulkhead::app {

std::shared_ptr<const policy::Policy> load_configuration(const std::string& path, Io io) {
  auto loaded = policy::load_file(path);
  const policy::Policy* known = loaded.policy ? loaded.policy.get() : loaded.partial.get();
  if (known && rewrite::has_sql(*known)) {
    if (const auto test = rewrite::self_test(); !test) {  // before the first text is parsed
      io.err << "bulkhead: " << test.error().message << '\n';
      return nullptr;
    }
    for (auto& finding : rewrite::check_policy(*known)) loaded.findings.push_back(std::move(finding));
    std::stable_sort(loaded.findings.begin(), loaded.findings.end(), [](const auto& a, const auto& b) {
      return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    if (!loaded.findings.empty()) loaded.policy = nullptr;
  }
  io.err << policy::describe(path, loaded.findings);
  return loaded.policy;
}

Result<std::shared_ptr<const policy::Catalogue>> read_catalogue_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(sqlstate::config_file_error, path + ": the file cannot be opened");
  auto catalogue = policy::load_catalogue(read_all(file));
  if (!catalogue) return make_error(sqlstate::config_file_error, path + ":\n" + catalogue.error().message);
  return catalogue;
}

std::string read_all(std::istream& in) { return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}; }

}  // namespace bulkhead::app
