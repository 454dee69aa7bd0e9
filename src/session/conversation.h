#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "copy/stamper.h"
#include "policy/model.h"
#include "pool/backend.h"
#include "pool/recycler.h"
#include "proto/frame.h"
#include "session/cursors.h"
#include "session/judge.h"
#include "session/refusals.h"
#include "session/response_plan.h"
#include "session/server_frames.h"
#include "session/ties.h"

namespace bulkhead::session {

/// What a conversation has brought about since it was last asked.
struct Tally {
  std::uint32_t statements = 0;    ///< ended on a server, well or not
  std::uint32_t transactions = 0;
  std::uint32_t client_parses = 0, server_parses = 0, binds = 0;
};

/// One client's conversation after login, without sockets and clocks: client messages in, server messages in; bytes for
/// either side out; and the answer to "may the server connection go to somebody else now". Owned by its session; the
/// loop's thread only.
///
/// Flow: on_client() with each whole message. If it needs something first (Need), provide that and call again with the
/// same message. on_server() with each message of the leased connection. After either, send take_to_server() and
/// take_to_client(), and give the connection back when releasable().
class Conversation {
 public:
  enum class Need {
    nothing,    ///< the message was taken
    server,     ///< attach() a server connection, or refuse() the message
    catalogue,  ///< have the catalogue read anew, then catalogue_renewed()
    drain,      ///< answers owed must come first: again after the next on_server()
    end,        ///< the client said Terminate
  };

  /// `keeps_server`: session mode. `startup`: the settings of the startup message, which RESET comes back to.
  /// `observed`: mode observe; it must outlive the conversation.
  /// `hides_columns`: the client's role may not see every column (report_filter.h).
  /// `process_id`: what the client was told it is, in place of that of whichever server process works for it.
  Conversation(Judge& judge, const policy::TenantLimits& limits, bool keeps_server, pool::Settings startup,
               std::int32_t process_id = 0, Observed* observed = nullptr, bool hides_columns = false);

  /// Another policy, for what comes next; what is prepared is judged anew when it is used. Only while idle.
  void use(const policy::TenantLimits& limits, bool keeps_server, bool hides_columns);

  /// `frame` is whole, header included, and was accepted by peek_frame. The view is not kept.
  Need on_client(proto::FrameHeader header, std::string_view frame);
  /// Refuses a message: the one on_client() has returned a Need for, or one too long to be given to it.
  void refuse(proto::FrameHeader header, Error error);
  void catalogue_renewed() { catalogue_renewed_ = true; }

  /// The client's rows for a COPY FROM are expected, or soon will be: a CopyData message need not be whole. Give its body
  /// piece by piece; the first answer may be drain.
  bool expects_copy_data() const { return stamper_ || copy_in_due(); }
  Need on_copy_data(std::string_view piece);

  /// `backend` must outlive the attachment.
  void attach(pool::Backend& backend);
  void detach();
  bool attached() const { return backend_ != nullptr; }

  /// Sends this client's settings of the startup message to the attached connection, so that a value the server does
  /// not take is found at login.
  void begin();
  /// Tells the client the parameters, as a server does before its first ReadyForQuery: those of the connection if one is attached, on
  /// which the client's settings are in force; else `usual`, with the startup message's application_name.
  void introduce(const pool::Reported& usual);

  /// An error: the server broke the protocol, or what was ours failed. Neither side can go on; if the error has no
  /// message, the client has been told already.
  Result<void> on_server(proto::FrameHeader header, std::string_view frame);
  /// A piece of a row that is too long to be held.
  Result<void> on_server_piece(std::string_view piece);

