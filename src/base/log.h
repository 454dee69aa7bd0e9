#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace bulkhead::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

/// One `name=value` of a line. Values are escaped; nothing that came over the wire can start a line of its own.
struct Field {
  Field(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(v) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view n, T v) : name(n), value(std::to_string(v)) {}

  std::string_view name;
  std::string value;
};

/// What the log is: lines on standard error, one event each: time, level, event name in words, fields. Never SQL
/// literals, never secrets. May be called from any thread. Set up once, before any thread starts.
void set_up(Level level, Format format);
void set_level(Level level);  ///< at any time
bool enabled(Level level);
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  if (enabled(Level::debug)) write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) { write(Level::info, event, fields); }
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::error, event, fields);
}

}  // namespace bulkhead::log
