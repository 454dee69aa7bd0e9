#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "policy/reader.h"
#include "base/utf8.h"

namespace bulkhead::policy {
namespace {

constexpr std::size_t kMaxName = 63;     // NAMEDATALEN - 1
constexpr std::size_t kMaxHost = 253;    // RFC 1035, 2.3.4
constexpr std::size_t kMaxSocket = 107;  // sizeof sockaddr_un::sun_path - 1

const std::vector<const yaml::Node*> kNone;

bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), is_control); }

bool fits_name(std::string_view text) { return !text.empty() && text.size() <= kMaxName && !has_control(text); }

std::string name_rule(const std::string& what) {
  return what + ": 1 to 63 bytes without control characters";
}

template <class T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// A number and its unit, "30s"; false if the unit is unknown or the product too large.
template <class Units>
bool parse_with_unit(std::string_view text, const Units& units, std::uint64_t& out) {
  const auto unit = std::min(text.find_first_not_of("0123456789"), text.size());
  std::uint64_t number = 0;
  if (!parse_number(text.substr(0, unit), number)) return false;
  for (const auto& [name, factor] : units) {
    if (text.substr(unit) != name) continue;
    out = number * factor;
    return number <= std::numeric_limits<std::int64_t>::max() / factor;
  }
  return false;
}

bool plain_start(char c) { return (c >= 'a' && c <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool plain_rest(char c) { return plain_start(c) || (c >= '0' && c <= '9') || c == '$'; }

/// Takes one part of a qualified name off the front.
std::optional<std::string> take_part(std::string_view& text) {
  std::string part;
  if (!text.empty() && text.front() == '"') {
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (text[at] != '"') {
        part += text[at];
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        part += text[at++];
      } else {
        text.remove_prefix(at + 1);
        return fits_name(part) ? std::optional(part) : std::nullopt;
      }
    }
    return std::nullopt;
  }
  if (text.empty() || !plain_start(text.front())) return std::nullopt;
  const auto end = std::find_if_not(text.begin(), text.end(), plain_rest);
  part.assign(text.begin(), end);
  text.remove_prefix(part.size());
  return fits_name(part) ? std::optional(part) : std::nullopt;
}

}  // namespace

bool read_text(const yaml::Node& node, Report& report, const std::string& what, std::string& out) {
  if (node.kind != yaml::Kind::scalar || node.text.empty()) {
    report.expected(node, what);
    return false;
  }
  out = node.text;
  return true;
}

bool read_name(const yaml::Node& node, Report& report, const std::string& what, std::string& out) {
  if (node.kind != yaml::Kind::scalar || !fits_name(node.text)) {
    report.expected(node, name_rule(what));
    return false;
  }
  out = node.text;
  return true;
}

bool check_name(const yaml::Node& at_key, Report& report, const std::string& what) {
  if (fits_name(at_key.key)) return true;
  report.at_key(at_key, "found " + yaml::quote(at_key.key) + ", expected " + name_rule(what));
  return false;
}

bool read_integer(const yaml::Node& node, Report& report, long least, long most, long& out) {
  long number = 0;
  if (node.kind == yaml::Kind::scalar && !node.quoted && parse_number(node.text, number) && number >= least &&
      number <= most) {
    out = number;
    return true;
  }
  report.expected(node, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return false;
}

bool read_boolean(const yaml::Node& node, Report& report, bool& out) {
  if (!node.quoted) return read_choice<bool>(node, report, {{"true", true}, {"false", false}}, out);
  report.expected(node, "true | false, without quotes");
  return false;
}

bool read_duration(const yaml::Node& node, Report& report, Duration least, Duration& out) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
  constexpr std::uint64_t kMost = 1000ull * 3'600'000;  // keeps every deadline representable
  std::uint64_t milliseconds = 0;
  if (node.kind == yaml::Kind::scalar &&
      (node.text == "0" || (parse_with_unit(node.text, kUnits, milliseconds) && milliseconds <= kMost)) &&
      Duration(milliseconds) >= least) {
    out = Duration(milliseconds);
    return true;
  }
  report.expected(node, least > Duration(0) ? "a duration such as 500ms, 30s, 5m or 1h (at most 1000h), not 0"
                                            : "a duration such as 500ms, 30s, 5m or 1h (at most 1000h), or 0");
  return false;
}

bool read_size(const yaml::Node& node, Report& report, std::size_t least, std::size_t most, std::size_t& out) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kUnits{
      {{"", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}}};
  std::uint64_t bytes = 0;
  if (node.kind == yaml::Kind::scalar && parse_with_unit(node.text, kUnits, bytes) && bytes >= least && bytes <= most) {
    out = bytes;
    return true;
  }
  report.expected(node, "a size such as 64KiB or 16MiB, from " + std::to_string(least) + " to " +
                            std::to_string(most) + " bytes");
  return false;
}

const std::vector<const yaml::Node*>& read_list(const yaml::Node& node, Report& report, const std::string& what) {
  if (node.kind == yaml::Kind::sequence && !node.children.empty()) return node.children;
  report.expected(node, "a list of " + what);
  return kNone;
}

const std::vector<const yaml::Node*>& read_map(const yaml::Node& node, Report& report, const std::string& what) {
  if (node.kind == yaml::Kind::map && !node.children.empty()) return node.children;
  report.expected(node, "a mapping of " + what);
  return kNone;
}

std::optional<QualifiedName> parse_qualified_name(std::string_view text) {
  auto schema = take_part(text);
  if (!schema || text.empty() || text.front() != '.') return std::nullopt;
  text.remove_prefix(1);
  auto name = take_part(text);
  if (!name || !text.empty()) return std::nullopt;
  return QualifiedName{std::move(*schema), std::move(*name)};
}

bool parse_port(std::string_view text, std::uint16_t& port) { return parse_number(text, port) && port != 0; }

std::optional<std::pair<std::string, std::uint16_t>> parse_host_port(std::string_view text, std::uint16_t default_port) {
  constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  constexpr std::string_view kIpv6 = "0123456789abcdefABCDEF:.";
  std::string_view host, rest;
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (host.find(':') == std::string_view::npos || host.find_first_not_of(kIpv6) != std::string_view::npos)
      return std::nullopt;
  } else {
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
    if (host.empty() || host.find_first_not_of(kHost) != std::string_view::npos) return std::nullopt;
  }
  if (host.size() > kMaxHost) return std::nullopt;
  std::uint16_t port = default_port;
  if (!rest.empty() && (rest.front() != ':' || !parse_port(rest.substr(1), port))) return std::nullopt;
  return std::pair(std::string(host), port);
}

bool fits_socket_directory(std::string_view directory) {
  constexpr std::string_view kLongestName = "/.s.PGSQL.65535";
  return !directory.empty() && directory.front() == '/' && directory.size() + kLongestName.size() <= kMaxSocket &&
         !has_control(directory);
}

}  // namespace bulkhead::policy
