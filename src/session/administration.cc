#include "session/administration.h"

#include "admin/settings_table.h"
#include "base/log.h"

namespace bulkhead::session {
namespace asio = boost::asio;
using admin::Action;
using admin::Answer;

namespace {

Result<log::Level> level_called(const std::string& name) {
  if (name == "debug") return log::Level::debug;
  if (name == "info") return log::Level::info;
  if (name == "warning") return log::Level::warning;
  if (name == "error") return log::Level::error;
  return make_error(sqlstate::invalid_parameter_value, "invalid value for parameter \"log_level\": \"" + name + '"',
                    "Available values: debug, info, warning, error.");
}

std::string tag_of(const admin::Command& command) {
  const auto words = command.entry->words;
  return std::string(words == "START TRANSACTION" || words.ends_with(" ALL") ? words : words.substr(0, words.find(' ')));
}

}  // namespace

void Administration::use(std::shared_ptr<const policy::Policy> policy) {
  policy_ = std::move(policy);
  since_ = Clock::now();
  faults_.clear();
}

void Administration::refused(std::vector<std::string> faults) {
  faults_ = std::move(faults);
  refused_at_ = Clock::now();
}

asio::awaitable<Result<Answer>> Administration::run(const admin::Command& command, const std::string& user) {
  Answer answer{tag_of(command)};
  switch (command.entry->action) {
    case Action::show_help: answer.rows = admin::help_rows(); break;
    case Action::show_version: answer.rows = {{admin::version()}}; break;
    case Action::show_config: answer.rows = admin::config_rows(*policy_); break;
    case Action::show_policy: answer.rows = policy_rows(); break;
    case Action::show_peers:
    case Action::show_peer_pools:
    case Action::show_dns_hosts:
    case Action::show_dns_zones: break;  // there are none
    case Action::show_fds:
      co_return make_error(sqlstate::feature_not_supported, "SHOW FDS is not there: it is for handing sockets over to another process",
                           "SHOW SOCKETS lists the connections.");
    case Action::suspend:
      co_return make_error(sqlstate::feature_not_supported, "SUSPEND is not there: it is for handing sockets over to another process",
                           "PAUSE has the servers to itself.");
    case Action::show_setting: answer.rows = {{std::string(admin::session_setting(command.argument)->value)}}; break;
    case Action::select_one:
      answer = {"SELECT 1", {{"1"}}};
      break;
    case Action::select_version:
      answer = {"SELECT 1", {{admin::version()}}};
      break;
    case Action::select_user:
      answer = {"SELECT 1", {{user}}};
      break;
    case Action::select_database:
      answer = {"SELECT 1", {{"bulkhead"}}};
      break;
    case Action::set_for_session:
    case Action::forget: break;
    case Action::transaction: answer.notice = "the console has no transactions: each command is done when it is answered"; break;
    case Action::set: co_return set(command);
  }
  co_return answer;
}

Result<Answer> Administration::set(const admin::Command& command) {
  if (command.argument == "log_level") {
    BULKHEAD_TRY(const auto level, level_called(command.value));
    log::set_level(level);
    return Answer{"SET"};
  }
  if (admin::is_configured(command.argument))
    return make_error(sqlstate::feature_not_supported, "\"" + command.argument + "\" is set in the configuration, which is put in force whole",
                      "Change it there (" + policy_->source + "), then RELOAD.");
  return make_error(sqlstate::invalid_parameter_value, "unrecognized configuration parameter \"" + command.argument + '"',
                    "log_level is the one that can be set here; SHOW CONFIG lists the others.");
}

std::vector<admin::Row> Administration::policy_rows() const {
  std::vector<admin::Row> rows{{"epoch", std::to_string(policy_->epoch)},
                               {"source", policy_->source},
                               {"in force since", admin::text_of(since_)},
                               {"tenants", std::to_string(policy_->tenants.size())},
                               {"users", std::to_string(policy_->users.size())}};
  if (faults_.empty()) return rows;
  rows.push_back({"not reloaded at", admin::text_of(refused_at_)});
  for (const auto& fault : faults_) rows.push_back({"fault", fault});
  return rows;
}

}  // namespace bulkhead::session
