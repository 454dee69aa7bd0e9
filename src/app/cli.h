#pragma once

#include "app/command.h"

namespace bulkhead::app {

/// `bulkhead SUBCOMMAND …`: understands the arguments, runs the subcommand, and returns the process's exit status.
int run_command_line(int argc, const char* const* argv, Io io);

}  // namespace bulkhead::app
