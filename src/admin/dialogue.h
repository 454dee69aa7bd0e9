#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/command.h"
#include "admin/table.h"
#include "proto/frame.h"

namespace bulkhead::admin {

/// What came of a command. A command that has columns has rows of these.
struct Answer {
  std::string tag;  ///< CommandComplete
  std::vector<Row> rows{};
  std::string notice{};  ///< empty: none
};

/// The console's side of the protocol after login, simple and extended, without sockets: frames in, commands to be run out, bytes for
/// the client. A command is given out only to who may say it: see commands(). Owned by one session, not thread-safe.
///
/// Flow: on_frame() with each whole message; then, as long as due() has one, run that and answer() it; then send take().
class Dialogue {
 public:
  explicit Dialogue(policy::May may) : may_(may) {}

  /// What the administrator may do, from the next command on.
  void use(policy::May may) { may_ = may; }

  /// `frame` is whole and was accepted by peek_frame. Not while something is due.
  void on_frame(proto::FrameHeader header, std::string_view frame);
  /// What is to be run now; null: nothing.
  const Command* due() const { return due_ ? &*due_ : nullptr; }
  void answer(Result<Answer> answer);

  bool ended() const { return ended_; }
  std::string take() { return std::exchange(out_, {}); }

 private:
  struct Portal {
    std::optional<Command> command;  ///< nothing: an empty statement
    Formats formats;
    bool ran = false;
    Answer answer{};
    std::size_t given = 0;  ///< of its rows
  };

  void on_query(std::string_view body);
  void on_parse(std::string_view body);
  void on_bind(std::string_view body);
  void on_describe(std::string_view body);
  void on_execute(std::string_view body);
  void on_close(std::string_view body);
  void next();
  void run(Command command);
  void give(Portal& portal);
  void fail(const Error& error);
  void ready();

  policy::May may_;
  std::string out_;
  std::map<std::string, std::optional<Command>, std::less<>> statements_;
  std::map<std::string, Portal, std::less<>> portals_;
  std::deque<Command> queue_;    ///< of a simple query
  std::optional<Command> due_;
  bool simple_ = false;          ///< what is due is of a simple query
  std::string executing_;        ///< the portal whose command is due
  std::int32_t max_rows_ = 0;    ///< of that Execute
  bool skipping_ = false;        ///< an error of the extended protocol: up to Sync
  bool ended_ = false;
};

}  // namespace bulkhead::admin
