#pragma once

#include <memory>

#include "policy/model.h"

namespace bulkhead::app {

/// Runs the proxy in the foreground until SIGTERM (no new clients, those that are there may finish for a while) or SIGINT
/// (at once). The process's exit status: 0 after an orderly end, 2 if it could not start.
int run_proxy(std::shared_ptr<const policy::Policy> policy, const std::string& observed = {});

}  // namespace bulkhead::app
