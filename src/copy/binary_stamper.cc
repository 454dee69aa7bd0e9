// Binary: a header, then rows that say how many fields they have and how long each is.

#include "base/bytes.h"
#include "copy/stamper.h"

namespace bulkhead::copy::detail {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);

class BinaryStamper final : public Stamper {
 public:
  BinaryStamper(const Shape& shape, Stamp stamp)
      : width_(shape.columns.size()), tenant_(shape.tenant), client_(shape.client), stamp_(std::move(stamp)) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    while (!bytes.empty()) {
      if (rest_ > 0) {  // of the header's extension, or of a field
        const auto now = bytes.substr(0, rest_);
        bytes.remove_prefix(now.size());
        rest_ -= now.size();
        if (checks_now_) {
          held_.append(now);
          if (rest_ == 0) {
            checks_now_ = false;
            if (!stamp_.is_own(held_)) return foreign_value();
          }
        }
        out.append(now);
        if (rest_ == 0 && expects_ == Expects::length) end_field(out);
        continue;
      }
      const auto now = bytes.substr(0, wanted() - piece_.size());
      piece_.append(now);
      bytes.remove_prefix(now.size());
      if (piece_.size() < wanted()) break;
      const std::string piece = std::exchange(piece_, {});
      BULKHEAD_CHECK(take(piece, out));
    }
    return {};
  }

  /// What is cut off in the middle goes on as it is, for the server to say so.
  Result<void> finish(std::string& out) override {
    out += std::exchange(piece_, {});
    return {};
  }

  std::uint64_t line() const override { return line_; }

 private:
  enum class Expects : std::uint8_t { signature, flags, extension, count, length, nothing };

  std::size_t wanted() const {
    switch (expects_) {
      case Expects::signature: return kSignature.size();
      case Expects::flags:
      case Expects::extension:
      case Expects::length: return 4;
      case Expects::count: return 2;
      case Expects::nothing: return 1;
    }
    return 1;
  }

  Result<void> take(std::string_view piece, std::string& out) {
    ByteReader reader(piece);
    switch (expects_) {
      case Expects::signature:
        if (piece != kSignature) return bad_format("COPY file signature not recognized");
        out.append(piece);
        expects_ = Expects::flags;
        return {};
      case Expects::flags: {
        const auto flags = *reader.u32();
        if (flags & (1u << 16)) return bad_format("invalid COPY file header (WITH OIDS)");
        if (flags >> 16) return bad_format("unrecognized critical flags in COPY file header");
        out.append(piece);
        expects_ = Expects::extension;
        return {};
      }
      case Expects::extension: {
        const auto length = *reader.i32();
        if (length < 0) return bad_format("invalid COPY file header (missing length)");
        out.append(piece);
        rest_ = static_cast<std::size_t>(length);
        expects_ = Expects::count;
        return {};
      }
      case Expects::count: return begin_row(*reader.i16(), out);
      case Expects::length: return begin_field(*reader.i32(), out);
      case Expects::nothing: return bad_format("received copy data after EOF marker");
    }
    return {};
  }

  Result<void> begin_row(std::int16_t count, std::string& out) {
    ++line_;
    ByteWriter writer(out);
    if (count == -1) {
      writer.i16(-1);
      expects_ = Expects::nothing;
      return {};
    }
    if (client_ == Shape::Tenant::either)
      client_ = count + 1 == static_cast<int>(width_) ? Shape::Tenant::missing : Shape::Tenant::supplied;
    const int expected = static_cast<int>(width_) - (client_ == Shape::Tenant::missing ? 1 : 0);
    if (count != expected)
      return bad_format("row field count is " + std::to_string(count) + ", expected " + std::to_string(expected));
    writer.i16(static_cast<std::int16_t>(width_));
    field_ = 0;
    expects_ = Expects::length;
    stamp_if_due(out);
    return {};
  }

  Result<void> begin_field(std::int32_t length, std::string& out) {
    if (length < -1) return bad_format("invalid field size");
    const bool checks = client_ == Shape::Tenant::supplied && field_ == tenant_;
    if (checks && (length < 0 || static_cast<std::size_t>(length) > kLongestValue)) return foreign_value();
    ByteWriter(out).i32(length);
    if (length > 0) {
      rest_ = static_cast<std::size_t>(length);
      checks_now_ = checks;
      held_.clear();
      return {};
    }
    if (checks && !stamp_.is_own(std::string_view())) return foreign_value();
    end_field(out);
    return {};
  }

  void end_field(std::string& out) {
    ++field_;
    stamp_if_due(out);
  }

  void stamp_if_due(std::string& out) {
    if (client_ == Shape::Tenant::missing && field_ == tenant_) {
      ByteWriter writer(out);
      writer.i32(static_cast<std::int32_t>(stamp_.binary.size()));
      writer.bytes(stamp_.binary);
      ++field_;
    }
    if (field_ == width_) expects_ = Expects::count;
  }

  const std::size_t width_, tenant_;
  Shape::Tenant client_;
  const Stamp stamp_;

  Expects expects_ = Expects::signature;
  std::string piece_;      ///< of what is expected, as far as it has come
  std::size_t rest_ = 0;   ///< bytes that are passed on
  std::size_t field_ = 0;  ///< of the server's row
  bool checks_now_ = false;
  std::string held_;
  std::uint64_t line_ = 0;
};

}  // namespace

std::unique_ptr<Stamper> make_binary_stamper(const Shape& shape, Stamp stamp) {
  return std::make_unique<BinaryStamper>(shape, std::move(stamp));
}

}  // namespace bulkhead::copy::detail
