#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/reader.h"

namespace bulkhead::policy {
namespace {

constexpr std::size_t kMaxSecret = 64u << 10;

/// In words, without the value: a secret is never part of a message.
std::string found(const yaml::Node& node) {
  return node.kind == yaml::Kind::scalar ? (node.text.empty() ? "nothing" : "a literal") : node.found();
}

bool accept(const yaml::Node& node, Report& report, const std::string& origin, std::string value, Secret& out) {
  if (value.empty()) {
    report.at(node, origin + " is empty");
  } else if (value.size() > kMaxSecret) {
    report.at(node, origin + " is longer than " + std::to_string(kMaxSecret >> 10) + " KiB");
  } else if (value.find('\0') != std::string::npos) {
    report.at(node, origin + " holds a NUL byte");
  } else {
    out = Secret(std::move(value));
    return true;
  }
  return false;
}

bool read_environment(const yaml::Node& node, Report& report, Secret& out) {
  std::string name;
  if (!read_text(node, report, "the name of an environment variable", name)) return false;
  const char* value = std::getenv(name.c_str());
  if (!value) {
    report.at(node, "the environment variable " + yaml::quote(name) + " is not set");
    return false;
  }
  return accept(node, report, "the environment variable " + yaml::quote(name), value, out);
}

bool read_file(const yaml::Node& node, Report& report, const std::string& directory, Secret& out) {
  std::string name;
  if (!read_text(node, report, "the path of a file", name)) return false;
  const auto path = std::filesystem::path(directory) / name;
  std::error_code error;
  std::string value;
  bool read = std::filesystem::is_regular_file(path, error);
  if (read) {
    std::ifstream file(path, std::ios::binary);
    value.resize(kMaxSecret + 3);  // one more than allowed tells "too long" from "just fits"
    file.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<std::size_t>(file.gcount()));
    read = !file.bad() && (file.eof() || !file.fail());
  }
  if (!read) {
    report.at(node, "the file " + yaml::quote(path.string()) + " cannot be read");
    return false;
  }
  if (value.ends_with('\n')) {
    value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
  }
  return accept(node, report, "the file " + yaml::quote(path.string()), std::move(value), out);
}

}  // namespace

namespace {

bool read(const yaml::Node& node, Report& report, const std::string& directory, Secret& out) {
  if (node.kind == yaml::Kind::scalar && !node.text.empty()) return accept(node, report, "it", node.text, out);
  if (node.kind == yaml::Kind::map) {
    Fields fields(&node, report);
    const auto* env = fields.take("env");
    const auto* file = fields.take("file");
    if (env && !file) return read_environment(*env, report, out);
    if (file && !env) return read_file(*file, report, directory, out);
  }
  report.at(node, "found " + found(node) + ", expected a secret: literally, or {env: NAME}, or {file: PATH}");
  return false;
}

}  // namespace

bool read_secret(const yaml::Node& node, Report& report, const std::string& directory, Secret& out) {
  const bool good = read(node, report, directory, out);
  report.hide(node, out);
  return good;
}

}  // namespace bulkhead::policy
