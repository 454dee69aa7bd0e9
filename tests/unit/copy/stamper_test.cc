#include "copy/stamper.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "copy/fields.h"
#include "support/copy_reader.h"

namespace bulkhead::copy {
namespace {

using Tenant = Shape::Tenant;

Shape shape(Kind kind, Tenant client, std::vector<std::string> columns = {"a", "b", "org"}, std::size_t tenant = 2) {
  Shape out;
  out.format.kind = kind;
  if (kind == Kind::csv) {
    out.format.delimiter = ',';
    out.format.null = "";
  }
  out.columns = std::move(columns);
  out.tenant = tenant;
  out.client = client;
  return out;
}

Stamp stamp() {
  return {"1", "ONE", [](std::optional<std::string_view> field) { return field == "1" || field == "ONE"; }};
}

/// What the server gets, or "error: …"; the same for every way to cut the bytes.
std::string through(const Shape& shape, std::string_view bytes) {
  std::string first;
  for (std::size_t step = 0; step <= 3; ++step) {
    const auto stamper = make_stamper(shape, stamp());
    std::string out;
    Result<void> done;
    for (std::size_t at = 0; at < bytes.size() && done;) {
      const auto piece = bytes.substr(at, step == 0 ? bytes.size() : step);
      done = stamper->feed(piece, out);
      at += piece.size();
    }
    if (done) done = stamper->finish(out);
    if (!done) out = "error: " + done.error().message + " @" + std::to_string(stamper->line());
    if (step == 0) first = out;
    EXPECT_EQ(out, first) << "cut into pieces of " << step << ": " << bytes;
  }
  return first;
}

std::string text(std::string_view bytes, Tenant client = Tenant::missing) { return through(shape(Kind::text, client), bytes); }
std::string csv(std::string_view bytes, Tenant client = Tenant::missing) { return through(shape(Kind::csv, client), bytes); }

TEST(Stamper, text_rows_get_the_stamp_behind_their_last_field) {
  EXPECT_EQ(text("x\ty\n"), "x\ty\t1\n");
  EXPECT_EQ(text("x\ty"), "x\ty\t1");
  EXPECT_EQ(text("x\ty\r\nz\tz\r\n"), "x\ty\t1\r\nz\tz\t1\r\n");
  EXPECT_EQ(text("x\ty\rz\tz\r"), "x\ty\t1\rz\tz\t1\r");
  EXPECT_EQ(text("x\t\\\ty\\\n\\\\\n"), "x\t\\\ty\\\n\\\\\t1\n") << "escaped delimiters and line ends are data";
  EXPECT_EQ(text("x\t\\N\n"), "x\t\\N\t1\n");
  EXPECT_EQ(text(""), "");
}

TEST(Stamper, a_row_of_another_width_cannot_pass_for_a_right_one) {
  EXPECT_EQ(text("x\n"), "x\n") << "too short: the server says so";
  EXPECT_EQ(text("x\ty\t2\n"), "x\ty\t2\t1\n") << "what would be the tenant column is one too many";
  EXPECT_EQ(csv("x,y,2\n"), "x,y,2,\"1\"\n");
}

TEST(Stamper, data_ends_at_the_marker) {
  EXPECT_EQ(text("x\ty\n\\.\nx\ty\t2\n"), "x\ty\t1\n");
  EXPECT_EQ(text("x\ty\\.\nx\ty\t2\n"), "x\ty\t1") << "behind a row's bytes, too";
  EXPECT_EQ(text("\\.\r\nrest"), "");
  EXPECT_EQ(text("x\ty\n\\.z"), "error: end-of-copy marker corrupt @2");
  EXPECT_EQ(text("\\."), "error: end-of-copy marker corrupt @1");
  EXPECT_EQ(text("x\ty\r\n\\.\n"), "error: end-of-copy marker does not match previous newline style @2");
  EXPECT_EQ(csv("x,y\n\\.\nx,y,2\n"), "x,y,\"1\"\n");
  EXPECT_EQ(csv("x,\\.\n"), "x,\\.,\"1\"\n");
  EXPECT_EQ(csv("\\.x,y\n"), "\\.x,y,\"1\"\n");
  EXPECT_EQ(csv("\"\n\\.\n\",y\n"), "\"\n\\.\n\",y,\"1\"\n") << "inside quotes it is data";
}

TEST(Stamper, line_ends_must_agree) {
  EXPECT_EQ(text("x\ty\nx\ty\r\n"), "error: literal carriage return found in data @2");
  EXPECT_EQ(text("x\ty\r\nx\ty\n"), "error: literal newline found in data @2");
  EXPECT_EQ(text("x\ty\rx\ty\n"), "error: literal newline found in data @2");
  EXPECT_EQ(csv("x,y\nx,y\r\n"), "error: unquoted carriage return found in data @2");
}

TEST(Stamper, an_escape_that_is_cut_off_would_swallow_the_stamp) {
  EXPECT_EQ(text("x\ty\\"), "x\ty\t1") << "the server drops it";
  EXPECT_EQ(csv("x,\"y"), "x,\"y") << "the server says that the field is not terminated";
}

TEST(Stamper, csv_quotes) {
  EXPECT_EQ(csv("\"a,\"\"\n\",b\n"), "\"a,\"\"\n\",b,\"1\"\n");
  EXPECT_EQ(csv("\"\",\n"), "\"\",,\"1\"\n");
  Shape other = shape(Kind::csv, Tenant::missing);
  other.format.escape = '\\';
  EXPECT_EQ(through(other, "\"a\\\",\\\\\",b\n"), "\"a\\\",\\\\\",b,\"1\"\n");
  other.format.quote = '\'';
  EXPECT_EQ(through(other, "'a,b',\"\n"), "'a,b',\",'1'\n");
}

TEST(Stamper, a_supplied_value_must_be_the_own) {
  EXPECT_EQ(text("x\ty\t1\n", Tenant::supplied), "x\ty\t1\n");
  EXPECT_EQ(text("x\ty\t\\x31\n", Tenant::supplied), "x\ty\t\\x31\n");
  EXPECT_EQ(text("x\ty\t\\61\n", Tenant::supplied), "x\ty\t\\61\n");
  const std::string foreign = "error: the tenant column can only hold the session's own organisation @";
  EXPECT_EQ(text("x\ty\t1\nx\ty\t2\n", Tenant::supplied), foreign + "2");
  EXPECT_EQ(text("x\ty\t\\N\n", Tenant::supplied), foreign + "1");
  EXPECT_EQ(text("x\ty\t\n", Tenant::supplied), foreign + "1");
  EXPECT_EQ(text("x\ty\t2\\.\n", Tenant::supplied), foreign + "1");
  EXPECT_EQ(text("x\ty\t2", Tenant::supplied), foreign + "1");
  EXPECT_EQ(text("x\ty\t" + std::string(5000, '1') + "\n", Tenant::supplied), foreign + "1");
  EXPECT_EQ(csv("x,y,\"1\"\nx,y,\"2\"\n", Tenant::supplied), foreign + "2");
  EXPECT_EQ(csv("x,y,\n", Tenant::supplied), foreign + "1");
  EXPECT_EQ(csv("x,y,1\n\"\n\",y,1\nx,y,2\n", Tenant::supplied), foreign + "4") << "lines inside quotes count";
}

TEST(Stamper, without_a_list_the_first_row_tells) {
  const auto either = [](std::size_t tenant) { return shape(Kind::text, Tenant::either, {"a", "b", "c"}, tenant); };
  EXPECT_EQ(through(either(2), "x\ty\nx\ty\n"), "x\ty\t1\nx\ty\t1\n");
  EXPECT_EQ(through(either(0), "x\ty\nx\ty\n"), "1\tx\ty\n1\tx\ty\n");
  EXPECT_EQ(through(either(1), "x\ty\nx\ty\n"), "x\t1\ty\nx\t1\ty\n");
  EXPECT_EQ(through(either(1), "x\t1\ty\nx\t1\ty\n"), "x\t1\ty\nx\t1\ty\n");
  EXPECT_EQ(through(either(1), "x\ty\nx\t2\ty\n"), "x\t1\ty\nx\t1\t2\ty\n") << "one field too many: an error there";
  EXPECT_TRUE(through(either(1), "x\t1\ty\nx\ty\n").starts_with("error"));
  EXPECT_TRUE(through(either(1), "x\t2\ty\n").starts_with("error"));
  EXPECT_EQ(through(either(1), "x\t1\ty\tz\t\tw\n"), "x\t1\ty\tz\t\tw\n") << "the server says what is too much";
  EXPECT_TRUE(through(either(1), "x\t2\ty\tz\t\tw\n").starts_with("error"));
  EXPECT_EQ(through(either(2), "x\n"), "x\n");
}

TEST(Stamper, headers) {
  Shape named = shape(Kind::csv, Tenant::missing);
  named.format.header = Header::match;
  EXPECT_EQ(through(named, "a,b\nx,y\n"), "a,b,\"org\"\nx,y,\"1\"\n");
  named.client = Tenant::either;
  EXPECT_EQ(through(named, "a,b,org\nx,y,1\n"), "a,b,org\nx,y,1\n");
  EXPECT_EQ(through(named, "a,b\nx,y\n"), "a,b,\"org\"\nx,y,\"1\"\n");
  EXPECT_TRUE(through(named, "a,b,org\nx,y,2\n").starts_with("error"));
  Shape skipped = shape(Kind::csv, Tenant::supplied);
  skipped.format.header = Header::line;
  EXPECT_EQ(through(skipped, "anything\nx,y,1\n"), "anything\nx,y,1\n");
  EXPECT_TRUE(through(skipped, "a,b,1\nx,y,2\n").starts_with("error"));
}

const std::string kHeader = std::string("PGCOPY\n\377\r\n\0", 11) + std::string(8, '\0');
std::string count(int n) { return {static_cast<char>(n >> 8), static_cast<char>(n)}; }
std::string field(const std::string& value) { return std::string("\0\0\0", 3) + static_cast<char>(value.size()) + value; }
const std::string kNull = "\377\377\377\377", kEnd = "\377\377";

TEST(Stamper, binary) {
  const auto missing = shape(Kind::binary, Tenant::missing), supplied = shape(Kind::binary, Tenant::supplied);
  EXPECT_EQ(through(missing, kHeader + count(2) + field("x") + kNull + kEnd),
            kHeader + count(3) + field("x") + kNull + field("ONE") + kEnd);
  EXPECT_EQ(through(missing, kHeader), kHeader);
  EXPECT_EQ(through(missing, kHeader + count(3) + field("x") + field("y") + field("TWO")),
            "error: row field count is 3, expected 2 @1");
  EXPECT_EQ(through(missing, kHeader + kEnd + "x"), "error: received copy data after EOF marker @1");
  EXPECT_EQ(through(supplied, kHeader + count(3) + field("") + field("y") + field("ONE") + kEnd),
            kHeader + count(3) + field("") + field("y") + field("ONE") + kEnd);
  for (const auto& value : {field("TWO"), field(""), kNull})
    EXPECT_TRUE(through(supplied, kHeader + count(3) + field("x") + field("y") + value).starts_with("error: the tenant"));
  const auto either = shape(Kind::binary, Tenant::either, {"a", "b", "c"}, 1);
  EXPECT_EQ(through(either, kHeader + count(2) + field("x") + field("y") + kEnd),
            kHeader + count(3) + field("x") + field("ONE") + field("y") + kEnd);
  EXPECT_EQ(through(either, kHeader + count(2) + field("x") + field("y") + count(3)), "error: row field count is 3, expected 2 @2");
  EXPECT_EQ(through(missing, std::string(11, 'x')), "error: COPY file signature not recognized @0");
  EXPECT_EQ(through(missing, kHeader.substr(0, 11) + std::string("\0\1\0\0", 4)), "error: invalid COPY file header (WITH OIDS) @0");
  EXPECT_EQ(through(missing, kHeader + count(2) + "\377\377\377\376"), "error: invalid field size @1");
}

TEST(Stamper, an_escape_counts_only_for_the_byte_behind_it) {
  Shape other = shape(Kind::csv, Tenant::supplied, {"a", "org", "b"}, 1);
  other.format.escape = '\\';
  EXPECT_TRUE(through(other, "\"\\x\",2,\",1,\"\n").starts_with("error: the tenant")) << "the quote is closed";
  EXPECT_EQ(through(other, "\"\\\",\",1,x\n"), "\"\\\",\",1,x\n");
}

TEST(Stamper, what_looked_like_the_marker_may_hold_a_delimiter) {
  Shape dots = shape(Kind::csv, Tenant::supplied, {"a", "org"}, 1);
  dots.format.delimiter = '.';
  EXPECT_TRUE(through(dots, "\\.").starts_with("error: the tenant"));
  EXPECT_TRUE(through(dots, "\\.2\n").starts_with("error: the tenant"));
  EXPECT_EQ(through(dots, "\\.1"), "\\.1");
}

TEST(Stamper, characters_that_would_mean_two_things_are_not_readable) {
  const auto with = [](Kind kind, char delimiter, char quote, char escape) {
    return readable(Format{kind, Header::none, delimiter, quote, escape, ""});
  };
  EXPECT_TRUE(with(Kind::text, '|', '"', '"'));
  EXPECT_FALSE(with(Kind::text, 'A', '"', '"')) << "\\x4A is a J";
  EXPECT_TRUE(with(Kind::csv, 'A', '"', '\\'));
  EXPECT_FALSE(with(Kind::csv, '\\', '"', '"'));
  EXPECT_FALSE(with(Kind::csv, ',', '\\', '"'));
  EXPECT_FALSE(with(Kind::csv, ',', '\n', '"'));
  EXPECT_FALSE(with(Kind::csv, ',', '"', '\r'));
}

/// Short random data out of the bytes that mean something, held against a second reader of what comes out.
TEST(Stamper, what_the_server_reads_are_the_clients_rows_and_the_stamp) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return random() % n; };
  const auto one_of = [&](std::string_view characters) { return characters[below(characters.size())]; };
  for (int i = 0; i < 60'000; ++i) {
    Shape drawn = shape(below(2) ? Kind::csv : Kind::text, Tenant(below(3)), {"a", "b", "org"}, below(3));
    Format& format = drawn.format;
    const bool csv = format.kind == Kind::csv;
    format.delimiter = csv ? one_of(",,.'") : one_of("\t\t,A");
    format.quote = one_of("\"\"'.");
    format.escape = below(2) ? format.quote : one_of("\\,\"");
    format.null = csv ? std::string(below(2), '1') : std::array<std::string, 3>{"\\N", "1", "\\x31"}[below(3)];
    if (below(4) == 0) format.header = Header::line;
    if (!readable(format) || (csv && format.delimiter == format.quote)) continue;
    const std::string_view line_end = std::array<std::string_view, 4>{"\n", "\n", "\r\n", "\r"}[below(4)];
    std::string bytes;
    for (std::size_t left = 1 + below(24); left > 0; --left) {
      const auto what = below(12);
      if (what < 4) bytes.push_back(format.delimiter);
      if (what == 4 || what == 5) bytes += line_end;
      if (what == 6) bytes += "\\.";
      if (what > 6) bytes.push_back(one_of(csv ? "111x\"'\\,.\r\n" : "111xA4N\\\\.\r\n"));
      if (csv && what == 11) bytes.push_back(format.quote);
    }
    const std::string out = through(drawn, bytes);
    if (out.starts_with("error")) continue;
    EXPECT_EQ(test::flaw(drawn, bytes, out, "1"), "")
        << "kind " << int(format.kind) << " client " << int(drawn.client) << " tenant " << drawn.tenant << " delimiter '"
        << format.delimiter << "' quote " << format.quote << " escape " << format.escape << " null '" << format.null << "'\n"
        << ::testing::PrintToString(bytes) << "\n" << ::testing::PrintToString(out);
    if (HasFailure()) return;
  }
}

