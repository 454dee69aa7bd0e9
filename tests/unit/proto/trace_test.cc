#include "proto/trace.h"

#include "unit/proto/support.h"

namespace bulkhead::proto {
namespace {

struct Traced {
  Direction direction;
  char type;
  std::string body;
  std::string line;
};

TEST(Trace, WritesAsPqtraceDoes) {
  const auto f = Direction::frontend, b = Direction::backend;
  const Traced table[] = {
      {f, 'Q', "select 'é'\n\0"_bytes, "F\t17\tQuery\t \"select '\\xc3\\xa9'\\x0a\""},
      {f, 'P', "s\0select $1\0\0\x01\0\0\0\x17"_bytes, "F\t22\tParse\t \"s\" \"select $1\" 1 23"},
      {f, 'B', "\0s\0\0\x01\0\x01\0\x02\0\0\0\x01x\xff\xff\xff\xff\0\0"_bytes,
       "F\t24\tBind\t \"\" \"s\" 1 1 2 1 'x' -1 0"},
      {f, 'D', "Ps\0"_bytes, "F\t7\tDescribe\t P \"s\""},
      {f, 'C', "S\0"_bytes, "F\t6\tClose\t S \"\""},
      {f, 'E', "\0\0\0\0\x05"_bytes, "F\t9\tExecute\t \"\" 5"},
      {f, 'S', "", "F\t4\tSync"},
      {f, 'H', "", "F\t4\tFlush"},
      {f, 'X', "", "F\t4\tTerminate"},
      {f, 'd', "1\t2\n", "F\t8\tCopyData\t '1\\x092\\x0a'"},
      {f, 'c', "", "F\t4\tCopyDone"},
      {f, 'f', "no\0"_bytes, "F\t7\tCopyFail\t \"no\""},
      {f, 'F', "\0\0\0\x09"_bytes, "F\t8\tFunctionCall\t 9"},
      {f, 'S', "x", "F\t5\tSync invalid: invalid message format"},
      {b, 'R', "\0\0\0\0"_bytes, "B\t8\tAuthenticationOk"},
      {b, 'R', "\0\0\0\x0aSCRAM-SHA-256\0\0"_bytes, "B\t23\tAuthenticationSASL \"SCRAM-SHA-256\""},
      {b, 'S', "a\0b\0"_bytes, "B\t8\tParameterStatus\t \"a\" \"b\""},
      {b, 'Z', "I", "B\t5\tReadyForQuery\t I"},
      {b, 'E', "SERROR\0C42601\0\0"_bytes, "B\t19\tErrorResponse\t S \"ERROR\" C \"42601\""},
      {b, 'T', "\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"_bytes,
       "B\t26\tRowDescription\t 1 \"n\" 0 0 23 4 -1 0"},
      {b, 'D',
       "\0\x02\0\0\0\x01"
       "1\xff\xff\xff\xff"_bytes,
       "B\t15\tDataRow\t 2 1 '1' -1"},
      {b, 'C', "SELECT 1\0"_bytes, "B\t13\tCommandComplete\t \"SELECT 1\""},
      {b, 't', "\0\x01\0\0\0\x17"_bytes, "B\t10\tParameterDescription\t 1 23"},
      {b, 'G', "\0\0\x01\0\0"_bytes, "B\t9\tCopyInResponse\t 0 1 0"},
      {b, 'A',
       "\0\0\0\x07"
       "c\0p\0"_bytes,
       "B\t12\tNotificationResponse\t 7 \"c\" \"p\""},
      {b, 'V', "\xff\xff\xff\xff"_bytes, "B\t8\tFunctionCallResponse\t -1"},
      {b, 'v', "\0\x03\0\x02\0\0\0\x01_pq_.x\0"_bytes, "B\t19\tNegotiateProtocolVersion\t 196610 1 \"_pq_.x\""},
      {b, '1', "", "B\t4\tParseComplete"},
  };
  for (const auto& [direction, type, body, line] : table) EXPECT_EQ(trace(frame(type, body), direction), line);
}

TEST(Trace, KeepsSecrets) {
  const std::pair<Direction, std::string> frames[] = {
      {Direction::login, frame('p', "hunter2\0"_bytes)},
      {Direction::login, frame('p', "SCRAM-SHA-256\0\0\0\0\x07hunter2"_bytes)},
      {Direction::backend, frame('R', "\0\0\0\x0bhunter2"_bytes)},
      {Direction::backend, frame('R', "\0\0\0\x0chunter2"_bytes)},
      {Direction::backend, frame('K', "\0\0\0\x01hunter2"_bytes)},
  };
  for (const auto& [direction, bytes] : frames) {
    const std::string line = trace(bytes, direction);
    EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
    EXPECT_NE(line.find("***"), std::string::npos) << line;
  }
  EXPECT_EQ(trace_startup("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07keys"_bytes), "F\t16\tCancelRequest\t 7 ***");
}

TEST(Trace, SaysWhatIsWrongWithAFrame) {
  EXPECT_EQ(trace("y", Direction::frontend), "F\tinvalid: invalid frontend message type 121");
  EXPECT_EQ(trace("", Direction::backend), "B\tinvalid: not one whole frame");
  EXPECT_EQ(trace(frame('S', "") + "x", Direction::frontend), "F\tinvalid: not one whole frame");
  EXPECT_EQ(trace_startup(""), "F\t0\tinvalid: invalid length of startup packet");
}

TEST(Trace, OfStartup) {
  EXPECT_EQ(trace_startup("\0\0\0\x12\0\x03\0\0user\0ann\0\0"_bytes), "F\t18\tStartupMessage\t 3 0 \"user\" \"ann\"");
  EXPECT_EQ(trace_startup("\0\0\0\x08\x04\xd2\x16\x2f"_bytes), "F\t8\tSSLRequest");
  EXPECT_EQ(trace_startup("\0\0\0\x08\x04\xd2\x16\x30"_bytes), "F\t8\tGSSENCRequest");
}

// Every type peek_frame lets through has a name; nothing is left out of the switch.
TEST(Trace, NamesEveryMessage) {
  for (const auto direction : {Direction::frontend, Direction::backend})
    for (int type = 0; type < 256; ++type) {
      const std::string bytes = frame(static_cast<char>(type), "");
      if (!peek_frame(bytes, direction)) continue;
      EXPECT_GT(trace(bytes, direction).size(), std::string_view("B\t4\t").size()) << static_cast<char>(type);
    }
}

}  // namespace
}  // namespace bulkhead::proto
