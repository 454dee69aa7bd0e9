#pragma once

#include "app/command.h"

namespace bulkhead::app {

/// `bulkhead scram`: a password (all of the input but the end of its last line) -> its verifier, for users.*.password.
/// A terminal does not show what is typed.
int scram(int iterations, Io io);

}  // namespace bulkhead::app
