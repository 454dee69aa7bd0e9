// The server's stream cut into messages: the same bytes come out however they arrive. The first byte is the chunk
// size.
#include "pool/frame_splitter.h"

#include "fuzz.h"

using namespace bulkhead;

namespace {

struct Sink {
  std::string out;
  Result<void> frame(proto::FrameHeader header, std::string_view whole) {
    must(header.frame_length() == whole.size(), "a whole frame");
    out += whole;
    return {};
  }
  Result<void> piece(std::string_view bytes) {
    must(!bytes.empty(), "pieces have bytes");
    out += bytes;
    return {};
  }
};

/// What comes out, and whether it ended in an error.
std::pair<std::string, bool> cut(std::string_view bytes, std::size_t chunk) {
  pool::FrameSplitter splitter;
  Sink sink;
  std::string held;
  while (!bytes.empty()) {
    held += bytes.substr(0, chunk);
    bytes.remove_prefix(std::min(chunk, bytes.size()));
    const auto used = splitter.feed(held, sink);
    if (!used) return {sink.out, true};
    must(*used <= held.size(), "uses what there is");
    held.erase(0, *used);
  }
  return {sink.out, false};
}

}  // namespace

FUZZ(bytes) {
  if (bytes.empty()) return;
  const auto stream = bytes.substr(1);
  const auto whole = cut(stream, stream.size() + 1);
  const auto parts = cut(stream, static_cast<unsigned char>(bytes[0]) % 64u + 1);
  must(whole == parts, "the same however it arrives");
  must(stream.starts_with(whole.first), "what comes out went in");
}
