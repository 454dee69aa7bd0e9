#include "app/run.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <malloc.h>
#include <ostream>
#include <sys/stat.h>
#include <thread>

#include "app/configuration.h"
#include "app/observed_json.h"
#include "base/log.h"
#include "policy/changes.h"
#include "rewrite/rewriter.h"
#include "session/proxy.h"

namespace bulkhead::app {
namespace asio = boost::asio;
namespace {

/// How long SIGTERM lets clients finish.
constexpr auto kDrain = std::chrono::seconds(30);
constexpr auto kDrainCheck = std::chrono::milliseconds(50);

/// How often --watch looks at the file.
constexpr auto kLook = std::chrono::seconds(1);

/// Blocks of this many bytes go back to the system as soon as they are freed.
constexpr int kLongBlock = 1 << 20;

/// glibc would raise both thresholds with the first long message that is freed, to 32 and 64 MiB, and keep as much from then on for each
/// thread: mallopt(3), M_MMAP_THRESHOLD. Setting one of them ends that.
void give_long_blocks_back() {
  ::mallopt(M_MMAP_THRESHOLD, kLongBlock);
  ::mallopt(M_TRIM_THRESHOLD, kLongBlock);
}

int could_not_start(const Error& error, Io io) {
  io.err << "bulkhead: " << error.message << '\n';
  if (!error.hint.empty()) io.err << "HINT: " << error.hint << '\n';
  return kWrong;
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

/// What tells one state of a file from another; all zero: it cannot be looked at.
struct FileState {
  std::uintmax_t device = 0, inode = 0, size = 0;
  long seconds = 0, nanoseconds = 0;
  bool operator==(const FileState&) const = default;

  static FileState of(const std::string& path) {
    struct stat at {};
    if (::stat(path.c_str(), &at) != 0) return {};
    return {at.st_dev, at.st_ino, static_cast<std::uintmax_t>(at.st_size), at.st_mtim.tv_sec, at.st_mtim.tv_nsec};
  }
};

/// Reads the configuration anew and has the proxy go on under it: whole, or not at all.
class Reloader {
 public:
  Reloader(session::Proxy& proxy, std::string path, std::shared_ptr<const policy::Policy> policy, auth::MockSecret mock)
      : proxy_(proxy), path_(std::move(path)), policy_(std::move(policy)), mock_(std::move(mock)) {}

  session::Operations::Reloaded reload() {
    auto read = read_configuration(path_, mock_);
    log_all(log::Level::warning, "configuration", read.warnings);
    if (read.policy) read.faults = policy::needs_restart(*policy_, *read.policy);
    log_all(log::Level::error, "configuration not usable", read.faults);
    if (!read.faults.empty()) return refuse(std::move(read.faults));
    const auto changes = policy::differences(*policy_, *read.policy);
    if (changes.empty()) {  // certificates are the one thing that changes without it
      proxy_.use(std::move(read.certificates));
      log::info("reloaded", {{"changes", 0}, {"what", "certificates"}});
      return {};
    }
    if (const auto done = proxy_.reload(read.credentials, std::move(read.certificates)); !done) {
      log::error("configuration not usable", {{"what", done.error().message}});
      return refuse({done.error().message});
    }
    policy_ = std::move(read.policy);
    log::set_level(policy_->log.level);
    const auto shown = changes.begin() + static_cast<std::ptrdiff_t>(std::min(changes.size(), kChangesShown));
    log_all(log::Level::info, "changed", {changes.begin(), shown});
    log::info("reloaded", {{"changes", changes.size()}});
    return {{}, changes.size()};
  }

 private:
  session::Operations::Reloaded refuse(std::vector<std::string> faults) {
    log::error("not reloaded, the configuration before stays in force");
    proxy_.refused(faults);
    return {std::move(faults)};
  }

  static constexpr std::size_t kChangesShown = 200;

  session::Proxy& proxy_;
  const std::string path_;
  std::shared_ptr<const policy::Policy> policy_;  ///< in force
  const auth::MockSecret mock_;
};

/// Waits for a signal, and after SIGTERM for the clients to go.
class Signals {
 public:
  Signals(session::Proxy& proxy, Reloader& reloader, const RunOptions& options)
      : proxy_(proxy),
        reloader_(reloader),
        options_(options),
        signals_(context_, SIGTERM, SIGINT, SIGHUP),
        timer_(context_),
        each_minute_(context_),
        look_(context_) {}

  /// For the console, on whose thread they are called.
  session::Operations operations() {
    return {.reload =
                [this](std::function<void(session::Operations::Reloaded)> done) {
                  asio::post(context_, [this, done = std::move(done)] {
                    if (const auto* not_now = cannot_reload()) return done({{not_now}});
                    done(reloader_.reload());
                  });
                },
            .shutdown = [this](session::Operations::Shutdown how) { asio::post(context_, [this, how] { shut_down(how); }); }};
  }

  /// Of the proxy, on its thread.
  void listening(Result<void> result) {
    asio::post(context_, [this, result = std::move(result)]() mutable {
      taking_over_ = false;
      if (result) return;
      result_ = std::move(result);
      context_.stop();
    });
  }

  /// An error: it could not listen.
  Result<void> wait() {
    expect();
    write_each_minute();
    if (options_.watch) look();
    context_.run();
    return result_;
  }

 private:
  void expect() {
    signals_.async_wait([this](const boost::system::error_code& ec, int signal) {
      if (ec) return;
      if (signal == SIGHUP) {
        if (const auto* not_now = cannot_reload())
          log::warning("not reloaded", {{"what", not_now}});
        else
          reloader_.reload();
        return expect();
      }
      if (signal == SIGINT || draining_) return context_.stop();
      stop_accepting();
      until_ = std::chrono::steady_clock::now() + kDrain;
      drain();
      expect();
    });
  }
  /// Null: it can.
  const char* cannot_reload() const {
    if (draining_) return "the process is about to end";
    return taking_over_ ? "the process has not taken over yet" : nullptr;
  }
  void stop_accepting() {
    log::info("draining", {{"clients", proxy_.clients()}});
    draining_ = true;
    proxy_.stop_accepting();
  }
  void shut_down(session::Operations::Shutdown how) {
    using Shutdown = session::Operations::Shutdown;
    if (how == Shutdown::now) return context_.stop();
    if (draining_) return;
    stop_accepting();
    if (how == Shutdown::wait_for_clients) drain();
  }
  /// A file that has changed is read once it has been the same for two looks: somebody may be writing it.
  void look() {
    const auto now = FileState::of(options_.config);
    if (now == last_seen_ && now != in_force_ && now != FileState{} && !cannot_reload()) {
      in_force_ = now;
      reloader_.reload();
    }
    last_seen_ = now;
    look_.expires_after(kLook);
    look_.async_wait([this](const boost::system::error_code& ec) {
      if (!ec) look();
    });
  }
  void write_each_minute() {
    if (options_.observed.empty() || !proxy_.observed()) return;
    each_minute_.expires_after(std::chrono::minutes(1));
    each_minute_.async_wait([this](const boost::system::error_code& ec) {
      if (ec) return;
      write_observed(*proxy_.observed(), options_.observed);
      write_each_minute();
    });
  }
  void drain() {
    if (proxy_.deserted() || std::chrono::steady_clock::now() > until_) return context_.stop();
    timer_.expires_after(kDrainCheck);
    timer_.async_wait([this](const boost::system::error_code& ec) {
      if (!ec) drain();
    });
  }

  session::Proxy& proxy_;
  Reloader& reloader_;
  const RunOptions& options_;
  asio::io_context context_;
  asio::signal_set signals_;
  asio::steady_timer timer_;
  asio::steady_timer each_minute_;
  asio::steady_timer look_;
  std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::time_point::max();
  FileState in_force_ = FileState::of(options_.config);
  FileState last_seen_ = in_force_;
  Result<void> result_;
  bool taking_over_ = options_.take_over;  ///< not yet done
  bool draining_ = false;
};

}  // namespace

int run(const RunOptions& options, Io io) {
  const auto mock = auth::MockSecret::random();
  auto configuration = read_configuration(options.config, mock);
  for (const auto& fault : configuration.faults) io.err << fault << '\n';
  const auto policy = configuration.policy;
  if (!policy) return kWrong;
  log::set_up(policy->log.level, policy->log.format);
  std::signal(SIGPIPE, SIG_IGN);
  give_long_blocks_back();
  if (const auto test = rewrite::self_test(); !test) return could_not_start(test.error(), io);
  const bool observing = policy->tenancy.mode == policy::Mode::observe;
  if (!options.observed.empty() && !observing)
    return could_not_start(
        make_error(sqlstate::config_file_error, "--observed needs mode observe", "tenancy: { mode: observe } observes."), io);
  if (observing)
    log::warning("MODE OBSERVE: TENANTS ARE NOT ISOLATED", {{"what", "every statement passes unchanged, whoever's rows it touches"}});
  log_all(log::Level::warning, "configuration", configuration.warnings);

  const int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  session::Proxy proxy(std::move(configuration.credentials), std::move(configuration.certificates),
                       policy->threads > 0 ? policy->threads : processors);
  Reloader reloader(proxy, options.config, policy, mock);
  Signals signals(proxy, reloader, options);  // before there is a socket by which anybody could see that it is time to send one
  const auto occupied = options.take_over ? net::Occupied::take_over : net::Occupied::refuse;
  if (const auto listening = proxy.listen(occupied); !listening) return could_not_start(listening.error(), io);
  proxy.start(signals.operations(), [&signals](Result<void> result) { signals.listening(std::move(result)); });
  if (const auto waited = signals.wait(); !waited) {
    proxy.stop();
    return could_not_start(waited.error(), io);
  }
  log::info("stopping", {{"clients", proxy.clients()}});
  proxy.stop();
  if (!options.observed.empty() && !write_observed(*proxy.observed(), options.observed)) return kWrong;
  log::info("stopped");
  return kFine;
}

}  // namespace bulkhead::app
