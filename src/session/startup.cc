#include "session/startup.h"

#include <algorithm>

#include "rewrite/settings.h"

namespace bulkhead::session {
namespace {

/// NAMEDATALEN - 1: PostgreSQL cuts application_name there.
constexpr std::size_t kLongestName = 63;

/// How drivers spell the one encoding there is: "UTF8", "utf-8", "UNICODE", and asyncpg's with quotes around it. Letters
/// and digits count, as in pg_encoding's clean_encoding_name().
bool means_utf8(std::string_view value) {
  std::string letters;
  for (const char c : value)
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      letters.push_back(c);
    else if (c >= 'A' && c <= 'Z')
      letters.push_back(static_cast<char>(c - 'A' + 'a'));
  return letters == "utf8" || letters == "unicode";
}

}  // namespace

Result<StartupRequest> judge_startup(const proto::StartupMessage& message, const policy::Tenancy& tenancy) {
  StartupRequest request;
  const auto add = [&](std::string_view spelt, const std::string& value) -> Result<void> {
    const std::string name = rewrite::fold_setting(spelt);
    if (name == "client_encoding") {
      if (means_utf8(value)) return {};
      return make_error(sqlstate::feature_not_supported,
                        "client_encoding \"" + value + "\" is not supported through Bulkhead",
                        "Only UTF8 is: in other encodings a text may read differently to the server.");
    }
    BULKHEAD_TRY(const auto reach, rewrite::judge_setting(name, value, tenancy));
    if (name == "search_path") return {};  // the one it has
    if (reach == rewrite::SettingReach::session) request.settings[name] = value;
    if (reach == rewrite::SettingReach::transaction)
      return make_error(sqlstate::feature_not_supported, "parameter \"" + name + "\" cannot be set for a session");
    return {};
  };
  // First the switches in `options`, then the parameters proper: the order in which PostgreSQL applies them
  // (process_startup_options, postinit.c).
  if (const auto* options = message.find("options")) {
    BULKHEAD_TRY(const auto switches, proto::split_options(*options));
    for (const auto& [name, value] : switches) BULKHEAD_CHECK(add(name, value));
  }
  for (const auto& [name, value] : message.parameters) {
    if (name == "user")
      request.user = value;
    else if (name == "database")
      request.database = value;
    else if (name == "replication")
      return make_error(sqlstate::feature_not_supported, "replication connections are not supported through Bulkhead",
                        "Connect to the server itself: a replication stream holds every tenant's rows.");
    else if (name != "options" && !name.starts_with("_pq_."))
      BULKHEAD_CHECK(add(name, value));
  }
  return request;
}

bool known_in_advance(const pool::Settings& settings) {
  return std::all_of(settings.begin(), settings.end(), [](const auto& setting) {
    return setting.first == "application_name" && setting.second.size() <= kLongestName &&
           std::all_of(setting.second.begin(), setting.second.end(), [](char c) { return c >= ' ' && c <= '~'; });
  });
}

}  // namespace bulkhead::session
