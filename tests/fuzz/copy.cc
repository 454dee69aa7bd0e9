// Rows of COPY FROM through the stamper: however they are cut the same comes out, and what the server reads of it are the
// client's rows with the tenant's value in the tenant column, as a second reader sees it. The first three bytes pick the
// format, the chunk size and the special characters.
#include <array>

#include "copy/stamper.h"

#include "fuzz.h"
#include "../support/copy_reader.h"

using namespace bulkhead;

namespace {

/// What comes out, and the error's message.
std::pair<std::string, std::string> cut(const copy::Shape& shape, std::string_view bytes, std::size_t chunk) {
  const auto stamper = copy::make_stamper(
      shape, {"1", std::string("\0\0\0\0\0\0\0\1", 8), [](std::optional<std::string_view> value) { return value == "1"; }});
  std::string out;
  while (!bytes.empty()) {
    const auto now = bytes.substr(0, chunk);
    bytes.remove_prefix(now.size());
    if (const auto fed = stamper->feed(now, out); !fed) return {out, fed.error().message};
  }
  const auto finished = stamper->finish(out);
  return {out, finished ? std::string() : finished.error().message};
}

}  // namespace

FUZZ(bytes) {
  if (bytes.size() < 4) return;
  const auto options = static_cast<unsigned char>(bytes[0]), characters = static_cast<unsigned char>(bytes[2]);
  copy::Shape shape;
  copy::Format& format = shape.format;
  format.kind = static_cast<copy::Kind>(options % 3);
  const bool csv = format.kind == copy::Kind::csv;
  shape.client = static_cast<copy::Shape::Tenant>(options / 3 % 3);
  format.header = static_cast<copy::Header>(options / 9 % 3);
  shape.columns = {"a", "b", "org"};
  shape.tenant = options / 27 % 3;
  format.delimiter = csv ? ",.;'"[characters % 4] : "\t,A;"[characters % 4];
  format.quote = "\"'.\\"[characters / 4 % 4];
  format.escape = "\"'\\,"[characters / 16 % 4];
  format.null = csv ? std::string(characters / 64, '1') : std::string(std::array{"\\N", "", "1", "\\x31"}[characters / 64]);
  if (!copy::readable(format)) return;
  if (csv && (format.delimiter == format.quote || format.null.find(format.quote) != std::string::npos)) return;  // the server's errors
  const auto rows = bytes.substr(3);
  const auto whole = cut(shape, rows, rows.size() + 1);
  const auto parts = cut(shape, rows, static_cast<unsigned char>(bytes[1]) % 7u + 1);
  must(whole.second == parts.second, "the same error however it arrives");
  if (whole.second.empty()) must(whole.first == parts.first, "the same however it arrives");
  if (format.kind == copy::Kind::binary || !whole.second.empty() || format.header == copy::Header::match) return;
  const std::string flaw = test::flaw(shape, rows, whole.first, "1");
  must(flaw.empty(), flaw.c_str());
}
