#pragma once

#include "app/command.h"

namespace bulkhead::app {

/// `bulkhead check`: reads a configuration as `run` would and prints every finding as FILE:LINE:COLUMN: MESSAGE.
/// `catalogue`: a file of the database's relations to hold it against; empty: none.
int check(const std::string& config, const std::string& catalogue, Io io);

}  // namespace bulkhead::app
