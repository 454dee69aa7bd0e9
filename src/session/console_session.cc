#include "session/console_session.h"

#include "admin/settings_table.h"
#include "base/log.h"
#include "proto/backend.h"
#include "session/administration.h"

namespace bulkhead::session {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kLongestMessage = 65536;

}  // namespace

ConsoleSession::ConsoleSession(Administration& administration, net::Loop& front, net::Stream stream,
                               auth::Administrator administrator, std::string application_name, CancelKey key)
    : administration_(administration),
      stream_(std::move(stream)),
      administrator_(std::move(administrator)),
      application_name_(std::move(application_name)),
      key_(std::move(key)),
      dialogue_(administrator_.may()),
      patience_(std::make_shared<Patience>(front)) {
  patience_->gone = [this] { return !stream_.is_open() || stream_.hung_up(); };
}

ConsoleSession::~ConsoleSession() {
  patience_->gone = [] { return true; };
}

/// What drivers expect of a server, which they take this for.
void ConsoleSession::welcome() {
  const std::string server_version = "15.0 (" + admin::version() + ")";
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"application_name", application_name_},
           {"client_encoding", "UTF8"},
           {"DateStyle", "ISO, MDY"},
           {"default_transaction_read_only", "off"},
           {"in_hot_standby", "off"},
           {"integer_datetimes", "on"},
           {"IntervalStyle", "postgres"},
           {"is_superuser", "off"},
           {"server_encoding", "UTF8"},
           {"server_version", server_version},
           {"session_authorization", administrator_.name()},
           {"standard_conforming_strings", "on"},
           {"TimeZone", "GMT"}})
    proto::encode(proto::ParameterStatus{name, value}, out_);
  proto::encode(proto::BackendKeyData{key_.process_id, key_.secret}, out_);
  proto::encode(proto::ReadyForQuery{'I'}, out_);
}

asio::awaitable<bool> ConsoleSession::flush() {
  writing_ = true;
  const auto sent = co_await stream_.write_all(out_);
  writing_ = false;
  out_.clear();
  co_return sent.has_value();
}

asio::awaitable<void> ConsoleSession::run() {
  welcome();
  std::string in;
  while (co_await flush() && !dialogue_.ended()) {
    while (!dialogue_.ended()) {
      const auto header = proto::peek_frame(in, proto::Direction::frontend);
      if (!header || (*header && (*header)->frame_length() > kLongestMessage)) {
        end(header ? make_error(sqlstate::program_limit_exceeded, "the message is longer than the console accepts") : header.error());
        co_return;
      }
      if (!*header || in.size() < (*header)->frame_length()) break;
      dialogue_.on_frame(**header, std::string_view(in).substr(0, (*header)->frame_length()));
      in.erase(0, (*header)->frame_length());
      while (const auto* due = dialogue_.due()) {
        auto answer = co_await administration_.run(*due, administrator_.name(), patience_);
        dialogue_.answer(std::move(answer));
      }
      out_ += dialogue_.take();
    }
    if (!out_.empty()) continue;
    if (const auto more = co_await stream_.read_more(in); !more) break;
  }
  stream_.close();
}

void ConsoleSession::follow(const auth::Credentials& credentials) {
  auto now = credentials.renew(administrator_);
  if (!now) return end(now.error());
  administrator_ = std::move(*now);
  dialogue_.use(administrator_.may());
}

void ConsoleSession::cancel() {
  patience_->interrupted = true;
  patience_->wake();
}

admin::Peer ConsoleSession::shown() const {
  return {.user = administrator_.name(),
          .tenant = "bulkhead",
          .state = dialogue_.due() ? "active" : "idle",
          .peer = stream_.peer(),
          .local = stream_.local(),
          .connected = connected_,
          .requested = connected_,
          .tls = stream_.tls() ? stream_.tls()->version() : "",
          .application_name = application_name_,
          .id = static_cast<std::uint64_t>(key_.process_id)};
}

void ConsoleSession::end(const Error& error) {
  if (!stream_.is_open()) return;
  cancel();
  std::string last;
  proto::encode_error(error, "FATAL", last);
  if (!writing_) stream_.write_some(last);  // whether it fits or not
  stream_.close();
}

}  // namespace bulkhead::session
