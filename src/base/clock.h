#pragma once

#include <chrono>

namespace bulkhead {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

}  // namespace bulkhead
