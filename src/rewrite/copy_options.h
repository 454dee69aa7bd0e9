#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "copy/format.h"
#include "rewrite/ast.h"

namespace bulkhead::rewrite {

/// The options of a COPY, in either syntax. Views into the tree.
struct CopyOptions {
  copy::Format format;
  int freeze = -1;  ///< byte where FREEZE stands; -1: nowhere
  std::vector<std::string_view> force_null;      ///< columns named by FORCE_NULL and FORCE_NOT_NULL
};

/// Only options that are known here: one of a later version might do anything. What is wrong in a way that PostgreSQL
/// finds as well is left to it, unless the format would depend on it. Positions of errors are byte offsets.
struct CopyOptionError {
  Error error;
  int location = -1;
};
using CopyOptionsResult = std::variant<CopyOptions, CopyOptionError>;
CopyOptionsResult read_copy_options(ast::ListView options, bool from);

}  // namespace bulkhead::rewrite
