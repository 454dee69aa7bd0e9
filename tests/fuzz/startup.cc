// A packet before login: what decodes has a user and unique names, and is the same after a round trip.
#include "proto/startup.h"

#include <set>

#include "fuzz.h"
#include "proto/trace.h"

using namespace bulkhead;
using namespace bulkhead::proto;

FUZZ(bytes) {
  const auto length = peek_startup(bytes);
  if (!length || !*length || **length > bytes.size()) return;
  const auto packet = bytes.substr(0, **length);
  must(trace_startup(packet).find('\n') == std::string::npos, "a trace is one line");
  const auto decoded = decode_startup(packet);
  if (!decoded) return;
  const auto* message = std::get_if<StartupMessage>(&*decoded);
  if (message == nullptr) return;

  std::set<std::string> names;
  for (const auto& [name, value] : message->parameters)
    must(!name.empty() && names.insert(name).second, "a name once");
  must(message->find("user") != nullptr && !message->find("user")->empty(), "a user");
  std::string again;
  must(bool(encode_startup(message->parameters, again, message->protocol)), "can be sent on");
  const auto twice = decode_startup(again);
  must(twice && std::get<StartupMessage>(*twice).parameters == message->parameters, "the same after a round trip");
  if (const auto answer = negotiate(*message)) {
    std::string out;
    encode(*answer, out);
    must(bool(decode_negotiate_protocol_version(std::string_view(out).substr(5))), "a valid answer");
  }
}
