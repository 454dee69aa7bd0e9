// Text and CSV. Both are lines of fields; they differ in what a backslash and a quote mean, and in how `\.` ends the data.

#include <algorithm>
#include <array>

#include "copy/fields.h"
#include "copy/stamper.h"

namespace bulkhead::copy::detail {
namespace {

class LineStamper final : public Stamper {
 public:
  LineStamper(const Shape& shape, Stamp stamp)
      : format_(shape.format),
        csv_(shape.format.kind == Kind::csv),
        width_(shape.columns.size()),
        tenant_(shape.tenant),
        client_(shape.client),
        stamp_(std::move(stamp)),
        value_(write_field(format_, stamp_.text)),
        name_(write_field(format_, shape.columns[shape.tenant])) {
    special_['\n'] = special_['\r'] = special_['\\'] = true;
    special_[static_cast<unsigned char>(format_.delimiter)] = true;
    if (csv_) special_[static_cast<unsigned char>(format_.quote)] = special_[static_cast<unsigned char>(format_.escape)] = true;
    begin_row();
  }

  Result<void> feed(std::string_view bytes, std::string& out) override {
    out_ = &out;
    std::size_t at = 0;
    while (at < bytes.size() && !ended_) {
      if (ahead_ == Ahead::nothing) {  // the stretch up to the next byte that may mean something
        std::size_t end = at;
        while (end < bytes.size() && !special_[static_cast<unsigned char>(bytes[end])]) ++end;
        if (end > at) {
          BULKHEAD_CHECK(data(bytes.substr(at, end - at)));
          escaped_ = false;  // none of them is what an escape makes a difference to
          at = end;
          continue;
        }
      }
      BULKHEAD_CHECK(step(bytes[at++]));
    }
    return {};
  }

  Result<void> finish(std::string& out) override {
    out_ = &out;
    if (ended_) return {};
    switch (std::exchange(ahead_, Ahead::nothing)) {
      case Ahead::nothing: break;
      case Ahead::carriage_return:
        BULKHEAD_CHECK(end_line(LineEnd::cr));
        break;
      case Ahead::backslash: {
        // In text the server drops it before it compares the field with NULL; passed on, it would swallow the delimiter
        // before the stamp. But alone it makes a row of one empty field.
        const bool alone = !begun_ && !undecided() && !(stamps() && tenant_ == 1 && width_ == 2);
        BULKHEAD_CHECK(data(csv_ || alone ? "\\" : ""));
        break;
      }
      case Ahead::dot:
        if (!csv_) return bad_format("end-of-copy marker corrupt");
        BULKHEAD_CHECK(csv_data('\\'));
        BULKHEAD_CHECK(plain('.'));  // may be the delimiter, or the quote
        break;
      case Ahead::dot_carriage_return:
        return bad_format("end-of-copy marker does not match previous newline style");
    }
    // Inside a quoted field the server will say that it is not terminated: the stamp would become part of it.
    if (quoted_) {
      BULKHEAD_CHECK(settle_first_row());
      return {};
    }
    return begun_ ? end_row({}) : Result<void>();
  }

  std::uint64_t line() const override { return line_; }

 private:
  enum class LineEnd : std::uint8_t { unknown, lf, cr, crlf };
  /// What was read and means something only with what follows.
  enum class Ahead : std::uint8_t { nothing, carriage_return, backslash, dot, dot_carriage_return };
  enum class Row : std::uint8_t {
    skipped,  ///< a header that the server does not look at
    names,    ///< a header that it does
    rows,
  };

  Result<void> step(char c) {
    switch (ahead_) {
      case Ahead::nothing: return plain(c);
      case Ahead::carriage_return:
        ahead_ = Ahead::nothing;
        if (c == '\n') return end_line(LineEnd::crlf);
        BULKHEAD_CHECK(end_line(LineEnd::cr));
        return plain(c);
      case Ahead::backslash:
        if (c == '.') {
          ahead_ = Ahead::dot;
          return {};
        }
        ahead_ = Ahead::nothing;
        if (csv_) {
          BULKHEAD_CHECK(csv_data('\\'));
          return plain(c);
        }
        return data(std::array{'\\', c});  // whatever it is, it is no delimiter and no line end
      case Ahead::dot: return end_marker(c);
      case Ahead::dot_carriage_return:
        if (c == '\n') return end_data();
        return no_marker("end-of-copy marker does not match previous newline style", "\\.\r", c);
    }
    return {};
  }

