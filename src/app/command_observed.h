#pragma once

#include "app/command.h"

namespace bulkhead::app {

/// `bulkhead observed`: what mode observe has written, as a report or as the beginnings of a policy.
int report_observed(const std::string& file, bool as_policy, Io io);

}  // namespace bulkhead::app
