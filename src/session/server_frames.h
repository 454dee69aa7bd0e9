#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pool/backend.h"
#include "proto/frontend.h"
#include "rewrite/verdict.h"

namespace bulkhead::session {

/// The right to send what nobody has judged. Only Observed gives it, and there is one in mode observe alone.
class Unconfined {
  friend class Observed;
  Unconfined() = default;
};

/// What goes to the server, and the only maker of it: SQL enters as RewrittenSql or as one of our own fixed texts, the
/// rest names statements and portals. Text of a client's has no way in that has not been judged, but in mode observe. Bytes
/// pile up in order until take().
class ServerFrames {
 public:
  void query(const rewrite::RewrittenSql& sql);
  void parse(std::string_view name, const rewrite::RewrittenSql& sql, std::string_view types);
  void bind(std::string_view portal, std::string_view statement, std::string_view rest);
  void describe(char kind, std::string_view name);
  void execute(std::string_view portal, std::int32_t max_rows);
  void close(char kind, std::string_view name);
  void sync();
  void flush();
  /// Rows of a COPY FROM as a copy::Stamper has made them.
  void copy_data(std::string_view rows);
  void copy_done();
  void copy_fail(std::string_view why);

  /// Stands in for a refused Query or Parse where the server has to fail as PostgreSQL would have at that place: open
  /// transactions abort, pipelines skip to their Sync. The client sees our error in place of the server's.
  void failing_query();
  void failing_parse();
  /// SET and RESET that turn `from` into `to`, as one Query. Both hold names the rewriter's table of settings allows.
  void settings(const pool::Settings& from, const pool::Settings& to);
  /// SHOW for each of these settings, as one Query.
  void show(const std::vector<std::string>& names);

  /// Ties::kQuestion, as one Query.
  void ties();

  /// A message as its client wrote it. Nothing confines it: only mode observe has the permit.
  void pass(Unconfined, std::string_view frame) { out_.append(frame); }

  bool empty() const { return out_.empty(); }
  std::string take() { return std::exchange(out_, {}); }

 private:
  std::string out_;
};

}  // namespace bulkhead::session
