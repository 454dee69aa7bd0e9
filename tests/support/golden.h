#pragma once

// Golden files: cases with what is expected of them, readable and reviewable. A file is
//
//   words about the file
//
//   === name of the case
//   key: value            any number of settings
//   ---
//   input, any number of lines
//   ---
//   expected output
//
// BULKHEAD_UPDATE_GOLDEN=1 in the environment writes the actual output into the file instead of comparing.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace bulkhead::testing {

struct GoldenCase {
  std::string name;
  int line = 0;
  std::map<std::string, std::string> settings;
  std::string input;     ///< without the last newline
  std::string expected;  ///< with it
};

struct GoldenFile {
  std::string path;
  std::string preface;
  std::vector<GoldenCase> cases;
};

inline bool update_golden() {
  const char* value = std::getenv("BULKHEAD_UPDATE_GOLDEN");
  return value && std::string(value) == "1";
}

inline GoldenFile read_golden(const std::string& path) {
  GoldenFile file{path, {}, {}};
  std::ifstream in(path);
  enum { preface, settings, input, expected } part = preface;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("=== ")) {
      file.cases.push_back({line.substr(4), number, {}, {}, {}});
      part = settings;
    } else if (part == preface) {
      file.preface += line + "\n";
    } else if (line == "---" && part != expected) {
      part = part == settings ? input : expected;
    } else if (part == settings) {
      const auto colon = line.find(": ");
      if (colon != std::string::npos) file.cases.back().settings[line.substr(0, colon)] = line.substr(colon + 2);
    } else if (part == input) {
      file.cases.back().input += line + "\n";
    } else if (!line.empty()) {
      file.cases.back().expected += line + "\n";
    }
  }
  for (auto& test : file.cases)
    if (!test.input.empty()) test.input.pop_back();
  return file;
}

inline void write_golden(const GoldenFile& file) {
  std::ofstream out(file.path);
  out << file.preface;
  for (const auto& test : file.cases) {
    out << "=== " << test.name << "\n";
    for (const auto& [key, value] : test.settings) out << key << ": " << value << "\n";
    out << "---\n" << test.input << "\n---\n" << test.expected << (&test == &file.cases.back() ? "" : "\n");
  }
}

inline std::vector<std::string> golden_files(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".test") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace bulkhead::testing
