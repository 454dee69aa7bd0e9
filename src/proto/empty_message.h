#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/frame_writer.h"

namespace bulkhead::proto {

// Messages without fields, of either direction. For the codecs of this room.

template <class Message>
Result<Message> decode_empty(std::string_view body) {
  BULKHEAD_CHECK(ByteReader(body).finished());
  return Message{};
}

template <class Message>
void encode_empty(std::string& out) {
  FrameWriter(Message::kType, out).finish();
}

}  // namespace bulkhead::proto
