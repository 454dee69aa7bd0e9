#include "policy/scram_syntax.h"

#include <charconv>
#include <optional>

namespace bulkhead::policy {
namespace {

constexpr std::size_t kKeySize = 32;

/// How many bytes `text` stands for; nullopt unless it is padded, canonical base64 (RFC 4648, 3.5).
std::optional<std::size_t> base64_size(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const auto digits = text.substr(0, text.size() - padding);
  if (digits.find_first_not_of(kAlphabet) != std::string_view::npos) return std::nullopt;
  const auto unused_bits = padding == 2 ? 0xfu : padding == 1 ? 0x3u : 0u;
  if ((kAlphabet.find(digits.back()) & unused_bits) != 0) return std::nullopt;
  return text.size() / 4 * 3 - padding;
}

/// The text up to `end`, which is taken with it.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const auto taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

bool is_iteration_count(std::string_view text) {
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc{} && end == text.data() + text.size() && count > 0 && text.front() != '0';
}

}  // namespace

bool is_scram_verifier(std::string_view text) {
  const auto scheme = take_until(text, '$');
  const auto iterations = take_until(text, ':');
  const auto salt = take_until(text, '$');
  const auto stored_key = take_until(text, ':');
  return scheme == "SCRAM-SHA-256" && iterations && is_iteration_count(*iterations) && salt && base64_size(*salt) &&
         stored_key && base64_size(*stored_key) == kKeySize && base64_size(text) == kKeySize;
}

}  // namespace bulkhead::policy
