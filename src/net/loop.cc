#include "net/loop.h"

namespace bulkhead::net {

Loop::Loop(int index) : index_(index), work_(boost::asio::make_work_guard(context_)) {}

Loop::~Loop() {
  stop();
  join();
}

void Loop::start() {
  thread_ = std::thread([this] { context_.run(); });
}

void Loop::stop() { context_.stop(); }

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace bulkhead::net
