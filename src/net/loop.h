#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <thread>

namespace bulkhead::net {

/// One thread, one io_context. Everything that belongs to a tenant lives on one loop and is touched by its thread only,
/// so the hot path takes no lock. Owned by the application; outlives all that runs on it.
class Loop {
 public:
  explicit Loop(int index);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int index() const { return index_; }
  boost::asio::io_context& context() { return context_; }

  void start();  ///< runs the loop on a thread of its own
  void stop();   ///< any thread; what has not been run by then is dropped
  void join();

  /// Bytes to read into, shared by all connections of this loop: an idle connection holds no buffer of its own. What is
  /// left of a read must be copied away before the handler returns. The loop's thread only.
  std::span<char> scratch() { return scratch_; }

 private:
  const int index_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::array<char, 65536> scratch_;
  std::thread thread_;
};

}  // namespace bulkhead::net
