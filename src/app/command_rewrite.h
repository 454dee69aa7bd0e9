#pragma once

#include <vector>

#include "app/command.h"

namespace bulkhead::app {

struct RewriteOptions {
  std::string config;
  std::string tenant;
  std::string role;         ///< empty: that of users without one
  std::string catalogue;    ///< a file; empty: read from the tenant's server
  std::vector<std::string> texts;  ///< empty: one text, standard input
  bool json = false;        ///< one object a line instead of prose
};

/// `bulkhead rewrite`: what would reach the server for each text, or why it is refused.
int rewrite(const RewriteOptions& options, Io io);

}  // namespace bulkhead::app