  /// Nothing is owed, no transaction is open, and nothing ties this client to its connection.
  bool releasable() const;
  /// The same, but for what ties it: nothing that has begun is under way on the attached connection.
  bool at_rest() const;
  /// What comes next belongs to what has been begun before it: a batch without its Sync, or rows for a COPY.
  bool batch_open() const { return unsynced_ || skip_ != Skip::no || expects_copy_data() || observed_; }
  /// The server waits for rows of the client's.
  bool awaits_rows() const { return stamper_ != nullptr; }
  bool answers_owed() const { return !plan_.empty() || passed_ > 0; }
  /// What a cancel request would stop: nothing that is the client's; what the client waits for; or a statement of ours that goes
  /// before the client's, which it must not meet.
  enum class Running { nothing, theirs, ours };
  Running running() const;
  bool observing() const { return observed_ != nullptr; }
  /// Another number as soon as a statement has come to its end, or a transaction: what runs while it is the same is the same.
  std::uint64_t statements_ended() const { return statements_ended_; }
  std::uint64_t transactions_ended() const { return transactions_ended_; }
  /// Statements that were sent to a server so far.
  std::uint64_t statements_sent() const { return statements_sent_; }
  Tally take_tally() { return std::exchange(tally_, {}); }
  /// Statements that are refused are counted there, too; it must outlive the conversation.
  void count_refusals(Refusals& refusals) { refusals_ = &refusals; }
  /// What the client has set, as far as is known; and the statements it has prepared under names.
  const pool::Settings& settings() const { return settings_; }
  std::size_t prepared() const { return statements_ ? statements_->size() : 0; }
  /// A batch, or string of statements, is sent when the one before has been answered whole, so that a cancel request for what runs
  /// can meet nothing else. In mode observe messages pass as they come.
  void one_batch_at_a_time(bool yes) { one_batch_ = yes; }
  /// What runs has had its time. True: send a cancel request; it then fails with `error`. False: it was a COPY that waits for rows,
  /// which ends here and now.
  bool expire(Error error);
  bool in_transaction() const { return backend_ && backend_->status != 'I'; }
  /// A transaction, or a batch that has not been ended by Sync: the connection serves nobody else meanwhile.
  bool holds_open() const { return in_transaction() || (backend_ && unsynced_); }
  bool idle() const { return plan_.empty(); }
  /// Makes the server give what it holds back of a batch that has not been ended, as it may at any time by itself: the
  /// manual ("Message Flow", "Extended Query") leaves open when answers come before a Sync or Flush.
  void flush_batch();
  /// What has to be undone on the attached connection if the client leaves now and no answer is owed.
  pool::Undo undo() const {
    return {.skipping = skip_ == Skip::server,
            .transaction = in_transaction() || unsynced_,
            .session = ties_.tied() || !unsettled_.empty() || !unsure_.empty(),
            .timeouts = backend_ && pool::hurried(backend_->settings)};
  }

  std::string take_to_server() { return to_server_.take(); }
  std::string take_to_client() { return std::exchange(to_client_, {}); }
  bool has_output() const { return !to_server_.empty() || !to_client_.empty(); }
  void say(const Error& error, std::string_view severity);

 private:
  using Statements = std::unordered_map<std::string, JudgementPtr>;
  enum class Skip { no, own, server };  ///< who swallows messages until Sync: a refusal of ours, or the server

  // client_messages.cc
  Need on_query(std::string_view body);
  Need on_sync(std::string_view body);
  Need on_flush(std::string_view body);
  Result<std::string_view> deallocate(const rewrite::Effects& effects);
  /// Why a write may not run at its cursor; in a failed transaction nothing may, and PostgreSQL looks for no cursor.
  std::optional<Error> cursor_refusal(const Judgement& judgement) const;
  std::optional<Need> obtain(std::string_view text, std::string_view types, rewrite::Protocol protocol, JudgementPtr& out);
  JudgementPtr in_startup_values(JudgementPtr judgement);
  bool may_have_temporary() const;
  const std::string& formats();
  void count_refusal(const Error& error, std::string_view text);
  void refuse_simple(Error error);
  void refuse_extended(Error error);
  bool alone() const;
  /// As far as it is known: nothing is owed and no batch is open that may have ended it.
  bool in_failed_transaction() const { return plan_.readies() == 0 && !may_have_ended_ && backend_ && backend_->status == 'E'; }
  bool transaction_in_doubt() const;
  Need drain();
  PlanEntry& send_sync();
  void ends_batch();
  void note_sending(const Judgement& judgement);
  void reconcile();
  void restore_startup();
  void send_settings(const pool::Settings& from, const pool::Settings& to);
  PlanEntry& expect(Expect what) { return plan_.push(PlanEntry(what)); }
  PlanEntry& expect_query();
  std::optional<Need> cannot_answer();
  void answer_in_turn(std::string frames, PlanEntry entry);

  // prepared_statements.cc
  Need on_parse(std::string_view body);
  std::optional<Error> name_taken(std::string_view name, const Judgement& judgement);
  void add_statement(std::string_view name, JudgementPtr judgement, std::string answer, int place);
  void refused_unnamed();
  bool room_for(const Judgement& judgement);
  bool name_in_doubt(std::string_view name) const;
  std::optional<Need> usable_statement(std::string_view name, JudgementPtr& out);
  bool is_prepared(const Judgement& judgement, bool unnamed) const;
  std::optional<Error> miscounted(const Judgement& judgement, bool unnamed, std::string_view name, std::size_t given) const;
  std::string prepare(const JudgementPtr& judgement, bool unnamed);
  bool must_wait_to_prepare(const Judgement& judgement) const;
  std::unordered_set<std::uint64_t> executed_by_portals() const;
  void prepare_on_server(const JudgementPtr& judgement, PlanEntry entry);

  // portals.cc
  /// What a message sent now would find under a portal's name.
  struct Portal {
    bool known = true;     ///< false: ask again when the answers owed have come
    bool exists = false;
    JudgementPtr runs = nullptr;  ///< null if it does not exist, and for a cursor made by DECLARE
  };
  Need on_bind(std::string_view body);
  Need on_describe(std::string_view body);
  Need on_execute(std::string_view body);
  Need on_close(std::string_view body);
  Portal portal(std::string_view name) const;

