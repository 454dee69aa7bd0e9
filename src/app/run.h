#pragma once

#include <string>

#include "app/command.h"

namespace bulkhead::app {

struct RunOptions {
  std::string config;
  std::string observed;  ///< where mode observe writes what it has seen; empty: nowhere
  bool watch = false;    ///< reload when the file changes
  bool take_over = false;  ///< the places of a process that goes on running
};

/// Runs the proxy in the foreground until SIGTERM (no new clients, those that are there may finish for a while) or SIGINT
/// (at once). SIGHUP reads the configuration anew. The process's exit status: 0 after an orderly end, 2 if it could not start.
int run(const RunOptions& options, Io io);

}  // namespace bulkhead::app
