// A rewriter that forgets. The oracle puts it in Bulkhead's place to prove that it would notice.
//
//   broken_rewriter CONFIGURATION CATALOGUE TENANT
//
// Statements come in on standard input, each ended by a NUL byte, and go out the same way: "=TEXT\0" with one of the
// rewriter's edits left out, a different one every time, or "!MESSAGE\0" for a refusal. Only this test program can do that.

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "policy/catalogue.h"
#include "policy/load.h"
#include "rewrite/rewriter.h"

namespace {

using namespace bulkhead;

std::string apply_all_but(std::size_t dropped, std::string_view original, const std::vector<rewrite::Edit>& edits) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    if (i == dropped) continue;
    text.append(original.substr(at, edits[i].offset - at)).append(edits[i].text);
    at = edits[i].offset + edits[i].length;
  }
  return text.append(original.substr(at));
}

std::string answer(const rewrite::Verdict& verdict, std::string_view original, std::size_t turn) {
  if (const auto* rejected = std::get_if<rewrite::Rejected>(&verdict)) return "!" + rejected->error.message;
  const auto& edits = std::get<rewrite::Rewritten>(verdict).edits;
  return "=" + apply_all_but(edits.empty() ? 0 : turn % edits.size(), original, edits);
}

int fail(const std::string& why) {
  std::cerr << "broken_rewriter: " << why << '\n';
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return fail("CONFIGURATION CATALOGUE TENANT");
  const auto loaded = policy::load_file(argv[1]);
  if (!loaded.policy) return fail(policy::describe(argv[1], loaded.findings));
  std::ifstream file(argv[2]);
  const auto catalogue = policy::load_catalogue(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!catalogue) return fail(catalogue.error().message);
  const auto tenant = loaded.policy->tenants.find(argv[3]);
  if (tenant == loaded.policy->tenants.end()) return fail("no such tenant");

  const rewrite::Rewriter rewriter;
  const rewrite::Subject subject{*loaded.policy, **catalogue, *tenant->second};
  std::size_t turn = 0;
  for (std::string statement; std::getline(std::cin, statement, '\0');) {
    const auto verdict = rewriter.judge(statement, subject, rewrite::Protocol::extended);
    std::cout << answer(verdict, statement, turn++) << '\0' << std::flush;
  }
}
