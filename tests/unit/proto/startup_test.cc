#include "proto/startup.h"

#include "unit/proto/support.h"

namespace bulkhead::proto {
namespace {

std::string packet(std::int32_t code, std::string_view rest) {
  std::string out;
  ByteWriter writer(out);
  writer.i32(static_cast<std::int32_t>(rest.size() + 8));
  writer.i32(code);
  return out.append(rest);
}

std::string error_of(std::string_view bytes) {
  const auto decoded = decode_startup(bytes);
  return decoded ? "" : std::string(decoded.error().state.text()) + " " + decoded.error().message;
}

Parameters parameters_of(std::string_view bytes) {
  const auto decoded = decode_startup(bytes);
  return decoded ? std::get<StartupMessage>(*decoded).parameters : Parameters{};
}

constexpr auto kLayout = "08P01 invalid startup packet layout: expected terminator as last byte";

TEST(PeekStartup, BelievesWhatPostgresBelieves) {
  const auto length = [](std::uint32_t n) {
    std::string bytes;
    ByteWriter(bytes).u32(n);
    return peek_startup(bytes);
  };
  EXPECT_EQ(*peek_startup(""), std::nullopt);
  EXPECT_EQ(*peek_startup("\0\0\0"_bytes), std::nullopt);
  for (const std::uint32_t good : {8u, 9u, 10004u}) EXPECT_EQ(*length(good), std::size_t{good});
  for (const std::uint32_t bad : {0u, 4u, 7u, 10005u, 0x7fffffffu, 0xffffffffu})
    EXPECT_EQ(length(bad).error().message, "invalid length of startup packet") << bad;
  EXPECT_FALSE(peek_startup("GET / HTTP/1.1\r\n"));
}

TEST(DecodeStartup, ReadsParametersInOrder) {
  const auto decoded = decode_startup(packet(kProtocol30, "user\0ann\0database\0app\0DateStyle\0ISO\0x\0\0\0"_bytes));
  ASSERT_TRUE(decoded);
  const auto& message = std::get<StartupMessage>(*decoded);
  EXPECT_EQ(message.protocol, kProtocol30);
  EXPECT_EQ(message.parameters, (Parameters{{"user", "ann"}, {"database", "app"}, {"DateStyle", "ISO"}, {"x", ""}}));
  EXPECT_EQ(*message.find("database"), "app");
  EXPECT_EQ(message.find("datestyle"), nullptr);
}

TEST(DecodeStartup, TheLastOfTwoValuesWins) {
  EXPECT_EQ(parameters_of(packet(kProtocol30, "user\0ann\0a\0\0user\0eve\0a\0b\0\0"_bytes)),
            (Parameters{{"user", "eve"}, {"a", "b"}}));
}

TEST(DecodeStartup, EveryTruncationAndEveryExtraByteIsRefused) {
  const std::string rest = "user\0ann\0database\0app\0\0"_bytes;
  ASSERT_EQ(error_of(packet(kProtocol30, rest)), "");
  for (std::size_t length = 0; length < rest.size(); ++length) {
    const std::string error = error_of(packet(kProtocol30, rest.substr(0, length)));
    EXPECT_EQ(error, kLayout) << length;
  }
  for (const char extra : {'\0', 'x'}) EXPECT_EQ(error_of(packet(kProtocol30, rest + extra)), kLayout);
  const std::string whole = packet(kProtocol30, rest);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(error_of(whole.substr(0, length)), "08P01 invalid length of startup packet") << length;
  EXPECT_EQ(error_of(whole + "x"), "08P01 invalid length of startup packet");
}

TEST(DecodeStartup, SpeaksAsPostgresDoesOfWhatIsWrong) {
  EXPECT_EQ(error_of(packet(kProtocol30, "database\0app\0\0"_bytes)),
            "28000 no PostgreSQL user name specified in startup packet");
  EXPECT_EQ(error_of(packet(kProtocol30, "user\0\0\0"_bytes)),
            "28000 no PostgreSQL user name specified in startup packet");
  EXPECT_EQ(error_of(packet(kProtocol30, "user\0ann\0"_bytes)), kLayout);
  EXPECT_EQ(error_of(packet(kProtocol30, "user\0ann\0database\0\0"_bytes)), kLayout) << "a name without a value";
  const std::pair<int, int> refused[] = {{2, 0}, {4, 0}, {0, 0}, {1234, 5681}, {65535, 65535}};
  for (const auto& [major, minor] : refused)
    EXPECT_EQ(error_of(packet(protocol_version(major, minor), "user\0ann\0\0"_bytes)),
              "0A000 unsupported frontend protocol " + std::to_string(major) + "." + std::to_string(minor) +
                  ": server supports 3.0 to 3.2");
}

TEST(DecodeStartup, RecognisesRequestsAndTheirLengths) {
  const auto ssl = decode_startup("\0\0\0\x08\x04\xd2\x16\x2f"_bytes);
  ASSERT_TRUE(ssl);
  EXPECT_TRUE(std::holds_alternative<SSLRequest>(*ssl));
  const auto gss = decode_startup("\0\0\0\x08\x04\xd2\x16\x30"_bytes);
  ASSERT_TRUE(gss);
  EXPECT_TRUE(std::holds_alternative<GSSENCRequest>(*gss));
  EXPECT_EQ(error_of(packet(protocol_version(1234, 5679), "x")), "08P01 invalid length of startup packet");

  const std::string request = packet(protocol_version(1234, 5678),
                                     "\0\0\x30\x39"
                                     "abcd"_bytes);
  const auto cancel = decode_startup(request);
  ASSERT_TRUE(cancel);
  EXPECT_EQ(std::get<CancelRequest>(*cancel).process_id, 12345);
  EXPECT_EQ(std::get<CancelRequest>(*cancel).key, "abcd");
  for (const std::size_t size : {std::size_t{4}, std::size_t{32}, std::size_t{256}})
    EXPECT_EQ(error_of(packet(protocol_version(1234, 5678), std::string(4 + size, 'k'))), "") << size;
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{257}})
    EXPECT_NE(error_of(packet(protocol_version(1234, 5678), std::string(4 + size, 'k'))), "") << size;
}

