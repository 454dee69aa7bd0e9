#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>

#include "base/error.h"

namespace bulkhead {

/// A value or the Error that stands in its place. Errors are values; exceptions are for start-up and broken invariants.
template <class T>
using Result = boost::system::result<T, Error>;

/// Called by result::value() when there is none: using it without a check is a broken invariant of ours.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.message);
}

}  // namespace bulkhead

/// BULKHEAD_TRY(auto x, expression): x is the value of the Result, or the function returns its error.
#define BULKHEAD_TRY(declaration, expression) BULKHEAD_TRY_AT(__LINE__, declaration, expression)
#define BULKHEAD_TRY_AT(line, declaration, expression) BULKHEAD_TRY_NAMED(line, declaration, expression)
#define BULKHEAD_TRY_NAMED(line, declaration, expression) \
  BULKHEAD_TRY_BODY(try_result_##line, declaration, expression)
#define BULKHEAD_TRY_BODY(name, declaration, expression)     \
  auto name = (expression);                                  \
  if (!name) [[unlikely]]                                    \
    return std::move(name).error();                          \
  declaration = std::move(*name)

/// BULKHEAD_CHECK(expression): the function returns the error of a Result<void>, if there is one.
#define BULKHEAD_CHECK(expression)                                              \
  if (auto check_result = (expression); !check_result) [[unlikely]]             \
  return std::move(check_result).error()