  Result<void> plain(char c) {
    if (c == '\\' && (!csv_ || !begun_)) {
      ahead_ = Ahead::backslash;
      return {};
    }
    if (csv_) {
      if (quoted_ || c == format_.quote) return csv_data(c);
    }
    if (c == format_.delimiter) return end_field();
    if (c == '\n') return end_line(LineEnd::lf);
    if (c == '\r') {
      if (line_end_ == LineEnd::cr) return end_line(LineEnd::cr);
      ahead_ = Ahead::carriage_return;
      return {};
    }
    return csv_ ? csv_data(c) : data({&c, 1});
  }

  /// The toggling of CopyReadLineText: an escape counts only inside quotes, and only if it is not the quote itself.
  Result<void> csv_data(char c) {
    if (format_.escape != format_.quote && quoted_ && c == format_.escape)
      escaped_ = !escaped_;
    else {
      if (c == format_.quote && !escaped_) quoted_ = !quoted_;
      escaped_ = false;
    }
    if (quoted_ && c == (line_end_ == LineEnd::lf ? '\n' : '\r')) ++line_;
    return data({&c, 1});
  }

  /// Behind `\.`: the line must end there.
  Result<void> end_marker(char c) {
    if (line_end_ == LineEnd::crlf) {
      if (c == '\r') {
        ahead_ = Ahead::dot_carriage_return;
        return {};
      }
      return no_marker(c == '\n' ? "end-of-copy marker does not match previous newline style" : "end-of-copy marker corrupt",
                       "\\.", c);
    }
    if (c != '\n' && c != '\r') return no_marker("end-of-copy marker corrupt", "\\.", c);
    if ((line_end_ == LineEnd::lf && c != '\n') || (line_end_ == LineEnd::cr && c != '\r'))
      return bad_format("end-of-copy marker does not match previous newline style");
    return end_data();
  }
  /// In CSV what looked like the marker may be data.
  Result<void> no_marker(const char* why, std::string_view read, char c) {
    if (!csv_) return bad_format(why);
    ahead_ = Ahead::nothing;
    for (const char before : read) BULKHEAD_CHECK(before == '\\' ? csv_data(before) : plain(before));
    return step(c);
  }
  /// What follows is thrown away, here as by the server.
  Result<void> end_data() {
    ahead_ = Ahead::nothing;
    ended_ = true;
    return begun_ ? end_row({}) : Result<void>();
  }

  Result<void> end_line(LineEnd how) {
    if (line_end_ != LineEnd::unknown && how != line_end_) {
      if (how == LineEnd::lf)
        return bad_format(csv_ ? "unquoted newline found in data" : "literal newline found in data",
                          csv_ ? "Use quoted CSV field to represent newline." : "Use \"\\n\" to represent newline.");
      return bad_format(
          csv_ ? "unquoted carriage return found in data" : "literal carriage return found in data",
          csv_ ? "Use quoted CSV field to represent carriage return." : "Use \"\\r\" to represent carriage return.");
    }
    line_end_ = how;
    return end_row(how == LineEnd::crlf ? "\r\n" : how == LineEnd::cr ? "\r" : "\n");
  }

  // Rows.

  void begin_row() {
    ++line_;
    row_ = line_number_of_rows_++ > 0 || format_.header == Header::none ? Row::rows
           : format_.header == Header::match                           ? Row::names
                                                                       : Row::skipped;
    begun_ = false;
    quoted_ = escaped_ = false;
    field_ = 0;
    held_.clear();
    held_too_long_ = false;
  }

  /// Before the first byte of a row, or its end.
  void open_row() {
    if (begun_) return;
    begun_ = true;
    if (stamps() && tenant_ == 0) insert_value();
  }

  bool undecided() const { return client_ == Shape::Tenant::either && row_ != Row::skipped; }
  bool stamps() const { return client_ == Shape::Tenant::missing && row_ != Row::skipped; }
  bool checks() const { return client_ == Shape::Tenant::supplied && row_ == Row::rows; }
  const std::string& value() const { return row_ == Row::names ? name_ : value_; }

