#include <string>
#include <string_view>

#include "proto/startup.h"

namespace bulkhead::proto {
namespace {

Error refused(const std::string& word) {
  return make_error(sqlstate::invalid_parameter_value, "invalid command-line argument for server process: " + word,
                    "Only -c name=value and --name=value may be given in options.");
}

/// isspace() in the C locale, as pg_split_opts uses it.
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<std::string> words_of(std::string_view options) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < options.size();) {
    if (is_space(options[i])) {
      ++i;
      continue;
    }
    std::string word;
    for (; i < options.size() && !is_space(options[i]); ++i) {
      if (options[i] == '\\' && ++i == options.size()) break;
      word.push_back(options[i]);
    }
    words.push_back(std::move(word));
  }
  return words;
}

/// "name=value", or false. Both must be told apart by a '=', the name may not be empty.
bool add_setting(std::string_view text, Parameters& settings) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  std::string name(text.substr(0, equals));
  for (char& c : name)
    if (c == '-') c = '_';
  settings.emplace_back(std::move(name), std::string(text.substr(equals + 1)));
  return true;
}

}  // namespace

Result<Parameters> split_options(std::string_view options) {
  Parameters settings;
  const auto words = words_of(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    std::string_view setting;
    if (word.starts_with("--")) {
      setting = std::string_view(word).substr(2);
    } else if (word == "-c") {
      if (++i == words.size()) return refused(word);
      setting = words[i];
    } else if (word.starts_with("-c")) {
      setting = std::string_view(word).substr(2);
    } else {
      return refused(word);
    }
    if (!add_setting(setting, settings)) return refused(word);
  }
  return settings;
}

}  // namespace bulkhead::proto
