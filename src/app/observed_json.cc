#include "app/observed_json.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace bulkhead::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json as_json(const session::ObservedShape& shape) {
  Json relations = Json::array(), functions = Json::array();
  for (const auto& [name, named] : shape.names.relations)
    relations.push_back({{"schema", name.schema}, {"name", name.name}, {"actions", named.actions}, {"column", named.column},
                         {"view", named.view}, {"listed", named.listed}, {"secured", named.secured}});
  for (const auto& name : shape.names.functions) functions.push_back({{"schema", name.schema}, {"name", name.name}});
  return {{"statement", shape.shape}, {"verdict", shape.verdict},   {"count", shape.count},   {"becomes", shape.becomes},
          {"sqlstate", shape.sqlstate}, {"reason", shape.reason},   {"hint", shape.hint},     {"tenants", shape.tenants},
          {"users", shape.users},     {"roles", shape.roles},       {"default_role", shape.default_role},
          {"relations", relations},   {"functions", functions},     {"ddl", shape.names.ddl}};
}

session::ObservedShape shape_from(const Json& json) {
  session::ObservedShape shape;
  json.at("statement").get_to(shape.shape);
  json.at("verdict").get_to(shape.verdict);
  json.at("count").get_to(shape.count);
  json.at("becomes").get_to(shape.becomes);
  json.at("sqlstate").get_to(shape.sqlstate);
  json.at("reason").get_to(shape.reason);
  json.at("hint").get_to(shape.hint);
  json.at("tenants").get_to(shape.tenants);
  json.at("users").get_to(shape.users);
  json.at("roles").get_to(shape.roles);
  json.at("default_role").get_to(shape.default_role);
  json.at("ddl").get_to(shape.names.ddl);
  for (const Json& each : json.at("relations")) {
    auto& named = shape.names.relations[{each.at("schema").get<std::string>(), each.at("name").get<std::string>()}];
    each.at("actions").get_to(named.actions);
    each.at("column").get_to(named.column);
    each.at("view").get_to(named.view);
    each.at("listed").get_to(named.listed);
    each.at("secured").get_to(named.secured);
  }
  for (const Json& each : json.at("functions"))
    shape.names.functions.insert({each.at("schema").get<std::string>(), each.at("name").get<std::string>()});
  return shape;
}

Error could_not(const std::string& what, const std::string& path) {
  return make_error(sqlstate::internal_error, "could not " + what + " \"" + path + "\": " + std::strerror(errno));
}

}  // namespace

std::string observed_as_json(const session::Observed::Seen& seen) {
  Json json{{"bulkhead_observed", kVersion}, {"other", seen.other}, {"shapes", Json::array()}};
  for (const auto& [key, shape] : seen.shapes) json["shapes"].push_back(as_json(shape));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<session::Observed::Seen> observed_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("bulkhead_observed").get<int>() != kVersion)
      return make_error(sqlstate::internal_error, "another version of Bulkhead has written it");
    session::Observed::Seen seen;
    json.at("other").get_to(seen.other);
    std::size_t number = 0;
    for (const Json& each : json.at("shapes")) seen.shapes.emplace(std::to_string(number++), shape_from(each));
    return seen;
  } catch (const Json::exception&) {
    return make_error(sqlstate::internal_error, "it is not what `bulkhead run --observed` writes");
  }
}

Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return could_not("create", beside);
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      Error error = could_not("write", beside);
      ::close(file);
      return error;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(file) != 0) return could_not("write", beside);
  if (std::rename(beside.c_str(), path.c_str()) != 0) return could_not("rename", beside);
  return {};
}

}  // namespace bulkhead::app
