#pragma once

#include "app/command.h"

namespace bulkhead::app {

/// `bulkhead check`: reads a configuration as `run` would and prints every finding as FILE:LINE:COLUMN: MESSAGE.
int check(const std::string& config, Io io);

}  // namespace bulkhead::app
