// The startup parameter `options`: what is accepted is the same when it is written out again.
#include "fuzz.h"
#include "proto/startup.h"

using namespace bulkhead::proto;

namespace {

std::string written(const Parameters& settings) {
  std::string out;
  for (const auto& [name, value] : settings) {
    out += "-c ";
    for (const char c : name + "=" + value) out += {'\\', c};
    out += ' ';
  }
  return out;
}

}  // namespace

FUZZ(bytes) {
  const auto settings = split_options(bytes);
  if (!settings) return;
  for (const auto& [name, value] : *settings) must(!name.empty(), "settings have names");
  const auto again = split_options(written(*settings));
  must(again && *again == *settings, "the same after a round trip");
}
