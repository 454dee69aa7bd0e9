#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "rewrite/ast.h"

namespace bulkhead::rewrite {
namespace {

const std::set<std::string> kGenerated{
#define BULKHEAD_KIND(name) #name,
#include "rewrite/generated/kinds.inc"
#undef BULKHEAD_KIND
};

struct Decision {
  bool statement;
  std::string word;
};
const std::multimap<std::string, Decision> kDecisions{
#define BULKHEAD_STATEMENT(kind, decision) {#kind, {true, #decision}},
#define BULKHEAD_PART(kind, decision) {#kind, {false, #decision}},
#include "rewrite/nodes.inc"
};

TEST(Nodes, EveryKindHasExactlyOneDecision) {
  for (const auto& kind : kGenerated) EXPECT_EQ(kDecisions.count(kind), 1u) << kind;
  for (const auto& [kind, decision] : kDecisions) EXPECT_TRUE(kGenerated.contains(kind)) << kind;
}

TEST(Nodes, DecisionsAreWordsOfTheContract) {
  const std::set<std::string> statement{"rewritten", "allowed", "refused"}, part{"walked", "refused"};
  for (const auto& [kind, decision] : kDecisions)
    EXPECT_TRUE((decision.statement ? statement : part).contains(decision.word)) << kind << ": " << decision.word;
}

TEST(Nodes, StatementsAreTheKindsNamedSo) {
  for (const auto& [kind, decision] : kDecisions)
    EXPECT_EQ(decision.statement, kind.ends_with("Stmt") && kind != "RawStmt") << kind;
}

// What the server headers say now is what is committed: a field or kind added by a later minor version shows here.
TEST(Nodes, GeneratedFilesMatchTheHeaders) {
  EXPECT_EQ(std::system("python3 " BULKHEAD_SOURCE_DIR "/tools/gen_ast.py --check"), 0);
}

}  // namespace
}  // namespace bulkhead::rewrite
