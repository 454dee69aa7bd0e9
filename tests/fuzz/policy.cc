// A configuration text: a policy, or located findings; never both, never an exception.
#include "fuzz.h"
#include "policy/load.h"

FUZZ(bytes) {
  const auto loaded = bulkhead::policy::load(bytes, "fuzz.yaml", "/nonexistent");
  must((loaded.policy == nullptr) == !loaded.findings.empty(), "a policy or findings");
  for (const auto& finding : loaded.findings)
    must(finding.line >= 0 && finding.column >= 0 && !finding.message.empty(),
         "findings are located and say something");
}