TEST(Fields, what_is_written_is_read_as_it_was) {
  for (const std::string null : {"\\N", "1", "", "\\x31"})
    for (const char delimiter : {'\t', ',', '-', 'N'})
      for (const std::string value : {"1", "o'hara", "a-b", "a\tb\n\\", "N", "6ba7b810-9dad"}) {
        Format format{Kind::text, Header::none, delimiter, '"', '"', null};
        EXPECT_EQ(read_field(format, write_field(format, value)), value);
        EXPECT_EQ(write_field(format, value).find_first_of(std::string("\n\r") + delimiter), std::string::npos);
        format.kind = Kind::csv;
        EXPECT_EQ(read_field(format, write_field(format, value)), value);
      }
}

TEST(Fields, escapes) {
  const Format format;
  EXPECT_EQ(read_field(format, "\\b\\f\\n\\r\\t\\v\\q\\\\"), "\b\f\n\r\t\vq\\");
  EXPECT_EQ(read_field(format, "\\101\\1012\\x41\\x4g\\xg\\8"), "AA2A\4gxg8");
  EXPECT_EQ(read_field(format, "\\N"), std::nullopt);
  EXPECT_EQ(read_field(format, "\\Nx"), "Nx");
}

TEST(Passage, everything_passes_as_it_is) {
  const auto passage = make_passage();
  std::string out;
  EXPECT_TRUE(passage->feed(std::string("\\.\0\n1\tx", 7), out));
  EXPECT_TRUE(passage->feed("\"y", out));
  EXPECT_TRUE(passage->finish(out));
  EXPECT_EQ(out, std::string("\\.\0\n1\tx\"y", 9));
}

}  // namespace
}  // namespace bulkhead::copy