  /// The stamp as the field that begins here; the delimiter behind it, for the client's next one.
  void insert_value() {
    out_->append(value());
    if (width_ > 1) out_->push_back(format_.delimiter);
  }

  template <std::size_t N>
  Result<void> data(const std::array<char, N>& bytes) {
    return data(std::string_view(bytes.data(), bytes.size()));
  }
  Result<void> data(std::string_view bytes) {
    open_row();
    if (undecided()) {
      if (first_.size() + bytes.size() > kLongestFirstRow)
        return make_error(sqlstate::program_limit_exceeded, "the first row of COPY is too long",
                          "Give COPY a column list.");
      first_.append(bytes);
      return {};
    }
    if (checks() && field_ == tenant_) {
      if (held_.size() + bytes.size() <= kLongestValue)
        held_.append(bytes);
      else
        held_too_long_ = true;
    }
    out_->append(bytes);
    return {};
  }

  Result<void> end_field() {
    open_row();
    if (undecided()) {
      if (delimiters_.size() < width_) delimiters_.push_back(first_.size());
      ++field_;
      return data({&format_.delimiter, 1});
    }
    if (checks() && field_ == tenant_) BULKHEAD_CHECK(check());
    ++field_;
    out_->push_back(format_.delimiter);
    if (stamps() && field_ == tenant_ && tenant_ + 1 < width_) insert_value();
    return {};
  }

  /// `line_end`: the client's own, so that the server counts lines as it would have; empty where the data ends.
  Result<void> end_row(std::string_view line_end) {
    open_row();
    BULKHEAD_CHECK(settle_first_row());
    if (checks() && field_ == tenant_) BULKHEAD_CHECK(check());
    // A row with too few fields goes on without the stamp: the server says which one is missing. One with too many gets it,
    // and so can never be taken for one that supplied the tenant column.
    if (stamps() && tenant_ > 0 && tenant_ + 1 == width_ && field_ + 1 >= tenant_) {
      out_->push_back(format_.delimiter);
      out_->append(value());
    }
    out_->append(line_end);
    begin_row();
    return {};
  }

  /// The row that tells is there as far as it will be: it has the tenant column if it has as many fields as the server's list.
  Result<void> settle_first_row() {
    if (!undecided()) return {};
    const std::string row = std::exchange(first_, {});
    const auto ends = std::exchange(delimiters_, {});
    client_ = field_ + 2 == width_ ? Shape::Tenant::missing : Shape::Tenant::supplied;
    begun_ = false;
    field_ = 0;
    std::size_t at = 0;
    open_row();
    for (const std::size_t end : ends) {
      BULKHEAD_CHECK(data(std::string_view(row).substr(at, end - at)));
      BULKHEAD_CHECK(end_field());
      at = end + 1;
    }
    return data(std::string_view(row).substr(at));
  }

  Result<void> check() {
    const auto field = read_field(format_, held_);
    const bool own = !held_too_long_ &&
                     stamp_.is_own(field ? std::optional<std::string_view>(*field) : std::nullopt);
    held_.clear();
    if (own) return {};
    return foreign_value();
  }

  const Format format_;
  const bool csv_;
  const std::size_t width_, tenant_;
  Shape::Tenant client_;
  const Stamp stamp_;
  const std::string value_, name_;
  std::array<bool, 256> special_{};

  std::string* out_ = nullptr;  ///< of the call that is under way
  std::uint64_t line_ = 0;
  std::uint64_t line_number_of_rows_ = 0;
  LineEnd line_end_ = LineEnd::unknown;
  Ahead ahead_ = Ahead::nothing;
  Row row_ = Row::rows;
  bool ended_ = false;
  bool begun_ = false;  ///< the row has a byte
  bool quoted_ = false, escaped_ = false;
  std::size_t field_ = 0;
  std::string held_;  ///< of the tenant's field
  bool held_too_long_ = false;
  std::string first_;  ///< the first row, while undecided
  std::vector<std::size_t> delimiters_;  ///< where they are in it; behind `width_` of them no field is looked at
};

}  // namespace

std::unique_ptr<Stamper> make_line_stamper(const Shape& shape, Stamp stamp) {
  return std::make_unique<LineStamper>(shape, std::move(stamp));
}

}  // namespace bulkhead::copy::detail
