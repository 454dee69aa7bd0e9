#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "base/utf8.h"

namespace bulkhead::log {
namespace {

Format format_in_force = Format::text;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// JSON string escapes; the text form uses the same, so that a line stays a line.
/// What clients send may be anything; a line of the log is UTF-8.
std::string well_formed(std::string_view text) {
  std::string out;
  for (std::size_t bad; (bad = find_invalid_utf8(text)) != std::string_view::npos; text.remove_prefix(bad + 1))
    out.append(text.substr(0, bad)).append("\xEF\xBF\xBD");  // REPLACEMENT CHARACTER
  return out.append(text);
}

void append_quoted(std::string& out, std::string_view written) {
  const std::string text = well_formed(written);
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (u < 0x20 || u == 0x7f) {
      out += "\\u00";
      out.push_back(kHex[u >> 4]);
      out.push_back(kHex[u & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  if (find_invalid_utf8(text) != std::string_view::npos) return true;
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\\' || c == '=' || c == 0x7f) return true;
  return false;
}

}  // namespace

void set_up(Level level, Format format) {
  format_in_force = format;
  auto logger = std::make_shared<spdlog::logger>("bulkhead", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(level_of(level));
  logger->flush_on(spdlog::level::debug);
  logger->set_pattern(format == Format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                             : "%Y-%m-%d %H:%M:%S.%e %l %v");
  spdlog::set_default_logger(std::move(logger));
}

void set_level(Level level) { spdlog::default_logger_raw()->set_level(level_of(level)); }

bool enabled(Level level) { return spdlog::should_log(level_of(level)); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line;
  if (format_in_force == Format::json) {
    line += "\"event\":";
    append_quoted(line, event);
    for (const auto& field : fields) {
      line.push_back(',');
      append_quoted(line, field.name);
      line.push_back(':');
      append_quoted(line, field.value);
    }
  } else {
    line += event;
    for (const auto& field : fields) {
      line.push_back(' ');
      line += field.name;
      line.push_back('=');
      if (needs_quotes(field.value))
        append_quoted(line, field.value);
      else
        line += field.value;
    }
  }
  spdlog::log(level_of(level), "{}", line);
}

}  // namespace bulkhead::log
