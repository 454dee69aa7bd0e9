#include "app/run.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <thread>

#include "app/command.h"
#include "app/observed_json.h"
#include "auth/credentials.h"
#include "base/log.h"
#include "rewrite/rewriter.h"
#include "session/certificates.h"
#include "session/proxy.h"

namespace bulkhead::app {
namespace asio = boost::asio;
namespace {

/// How long SIGTERM lets clients finish.
constexpr auto kDrain = std::chrono::seconds(30);
constexpr auto kDrainCheck = std::chrono::milliseconds(50);

int could_not_start(const Error& error) {
  std::cerr << "bulkhead: " << error.message << '\n';
  if (!error.hint.empty()) std::cerr << "HINT: " << error.hint << '\n';
  return 2;
}

void log_all(log::Level level, std::string_view event, const std::vector<std::string>& what) {
  for (const auto& line : what) log::write(level, event, {{"what", line}});
}

/// False: it cannot be written; the log says why.
bool write_observed(const session::Observed& observed, const std::string& path) {
  const auto written = replace_file(path, observed_as_json(observed.seen()));
  if (!written) log::error("what was observed could not be written", {{"file", path}, {"error", written.error().message}});
  return written.has_value();
}

/// Waits for a signal, and after SIGTERM for the clients to go.
class Signals {
 public:
  /// `observed`: where to write what mode observe has seen; empty: nowhere.
  Signals(session::Proxy& proxy, const policy::Policy& policy, std::string observed)
      : proxy_(proxy),
        policy_(policy),
        observed_(std::move(observed)),
        signals_(context_, SIGTERM, SIGINT, SIGHUP),
        timer_(context_),
        each_minute_(context_) {}

  void wait() {
    expect();
    write_each_minute();
    context_.run();
  }

 private:
  void expect() {
    signals_.async_wait([this](const boost::system::error_code& ec, int signal) {
      if (ec) return;
      if (signal == SIGHUP) {
        reload();
        return expect();
      }
      if (signal == SIGINT || draining_) return context_.stop();
      log::info("draining", {{"clients", proxy_.clients()}});
      draining_ = true;
      until_ = std::chrono::steady_clock::now() + kDrain;
      proxy_.stop_accepting();
      drain();
      expect();
    });
  }
  /// The certificate files only: the policy stays. All of them or, if one is at fault, none.
  void reload() {
    auto certificates = session::Certificates::read(policy_);
    log_all(log::Level::warning, "certificate", certificates.warnings);
    log_all(log::Level::error, "certificate not usable", certificates.faults);
    if (!certificates.faults.empty()) return log::error("certificates not reloaded, those before stay in use");
    proxy_.use(std::move(certificates));
    log::info("certificates reloaded");
  }
  void write_each_minute() {
    if (observed_.empty() || !proxy_.observed()) return;
    each_minute_.expires_after(std::chrono::minutes(1));
    each_minute_.async_wait([this](const boost::system::error_code& ec) {
      if (ec) return;
      write_observed(*proxy_.observed(), observed_);
      write_each_minute();
    });
  }
  void drain() {
    if (proxy_.clients() == 0 || std::chrono::steady_clock::now() > until_) return context_.stop();
    timer_.expires_after(kDrainCheck);
    timer_.async_wait([this](const boost::system::error_code& ec) {
      if (!ec) drain();
    });
  }

  session::Proxy& proxy_;
  const policy::Policy& policy_;
  const std::string observed_;
  asio::io_context context_;
  asio::signal_set signals_;
  asio::steady_timer timer_;
  asio::steady_timer each_minute_;
  std::chrono::steady_clock::time_point until_;
  bool draining_ = false;
};

}  // namespace

int run_proxy(std::shared_ptr<const policy::Policy> policy, const std::string& observed) {
  log::set_up(policy->log.level, policy->log.format);
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto test = rewrite::self_test(); !test) return could_not_start(test.error());
  const bool observing = policy->tenancy.mode == policy::Mode::observe;
  if (!observed.empty() && !observing)
    return could_not_start(make_error(sqlstate::config_file_error, "--observed needs mode observe", "tenancy: { mode: observe } observes."));
  if (observing)
    log::warning("MODE OBSERVE: TENANTS ARE NOT ISOLATED", {{"what", "every statement passes unchanged, whoever's rows it touches"}});
  const auto credentials = auth::Credentials::from(policy, auth::MockSecret::random());
  if (!credentials) return could_not_start(credentials.error());

  auto certificates = session::Certificates::read(*policy);
  log_all(log::Level::warning, "certificate", certificates.warnings);
  if (!certificates.faults.empty()) {
    for (const auto& fault : certificates.faults) std::cerr << "bulkhead: " << fault << '\n';
    return 2;
  }

  const int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  session::Proxy proxy(policy, *credentials, std::move(certificates), policy->threads > 0 ? policy->threads : processors);
  Signals signals(proxy, *policy, observed);  // before there is a socket by which anybody could see that it is time to send one
  if (const auto listening = proxy.listen(); !listening) return could_not_start(listening.error());
  proxy.start();
  for (const auto& address : proxy.addresses()) log::info("listening", {{"address", address}});
  signals.wait();
  log::info("stopping", {{"clients", proxy.clients()}});
  proxy.stop();
  if (!observed.empty() && !write_observed(*proxy.observed(), observed)) return kWrong;
  log::info("stopped");
  return 0;
}

}  // namespace bulkhead::app
