#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fuzz.h"

/// A body that decodes encodes to itself again, byte for byte: what was understood is all there is.
template <class Message>
void exact(const bulkhead::Result<Message>& message, std::string_view body) {
  if (!message) return;
  std::string out;
  encode(*message, out);
  must(out.size() >= 5 && std::string_view(out).substr(5) == body, "a decoded body encodes to itself");
}