TEST(EncodeStartup, RoundTrips) {
  std::string out;
  ASSERT_TRUE(encode_startup({{"user", "ann"}, {"options", "-c a=b"}}, out, kProtocol32));
  EXPECT_EQ(out, packet(kProtocol32, "user\0ann\0options\0-c a=b\0\0"_bytes));
  EXPECT_EQ(parameters_of(out), (Parameters{{"user", "ann"}, {"options", "-c a=b"}}));

  out.clear();
  ASSERT_TRUE(encode_cancel_request(7, "keys", out));
  EXPECT_EQ(out, packet(protocol_version(1234, 5678), "\0\0\0\x07keys"_bytes));
  out.clear();
  encode_ssl_request(out);
  EXPECT_TRUE(std::holds_alternative<SSLRequest>(*decode_startup(out)));
}

TEST(EncodeStartup, WritesNothingThatWouldReadDifferently) {
  std::string out = "before";
  EXPECT_FALSE(encode_startup({{"user", "ann\0role\0admin"_bytes}}, out));
  EXPECT_FALSE(encode_startup({{"us\0er"_bytes, "ann"}}, out));
  EXPECT_FALSE(encode_startup({{"", "ann"}}, out));
  EXPECT_FALSE(encode_startup({{"user", std::string(10'000, 'x')}}, out));
  EXPECT_FALSE(encode_cancel_request(1, "abc", out));
  EXPECT_FALSE(encode_cancel_request(1, std::string(257, 'k'), out));
  EXPECT_EQ(out, "before");
}

// What PostgreSQL 18 answers to each, measured.
TEST(Negotiate, AnswersAsPostgres18) {
  const auto answer = [](int minor, Parameters parameters) {
    const auto negotiation = negotiate(StartupMessage{protocol_version(3, minor), std::move(parameters)});
    if (!negotiation) return std::string();
    std::string out;
    encode(*negotiation, out);
    EXPECT_EQ(again(decode_negotiate_protocol_version(body_of(out))), out);
    return out;
  };
  EXPECT_EQ(answer(0, {}), "");
  EXPECT_EQ(answer(1, {}), "");
  EXPECT_EQ(answer(2, {}), "");
  EXPECT_EQ(answer(15, {}), frame('v', "\0\x03\0\x02\0\0\0\0"_bytes));
  EXPECT_EQ(answer(9999, {}), frame('v', "\0\x03\0\x02\0\0\0\0"_bytes));
  EXPECT_EQ(answer(0, {{"_pq_.foo", "1"}}), frame('v', "\0\x03\0\0\0\0\0\x01_pq_.foo\0"_bytes));
  EXPECT_EQ(answer(9999, {{"user", "ann"}, {"_pq_.a", "1"}, {"_pq_.b", ""}}),
            frame('v', "\0\x03\0\x02\0\0\0\x02_pq_.a\0_pq_.b\0"_bytes));
  EXPECT_EQ(negotiated_protocol({protocol_version(3, 1), {}}), protocol_version(3, 1));
  EXPECT_EQ(negotiated_protocol({protocol_version(3, 9999), {}}), kProtocol32);
}

TEST(Negotiate, DecodesNothingButTheWholeBody) {
  expect_exact({"v", 'v', "\0\x03\0\x02\0\0\0\x02_pq_.a\0_pq_.b\0"_bytes,
                [](std::string_view body) { return again(decode_negotiate_protocol_version(body)); }});
  EXPECT_FALSE(decode_negotiate_protocol_version("\0\x03\0\x02\x7f\xff\xff\xff"_bytes)) << "a count beyond the body";
  EXPECT_FALSE(decode_negotiate_protocol_version("\0\x03\0\x02\xff\xff\xff\xff"_bytes)) << "a negative count";
}

}  // namespace
}  // namespace bulkhead::proto
