#include "net/loop.h"

#include <exception>
#include <string>

#include "base/log.h"

namespace bulkhead::net {

Loop::Loop(int index) : index_(index), work_(boost::asio::make_work_guard(context_)) {}

Loop::~Loop() {
  stop();
  join();
}

void Loop::start() {
  thread_ = std::thread([this] {
    for (;;) {
      try {
        context_.run();
        return;
      } catch (const std::exception& failure) {  // of one handler: the others are nobody's concern
        log::error("a handler failed", {{"loop", std::to_string(index_)}, {"error", failure.what()}});
      }
    }
  });
}

void Loop::stop() { context_.stop(); }

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace bulkhead::net
