// The console's commands: whatever is read can be written out from what is known of it and is the same when it is read again, and a
// place of an error is within the text.
#include "admin/command.h"
#include "fuzz.h"

using namespace bulkhead::admin;

namespace {

std::string quoted(const std::string& text, char quote) {
  std::string out(1, quote);
  for (const char c : text) out += c == quote ? std::string(2, quote) : std::string(1, c);
  return out + quote;
}

std::string written(const Command& command) {
  std::string out(command.entry->words);
  switch (command.entry->takes) {
    case Takes::nothing: break;
    case Takes::anything:
      if (command.entry->words == "SET") out += " TRANSACTION";
      break;
    case Takes::tenant_if_any:
      if (command.argument.empty()) break;
      [[fallthrough]];
    case Takes::tenant: out += " " + quoted(command.argument, '"'); break;
    case Takes::client: out += " " + command.argument; break;
    case Takes::setting: out += " " + quoted(command.argument, '"'); break;
    case Takes::assignment: out += " " + quoted(command.argument, '"') + " = " + quoted(command.value, '\''); break;
  }
  return out;
}

}  // namespace

FUZZ(bytes) {
  const auto commands = parse(bytes);
  if (!commands) {
    must(commands.error().position >= 0 && commands.error().position <= static_cast<int>(bytes.size()) + 1, "the place is in the text");
    return;
  }
  std::string text;
  for (const auto& command : *commands) {
    must(command.entry >= bulkhead::admin::commands().data() &&
             command.entry < bulkhead::admin::commands().data() + bulkhead::admin::commands().size(),
         "of the table");
    text += written(command) + ";";
  }
  const auto again = parse(text);
  must(again && again->size() == commands->size(), "as many after a round trip");
  for (std::size_t i = 0; i < again->size(); ++i) {
    must((*again)[i].entry == (*commands)[i].entry, "the same command");
    must((*again)[i].argument == (*commands)[i].argument && (*again)[i].value == (*commands)[i].value, "with the same arguments");
  }
}
