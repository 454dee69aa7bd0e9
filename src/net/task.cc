#include "net/task.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "base/log.h"

namespace bulkhead::net {

void start(Loop& loop, const char* name, boost::asio::awaitable<void> task) {
  boost::asio::co_spawn(loop.context(), std::move(task), [name](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log::error("task failed", {{"task", name}, {"error", e.what()}});
    }
  });
}

}  // namespace bulkhead::net
