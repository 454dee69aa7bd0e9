#pragma once

// What only the room that knows SQL can find wrong with a policy.

#include <vector>

#include "policy/catalogue.h"
#include "policy/load.h"

namespace bulkhead::rewrite {

/// There is SQL in it.
bool has_sql(const policy::Policy& policy);

/// The tables whose `read` is no expression as read_expression.h has them, or names what `catalogue`, if there is one, does not
/// know, and those of it whose lines contradict their parents' or children's (lineage.h), in the order of the file. Whoever runs
/// under a policy with findings is refused every statement on those tables.
std::vector<policy::Finding> check_policy(const policy::Policy& policy, const policy::Catalogue* catalogue = nullptr);

}  // namespace bulkhead::rewrite
