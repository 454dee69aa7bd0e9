#include "admin/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace bulkhead::admin {
namespace {

using policy::May;

/// "WORDS argument=value", one line each; of an error its message and position.
std::string parsed(std::string_view text) {
  const auto commands = parse(text);
  if (!commands) return commands.error().message + " @" + std::to_string(commands.error().position);
  std::string out;
  for (const auto& command : *commands) {
    out += std::string(command.entry->words);
    if (!command.argument.empty()) out += " " + command.argument;
    if (!command.value.empty()) out += "=" + command.value;
    out += "\n";
  }
  return out;
}

TEST(ConsoleCommand, IsRead) {
  const std::map<std::string, std::string> cases = {
      {"", ""},
      {" ;; ; ", ""},
      {"SHOW VERSION", "SHOW VERSION\n"},
      {"show\n\tVersion;", "SHOW VERSION\n"},
      {"SHOW VERSION; SHOW CONFIG", "SHOW VERSION\nSHOW CONFIG\n"},
      {"-- what is this\nSHOW /* a /* b */ c */ VERSION -- no more", "SHOW VERSION\n"},
      {"SHOW VERSION--", "SHOW VERSION\n"},
      {"SELECT 1", "SELECT 1\n"},
      {"select version()", "SELECT VERSION ( )\n"},
      {"SELECT current_database ( )", "SELECT CURRENT_DATABASE ( )\n"},
      {"SHOW Client_Encoding", "SHOW client_encoding\n"},
      {"SHOW \"client_encoding\"", "SHOW client_encoding\n"},
      {"SHOW transaction isolation level", "SHOW TRANSACTION ISOLATION LEVEL transaction_isolation\n"},
      {"SET log_level = debug", "SET log_level=debug\n"},
      {"SET LOG_LEVEL TO 'debug'", "SET log_level=debug\n"},
      {"SET \"pool.size\" = 7", "SET pool.size=7\n"},
      {"SET x = 'it''s'", "SET x=it's\n"},
      {"SET x = \"a;b\"", "SET x=a;b\n"},
      {"SET client_encoding TO 'UTF8'", "SET\n"},
      {"SET SESSION datestyle = ISO, MDY", "SET\n"},
      {"SET LOCAL statement_timeout = 0", "SET\n"},
      {"SET TIME ZONE 'UTC'", "SET\n"},
      {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET\n"},
      {"BEGIN ISOLATION LEVEL SERIALIZABLE; COMMIT", "BEGIN\nCOMMIT\n"},
      {"UNLISTEN *", "UNLISTEN *\n"},
      {"PAUSE", "PAUSE\n"},
      {"pause Acme-1", "PAUSE Acme-1\n"},
      {"PAUSE \"o\"\"ne; two\"", "PAUSE o\"ne; two\n"},
      {"KILL acme; KILL_CLIENT 1048577", "KILL acme\nKILL_CLIENT 1048577\n"},
      {"shutdown wait_for_clients", "SHUTDOWN WAIT_FOR_CLIENTS\n"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(parsed(text), expected) << text;
}

TEST(ConsoleCommand, FaultsHavePlaces) {
  const std::map<std::string, std::string> cases = {
      {"SHOW", "syntax error at end of command @5"},
      {"SHOW nonsense", "syntax error at or near \"nonsense\" @6"},
      {"nonsense", "syntax error at or near \"nonsense\" @1"},
      {"SHOW VERSION x", "syntax error at or near \"x\" @14"},
      {"SHOW VERSION; DROP TABLE orders", "syntax error at or near \"DROP\" @15"},
      {"SHOW \"VERSION\"", "syntax error at or near \"VERSION\" @6"},
      {"SHOW 'VERSION'", "syntax error at or near \"VERSION\" @6"},
      {"SHOW VERSION /* x", "unterminated /* comment @14"},
      {"SHOW \"x", "unterminated quoted identifier @6"},
      {"SHOW 'x", "unterminated quoted string @6"},
      {"SHOW \"\"", "zero-length delimited identifier @6"},
      {"SHOW $1", "the console takes no parameters @6"},
      {"\xC3\xA4 \xC3\xB6 +", "syntax error at or near \"+\" @5"},
      {"SELECT 1 + 1", "syntax error at or near \"+\" @10"},
      {"SELECT 2", "syntax error at or near \"SELECT\" @1"},
      {"KILL", "syntax error at end of command @5"},
      {"KILL 'acme'", "syntax error at or near \"acme\" @6"},
      {"KILL_CLIENT x", "syntax error at or near \"x\" @13"},
      {"KILL_CLIENT 12345678901", "syntax error at or near \"12345678901\" @13"},
      {"PAUSE acme globex", "syntax error at or near \"globex\" @12"},
      {"SHUTDOWN now", "syntax error at or near \"now\" @10"},
      {"SET log_level", "syntax error at end of command @14"},
      {"SET log_level = ;", "syntax error at end of command @17"},
      {"SET log_level = a b", "syntax error at or near \"b\" @19"},
      {"\xFF", "invalid byte sequence for encoding \"UTF8\" @0"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(parsed(text), expected) << text;
}

TEST(ConsoleCommand, WhoMayOnlyLookMayShowAndWhatDriversSay) {
  std::set<std::string> for_all;
  for (const auto& entry : commands()) {
    const Command command{&entry};
    EXPECT_TRUE(command.allowed_to(May::all)) << entry.words;
    if (!command.allowed_to(May::show)) for_all.insert(std::string(entry.words));
  }
  EXPECT_EQ(for_all, (std::set<std::string>{"DISABLE", "ENABLE", "KILL", "KILL_CLIENT", "PAUSE", "RECONNECT", "RELOAD", "RESUME", "SET",
                                              "SHOW FDS", "SHUTDOWN", "SHUTDOWN WAIT_FOR_CLIENTS", "SHUTDOWN WAIT_FOR_SERVERS",
                                              "SUSPEND", "WAIT_CLOSE"}))
      << "a command that changes something needs all; whoever adds one says so here as well";
}

TEST(ConsoleCommand, WordsAreUpperCase) {
  for (const auto& entry : commands())
    for (const char c : entry.words) EXPECT_FALSE(c >= 'a' && c <= 'z') << entry.words;
}

}  // namespace
}  // namespace bulkhead::admin