  // sql_statements.cc: PREPARE, EXECUTE and DEALLOCATE in SQL
  Need run_in_pieces(JudgementPtr whole);
  std::optional<Error> run_piece(const JudgementPtr& whole, std::size_t index, Cursors& then);
  void run_as_simple(const JudgementPtr& judgement, int place);
  void close_unnamed_portal();
  std::optional<Error> prepare_in_sql(const Judgement& judgement, const rewrite::PrepareInSql& prepare);
  Result<JudgementPtr> executing(const Judgement& judgement, const rewrite::ExecuteInSql& execute);
  std::optional<Error> forget_in_turn(const std::string& name);

  // server_messages.cc
  Result<void> on_error(std::string_view frame);
  Result<void> on_ready(std::string_view frame);
  Result<void> on_command_complete(std::string_view frame);

  // copy_messages.cc
  bool copy_in_due() const;
  Result<void> on_copy_out(char type, std::string_view frame);
  Result<void> on_copy_in(std::string_view frame);
  void on_copy_message(proto::FrameHeader header, std::string_view body);
  void fail_copy(Error error);

  // passage.cc: mode observe
  Need pass(proto::FrameHeader header, std::string_view frame);
  Result<void> on_passed(proto::FrameHeader header, std::string_view frame);

  // server_messages.cc
  Result<void> pop_head();
  void forward(std::string_view frame);
  template <class Message>
  Result<void> forward_report(Message report, std::string_view frame);
  void distrust(const PlanEntry& failed, std::string_view sqlstate);
  void discard_to_sync();
  void undo(PlanEntry& entry, bool failed, JudgementPtr& unnamed);
  void give_due_answers();
  void settle_portal(PlanEntry& entry);
  void apply(const rewrite::Effects& effects);
  void apply(const rewrite::SettingChange& change);
  void note(const rewrite::SettingChange& change);
  void settle_changes();
  void settle_settings();
  void tell_parameters();
  std::optional<std::string_view> own_value(std::string_view name, std::string_view reported) const;
  void untold();
  void lose_track();
  void ask_for_unsure();
  Result<void> on_shown(std::string_view frame);
  void ask_for_ties();
  Result<void> on_notification(std::string_view frame);

  Judge& judge_;
  const policy::TenantLimits* limits_;
  pool::Backend* backend_ = nullptr;
  ResponsePlan plan_;
  ServerFrames to_server_;
  std::string to_client_;

  std::unique_ptr<copy::Stamper> stamper_;  ///< while the client's rows are expected
  bool ignored_sync_ = false;  ///< the last message of the client since then was a Sync

  JudgementPtr pending_;  ///< judged, and waiting for a server
  std::unique_ptr<Statements> statements_;  ///< named ones; null while there are none
  std::size_t statement_bytes_ = 0;         ///< at least what their texts take
  JudgementPtr unnamed_;
  JudgementPtr unnamed_portal_;  ///< what it was bound to, as the server has said; those with names are in cursors_

  pool::Settings startup_;
  pool::Settings settings_;                         ///< what this client has set, startup_ included
  std::vector<rewrite::SettingChange> unsettled_;   ///< made by statements whose transaction is still open
  std::vector<std::string> unsure_;  ///< settings whose value only the server knows, to be asked when the transaction ends

  std::uint64_t batch_ = 1;  ///< counts Syncs and Queries sent; what an earlier batch has changed may yet be discarded
  Skip skip_ = Skip::no;
  bool unsynced_ = false;    ///< extended messages were sent after the last Sync
  bool may_have_ended_ = false;  ///< one of them may end a transaction that has failed
  bool keeps_server_;
  Ties ties_;
  Cursors cursors_;
  std::int32_t process_id_;
  bool catalogue_renewed_ = false;
  bool discards_ = false;    ///< DISCARD ALL or DEALLOCATE ALL was sent last
  bool sets_ = false;        ///< what changes settings was sent, on which what comes behind it may depend
  bool local_default_ = false;  ///< SET LOCAL … TO DEFAULT has run in the transaction
  std::uint64_t untold_ = 0;  ///< not 0, and no other session's: settings hold until the transaction ends that only the server knows
  std::optional<std::string> formats_;  ///< see formats(); nothing: to be made anew
  Observed* observed_;
  bool hides_columns_;
  std::uint64_t statements_ended_ = 0, transactions_ended_ = 0, statements_sent_ = 0;
  Tally tally_;
  Refusals* refusals_ = nullptr;
  std::unique_ptr<Error> expired_;  ///< why a cancel request of ours is under way
  bool one_batch_ = false;
  std::size_t passed_ = 0;   ///< ReadyForQuery messages owed for what was passed on unjudged
  pool::Reported told_;  ///< what the client knows of the server's parameters
  pool::Reported born_;  ///< what it was told first: what RESET comes back to
};

}  // namespace bulkhead::session
