#pragma once

#include <string_view>

#include "base/result.h"
#include "proto/frame.h"

namespace bulkhead::pool {

/// A message of the server's that has to be held whole may be this long; rows and COPY data pass in pieces.
inline constexpr std::size_t kMaxHeldMessage = 64u << 20;

/// Cuts what a server sends into messages. A Sink has
///   Result<void> frame(proto::FrameHeader, std::string_view whole)   a message in one piece, header included
///   Result<void> piece(std::string_view)                             the next piece of a long row, header first
/// Bytes of an incomplete message are left to the caller, who gives them again with more behind. Pure.
class FrameSplitter {
 public:
  /// True between the pieces of one message: nothing else may be said to the client now.
  bool inside_message() const { return passing_ > 0; }

  /// How many of `bytes` were used.
  template <class Sink>
  Result<std::size_t> feed(std::string_view bytes, Sink& sink) {
    std::size_t used = 0;
    while (used < bytes.size()) {
      const auto rest = bytes.substr(used);
      if (passing_ > 0) {
        const auto now = rest.substr(0, passing_);
        passing_ -= now.size();
        used += now.size();
        BULKHEAD_CHECK(sink.piece(now));
        continue;
      }
      BULKHEAD_TRY(const auto header, proto::peek_frame(rest, proto::Direction::backend));
      if (!header) break;
      const std::size_t length = header->frame_length();
      if (length <= rest.size()) {
        used += length;
        BULKHEAD_CHECK(sink.frame(*header, rest.substr(0, length)));
      } else if (header->type == 'D' || header->type == 'd') {
        if (length <= kWorthWaitingFor) break;
        passing_ = length;
      } else if (length > kMaxHeldMessage) {
        return make_error(sqlstate::protocol_violation, "the server's message is too long to be held");
      } else {
        break;
      }
    }
    return used;
  }

 private:
  /// A row shorter than this is waited for: whole ones are simpler, and cheaper for everybody.
  static constexpr std::size_t kWorthWaitingFor = 16384;
  std::size_t passing_ = 0;
};

}  // namespace bulkhead::pool
