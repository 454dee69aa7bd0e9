// A stream of messages, and the packets before it: headers are judged alike however few bytes are there.
#include "proto/frame.h"

#include "fuzz.h"
#include "proto/trace.h"

using namespace bulkhead;
using namespace bulkhead::proto;

namespace {

void walk(std::string_view bytes, Direction direction) {
  while (!bytes.empty()) {
    const auto whole = peek_frame(bytes, direction);
    for (std::size_t length = 1; length < kFrameHeaderLength && length < bytes.size(); ++length) {
      const auto part = peek_frame(bytes.substr(0, length), direction);
      must(part ? !*part : !whole && part.error() == whole.error(), "fewer bytes say something else");
    }
    if (!whole || !*whole) return;
    must((*whole)->frame_length() >= kFrameHeaderLength, "a frame is no shorter than its header");
    if ((*whole)->frame_length() > bytes.size()) return;
    const auto frame = bytes.substr(0, (*whole)->frame_length());
    must(body_of(frame).size() == (*whole)->body_length, "the body has the length announced");
    must(trace(frame, direction).find('\n') == std::string::npos, "a trace is one line");
    bytes.remove_prefix(frame.size());
  }
}

}  // namespace

FUZZ(bytes) {
  for (const auto direction : {Direction::login, Direction::frontend, Direction::backend}) walk(bytes, direction);
}
