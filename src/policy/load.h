#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/model.h"

namespace bulkhead::policy {

/// One thing wrong with a configuration: where, what, and what would have been right. Lines and columns count from 1.
struct Finding {
  int line = 0;
  int column = 0;
  std::string message;
};

/// Either a policy, or everything that is wrong with the text, in the order of the file.
struct Loaded {
  std::shared_ptr<const Policy> policy;  ///< null if there are findings
  std::vector<Finding> findings;
  /// What could be made of a text with findings: for nothing but to look for more of them. Null if there are none, or nothing could.
  std::shared_ptr<const Policy> partial{};
};

/// Reads a configuration text whole. `source` names it in messages; {file: PATH} secrets are relative to `directory`.
/// Never throws because of the text. Each call gives the policy a new epoch. Any thread.
Loaded load(std::string_view yaml, const std::string& source, const std::string& directory);

/// The same for a file; a file that cannot be read is a finding at 0:0.
Loaded load_file(const std::string& path);

/// "FILE:LINE:COLUMN: MESSAGE", one line each.
std::string describe(const std::string& source, const std::vector<Finding>& findings);

}  // namespace bulkhead::policy
