#pragma once

// What mode observe keeps of a text: its shape without a literal in it, the verdict, and what a policy would have to name.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/rewriter.h"

namespace bulkhead::rewrite {

/// The text with every number and string as ?, without comments, each run of blanks as one; a long one is cut. What is no SQL
/// has no shape: where a literal ends is not known. Nothing of a customer's data is in it but what stands in names.
std::string masked(std::string_view sql);

/// `error` for people other than the client: without what it quotes of the literals of `sql`.
Error masked(Error error, std::string_view sql);

/// A relation that statements named.
struct Named {
  std::set<std::string> actions;   ///< as roles name them
  std::string column;              ///< its tenant column; empty: none
  bool view = false;
  bool listed = false;             ///< the policy has a line on it
  bool secured = true;             ///< row-level security confines the login on it, or the policy accepts it without
  bool operator==(const Named&) const = default;
};

struct Observation {
  std::map<policy::QualifiedName, Named> relations;
  std::set<policy::QualifiedName> functions;  ///< of the database's own, that the policy does not allow
  bool ddl = false;
};

/// What `sql` names, as far as it can be parsed and the catalogue knows it.
Observation names_in(std::string_view sql, const Subject& subject);

}  // namespace bulkhead::rewrite
