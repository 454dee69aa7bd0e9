#pragma once

#include <map>
#include <string>
#include <string_view>

#include "rewrite/verdict.h"

namespace bulkhead::session {

/// What ties a client to its server connection beyond a transaction: channels it listens to, advisory locks, cursors WITH
/// HOLD, temporary tables. That there may be some is known from the statements; that there are none any more only the
/// server knows, so when something may have come loose it is asked, between transactions. Owned by a conversation, for one attachment.
class Ties {
 public:
  bool tied() const { return tied_; }
  /// It has made a temporary table, and may still have it.
  bool temporary() const { return temporary_; }
  /// The statement has run, whatever becomes of its transaction.
  void ran(const rewrite::Effects& effects);
  /// An error: what the statement (null: none ran) has locked before stays locked, what the transaction did is undone.
  void failed(const rewrite::Effects* effects);
  /// Something of it may be gone: it was given back, or its transaction was.
  void loosen() { loose_ = loose_ || tied_; }
  void clear() { *this = {}; }

  /// The server is to be asked, with kQuestion, as soon as no transaction is open.
  bool in_doubt() const { return tied_ && loose_; }
  /// Gives a row exactly if something is left.
  static constexpr std::string_view kQuestion =
      "SELECT 1 FROM pg_catalog.pg_listening_channels() UNION ALL "
      "SELECT 1 FROM pg_catalog.pg_cursors WHERE is_holdable UNION ALL "
      "SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema() UNION ALL "
      "SELECT 1 FROM pg_catalog.pg_locks WHERE locktype OPERATOR(pg_catalog.=) 'advisory'::pg_catalog.text "
      "AND pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() LIMIT 1";
  void asked() { loose_ = false; }
  void answered(bool something_left);

  /// What this client calls a channel of the server's; null: it never listened to it.
  const std::string* name_of(std::string_view channel) const;

 private:
  bool tied_ = false;
  bool loose_ = false;
  bool temporary_ = false;
  std::map<std::string, std::string, std::less<>> channels_;  ///< all it ever listened to, by their names on the server
};

}  // namespace bulkhead::session
