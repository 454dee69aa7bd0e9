#include "copy/stamper.h"

namespace bulkhead::copy {
namespace {
constexpr SqlState kBadCopyFileFormat{"22P04"};

class Passage final : public Stamper {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override {
    out.append(bytes);
    return {};
  }
  Result<void> finish(std::string&) override { return {}; }
  std::uint64_t line() const override { return 0; }
};
}  // namespace

std::unique_ptr<Stamper> make_stamper(const Shape& shape, Stamp stamp) {
  switch (shape.format.kind) {
    case Kind::text:
    case Kind::csv: return detail::make_line_stamper(shape, std::move(stamp));
    case Kind::binary: return detail::make_binary_stamper(shape, std::move(stamp));
  }
  return nullptr;
}

std::unique_ptr<Stamper> make_passage() { return std::make_unique<Passage>(); }

bool readable(const Format& format) {
  const auto one_of = [](char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; };
  switch (format.kind) {
    case Kind::text: return !one_of(format.delimiter, "\\\r\nABCDEF");
    case Kind::csv:
      return !one_of(format.delimiter, "\\\r\n") && !one_of(format.quote, "\\\r\n") && !one_of(format.escape, "\r\n");
    case Kind::binary: return true;
  }
  return false;
}

namespace detail {

Error bad_format(std::string message, std::string hint) {
  return make_error(kBadCopyFileFormat, std::move(message), std::move(hint));
}

Error foreign_value() {
  return make_error(sqlstate::insufficient_privilege, "the tenant column can only hold the session's own organisation",
                    "Leave the column out: Bulkhead fills it in.");
}

}  // namespace detail
}  // namespace bulkhead::copy
