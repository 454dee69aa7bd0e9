#pragma once

#include <string>

#include "session/observed.h"

namespace bulkhead::app {

/// For people: each shape with its count, verdict, reason and what would allow it; the refused ones first.
std::string observed_report(const session::Observed::Seen& seen);

/// Lines to add to a configuration. What opens something is a comment that begins with "#?": nothing is opened unasked.
std::string observed_policy(const session::Observed::Seen& seen);

}  // namespace bulkhead::app
