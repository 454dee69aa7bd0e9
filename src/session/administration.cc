#include "session/administration.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <optional>

#include "admin/settings_table.h"
#include "base/log.h"
#include "net/task.h"

namespace bulkhead::session {
namespace asio = boost::asio;
using admin::Action;
using admin::Answer;
using pool::PoolSet;

namespace {

constexpr Duration kLookWhetherGone{1000};

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

Error no_such_tenant(const std::string& name) {
  return make_error(sqlstate::invalid_catalog_name, "there is no tenant \"" + name + '"', "SHOW TENANTS lists them.");
}

Error no_such_client(const std::string& id) {
  return make_error(sqlstate::invalid_parameter_value, "there is no client " + id, "SHOW CLIENTS lists them, by id.");
}

Error resumed_too_early() {
  return make_error(sqlstate::query_canceled, "RESUME has ended the pause before the last connection had come back");
}

Result<Answer> told_of(const Operations::Reloaded& reloaded) {
  if (reloaded.faults.empty()) return Answer{"RELOAD", {}, reloaded.changes == 1 ? "1 change" : std::to_string(reloaded.changes) + " changes"};
  std::string detail;
  for (const auto& fault : reloaded.faults) detail += (detail.empty() ? "" : "\n") + fault;
  return make_error(sqlstate::config_file_error, "not reloaded, the configuration before stays in force", {}, std::move(detail));
}

Error left() {
  return make_error(sqlstate::query_canceled, "canceling statement due to user request",
                    "What the command has begun goes on: SHOW TENANTS tells what is paused.");
}

PoolSet::Whose whose(const std::string& argument) { return argument.empty() ? PoolSet::Whose() : PoolSet::Whose(argument); }

}  // namespace

Administration::Administration(net::Loop& front, const std::vector<std::unique_ptr<Worker>>& workers, Consoles consoles)
    : front_(front), workers_(workers), consoles_(std::move(consoles)) {}

void Administration::use(std::shared_ptr<const policy::Policy> policy) {
  policy_ = std::move(policy);
  since_ = Clock::now();
  faults_.clear();
  const auto gone = [&](const std::string& tenant) { return !policy_->tenants.contains(tenant); };
  std::erase_if(controls_.paused, gone);
  std::erase_if(controls_.disabled, gone);
}

void Administration::refused(std::vector<std::string> faults) {
  faults_ = std::move(faults);
  refused_at_ = Clock::now();
}

// --- Asking the workers ------------------------------------------------------------------------------------------------

void Administration::to_workers(const std::function<void(Worker&)>& work) {
  for (const auto& worker : workers_) worker->post(work);
}

/// Until it is over, or nobody waits for it any more.
asio::awaitable<Result<void>> Administration::wait(std::shared_ptr<Patience> patience, std::function<bool()> over) {
  while (!over()) {
    if (patience->interrupted || patience->gone()) co_return left();
    patience->timer.expires_after(kLookWhetherGone);
    co_await patience->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return Result<void>();
}

template <class Outcome>
struct Administration::Gathering {
  std::vector<Outcome> outcomes;
  std::size_t missing = 0;
};

template <class Outcome>
asio::awaitable<Result<std::vector<Outcome>>> Administration::from_workers(
    std::shared_ptr<Patience> patience, Ask<Outcome> ask) {
  const auto gathering = std::make_shared<Gathering<Outcome>>();
  gathering->missing = workers_.size();
  to_workers([this, ask, gathering, patience](Worker& worker) {
    ask(worker, [this, gathering, patience](Outcome outcome) {
      asio::post(front_.context(), [gathering, patience, outcome = std::move(outcome)]() mutable {
        gathering->outcomes.push_back(std::move(outcome));
        if (--gathering->missing == 0) patience->wake();
      });
    });
  });
  const std::function<bool()> all_have = [gathering] { return gathering->missing == 0; };
  const auto waited = co_await wait(patience, all_have);
  if (!waited) co_return waited.error();
  co_return std::move(gathering->outcomes);
}

asio::awaitable<Result<bool>> Administration::pools_are(PoolSet::Until until, PoolSet::Whose whose, std::shared_ptr<Patience> patience) {
  const Ask<bool> ask = [until, whose](Worker& worker, std::function<void(bool)> done) { worker.pools().wait(until, whose, std::move(done)); };
  const auto reached = co_await from_workers<bool>(patience, ask);
  if (!reached) co_return reached.error();
  co_return std::find(reached->begin(), reached->end(), false) == reached->end();
}

// --- Commands ----------------------------------------------------------------------------------------------------------

// The coroutines below have no temporaries beside a co_await or in a co_return: GCC 12 destroys some of those twice.

asio::awaitable<Result<Answer>> Administration::run(admin::Command command, std::string user, std::shared_ptr<Patience> patience) {
  patience->interrupted = false;
  if (command.entry->needs == policy::May::all)
    log::info("console", {{"administrator", user}, {"command", command.entry->words}, {"argument", command.argument}});
  switch (command.entry->action) {
    case Action::show_active_sockets:
    case Action::show_cache:
    case Action::show_clients:
    case Action::show_databases:
    case Action::show_lists:
    case Action::show_mem:
    case Action::show_pools:
    case Action::show_refusals:
    case Action::show_servers:
    case Action::show_sockets:
    case Action::show_stats:
    case Action::show_stats_averages:
    case Action::show_stats_totals:
    case Action::show_tenants:
    case Action::show_totals:
    case Action::show_users: co_return co_await show(std::move(command), std::move(patience));
    case Action::reload: co_return co_await reload(std::move(patience));
    case Action::kill_client: co_return co_await kill_client(std::move(command), std::move(patience));
    case Action::disable:
    case Action::enable:
    case Action::kill:
    case Action::pause:
    case Action::reconnect:
    case Action::resume:
    case Action::wait_close: co_return co_await control(std::move(command), std::move(patience));
    case Action::show_config:
    case Action::show_dns_hosts:
    case Action::show_dns_zones:
    case Action::show_fds:
    case Action::show_help:
    case Action::show_peer_pools:
    case Action::show_peers:
    case Action::show_policy:
    case Action::show_setting:
    case Action::show_state:
    case Action::show_version:
    case Action::select_database:
    case Action::select_one:
    case Action::select_user:
    case Action::select_version:
    case Action::set:
    case Action::set_for_session:
    case Action::forget:
    case Action::shutdown:
    case Action::suspend:
    case Action::transaction: break;
  }
  co_return at_once(command, user);
}

/// What nobody has to be asked for.
Result<Answer> Administration::at_once(const admin::Command& command, const std::string& user) {
  const auto shown = [&](std::vector<admin::Row> rows) { return Answer{tag_of(command), std::move(rows)}; };
  const auto selected = [&](std::string value) { return Answer{"SELECT 1", {{std::move(value)}}}; };
  const auto handed_over = [](std::string_view what, std::string hint) {
    return make_error(sqlstate::feature_not_supported, std::string(what) + " is not there: it is for handing sockets over to another process",
                      std::move(hint));
  };
  switch (command.entry->action) {
    case Action::show_help: return shown(admin::help_rows());
    case Action::show_version: return shown({{admin::version()}});
    case Action::show_config: return shown(admin::config_rows(*policy_));
    case Action::show_policy: return shown(policy_rows());
    case Action::show_state:
      return shown({{"active", admin::yes_no(!controls_.all_paused)}, {"paused", admin::yes_no(controls_.all_paused)}, {"suspended", "no"}});
    case Action::show_fds: return handed_over("SHOW FDS", "SHOW SOCKETS lists the connections.");
    case Action::suspend: return handed_over("SUSPEND", "PAUSE has the servers to itself.");
    case Action::show_setting: return shown({{std::string(admin::session_setting(command.argument)->value)}});
    case Action::select_one: return selected("1");
    case Action::select_version: return selected(admin::version());
    case Action::select_user: return selected(user);
    case Action::select_database: return selected("bulkhead");
    case Action::transaction: return Answer{tag_of(command), {}, "the console has no transactions: each command is done when it is answered"};
    case Action::set: return set(command);
    case Action::shutdown: return shutdown(command.entry->words);
    // Peers and a cache of names, of which there are none; what drivers set and forget.
    case Action::show_dns_hosts:
    case Action::show_dns_zones:
    case Action::show_peer_pools:
    case Action::show_peers:
    case Action::set_for_session:
    case Action::forget: return shown({});
    // run() asks for these.
    case Action::show_active_sockets:
    case Action::show_cache:
    case Action::show_clients:
    case Action::show_databases:
    case Action::show_lists:
    case Action::show_mem:
    case Action::show_pools:
    case Action::show_refusals:
    case Action::show_servers:
    case Action::show_sockets:
    case Action::show_stats:
    case Action::show_stats_averages:
    case Action::show_stats_totals:
    case Action::show_tenants:
    case Action::show_totals:
    case Action::show_users:
    case Action::disable:
    case Action::enable:
    case Action::kill:
    case Action::kill_client:
    case Action::pause:
    case Action::reconnect:
    case Action::reload:
    case Action::resume:
    case Action::wait_close: break;
  }
  return make_error(sqlstate::internal_error, "nothing has been done about this command");
}

namespace {

admin::Snapshot joined(std::vector<admin::Snapshot>& parts) {
  admin::Snapshot all;
  for (auto& part : parts) append(all, std::move(part));
  return all;
}

}  // namespace

Result<Answer> Administration::shown(Action action, std::vector<admin::Snapshot>& told) {
  auto all = joined(told);
  if (admin::look_for(action)->clients) consoles_.show(all.clients);
  return Answer{"SHOW", admin::rows_of(action, all, *policy_, controls_, consoles_.logins())};
}

asio::awaitable<Result<Answer>> Administration::show(admin::Command command, std::shared_ptr<Patience> patience) {
  const auto action = command.entry->action;
  const Ask<admin::Snapshot> ask = [look = *admin::look_for(action)](Worker& worker, std::function<void(admin::Snapshot)> done) {
    done(worker.show(look));
  };
  auto told = co_await from_workers<admin::Snapshot>(patience, ask);
  if (!told) co_return told.error();
  co_return shown(action, *told);
}

/// Those about one tenant, or all of them.
asio::awaitable<Result<Answer>> Administration::control(admin::Command command, std::shared_ptr<Patience> patience) {
  const Action action = command.entry->action;
  const auto whom = whose(command.argument);
  Answer done;
  done.tag = tag_of(command);
  if (whom && !policy_->tenants.contains(*whom)) co_return no_such_tenant(*whom);
  if (action == Action::pause) {
    if (const auto begun = begin_pause(whom); !begun) co_return begun.error();
    const auto drained = co_await pools_are(PoolSet::Until::drained, whom, patience);
    if (!drained) co_return drained.error();
    if (!*drained) co_return resumed_too_early();
  } else if (action == Action::wait_close) {
    const auto renewed = co_await pools_are(PoolSet::Until::renewed, whom, patience);
    if (!renewed) co_return renewed.error();
  } else if (action == Action::kill) {
    controls_.paused.insert(*whom);
    const Ask<bool> ask = [tenant = *whom](Worker& worker, std::function<void(bool)> killed) {
      worker.pools().pause(tenant);
      killed(worker.kill(tenant));
    };
    const auto killed = co_await from_workers<bool>(patience, ask);
    if (!killed) co_return killed.error();
  } else if (const auto changed = change(action, whom); !changed) {
    co_return changed.error();
  }
  co_return done;
}

/// What is done at once.
Result<void> Administration::change(Action action, const PoolSet::Whose& whom) {
  if (action == Action::disable) controls_.disabled.insert(*whom);
  if (action == Action::enable) controls_.disabled.erase(*whom);
  if (action == Action::reconnect) to_workers([whom](Worker& worker) { worker.pools().reconnect(whom); });
  if (action != Action::resume) return {};
  if (whom && controls_.all_paused)
    return make_error(sqlstate::invalid_transaction_state, "all tenants are paused", "RESUME without a name ends that.");
  if (whom ? controls_.paused.erase(*whom) == 0 : !controls_.all_paused && controls_.paused.empty())
    return make_error(sqlstate::invalid_transaction_state, whom ? "tenant \"" + *whom + "\" is not paused" : "nothing is paused");
  if (!whom) {
    controls_.all_paused = false;
    controls_.paused.clear();
  }
  to_workers([whom](Worker& worker) { worker.pools().resume(whom); });
  return {};
}

Result<void> Administration::begin_pause(const PoolSet::Whose& whom) {
  if (controls_.all_paused || (whom && controls_.paused.contains(*whom)))
    return make_error(sqlstate::invalid_transaction_state, "already paused", "RESUME ends a pause.");
  if (whom)
    controls_.paused.insert(*whom);
  else
    controls_.all_paused = true;
  to_workers([whom](Worker& worker) { worker.pools().pause(whom); });
  return {};
}

asio::awaitable<Result<Answer>> Administration::kill_client(admin::Command command, std::shared_ptr<Patience> patience) {
  std::int32_t id = 0;
  std::from_chars(command.argument.data(), command.argument.data() + command.argument.size(), id);
  Answer done;
  done.tag = tag_of(command);
  if (consoles_.end(id)) co_return done;
  const Ask<bool> ask = [id](Worker& worker, std::function<void(bool)> killed) { killed(worker.kill(id)); };
  const auto killed = co_await from_workers<bool>(patience, ask);
  if (!killed) co_return killed.error();
  if (std::find(killed->begin(), killed->end(), true) == killed->end()) co_return no_such_client(command.argument);
  co_return done;
}

asio::awaitable<Result<Answer>> Administration::reload(std::shared_ptr<Patience> patience) {
  const auto outcome = std::make_shared<std::optional<Operations::Reloaded>>();
  operations_.reload([this, outcome, patience](Operations::Reloaded reloaded) {
    asio::post(front_.context(), [outcome, patience, reloaded = std::move(reloaded)]() mutable {
      *outcome = std::move(reloaded);
      patience->wake();
    });
  });
  const std::function<bool()> there = [outcome] { return outcome->has_value(); };
  const auto waited = co_await wait(patience, there);
  if (!waited) co_return waited.error();
  co_return told_of(**outcome);
}

Result<Answer> Administration::shutdown(std::string_view how) {
  if (how.ends_with("WAIT_FOR_CLIENTS")) {
    operations_.shutdown(Operations::Shutdown::wait_for_clients);
  } else if (how.ends_with("WAIT_FOR_SERVERS")) {
    operations_.shutdown(Operations::Shutdown::wait_for_servers);
    controls_.all_paused = true;
    to_workers([](Worker& worker) { worker.pools().pause({}); });
    net::start(front_, "shutdown", shut_down_when_drained());
  } else {
    operations_.shutdown(Operations::Shutdown::now);
  }
  return Answer{"SHUTDOWN"};
}

asio::awaitable<void> Administration::shut_down_when_drained() {
  const auto patience = std::make_shared<Patience>(front_);
  const PoolSet::Whose all;
  const auto drained = co_await pools_are(PoolSet::Until::drained, all, patience);
  if (drained && *drained) operations_.shutdown(Operations::Shutdown::now);
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
