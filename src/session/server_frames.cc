#include "session/server_frames.h"

#include "rewrite/settings.h"
#include "session/ties.h"

namespace bulkhead::session {
namespace {

/// A syntax error in every state of a session, so that it fails the same in an aborted transaction.
constexpr std::string_view kRefusedText = "refused by bulkhead";
constexpr std::string_view kRefusedName = "bulkhead_refused";

void append_quoted(std::string& out, std::string_view text, char quote) {
  out.push_back(quote);
  for (const char c : text) {
    if (c == quote) out.push_back(quote);
    out.push_back(c);
  }
  out.push_back(quote);
}

}  // namespace

void ServerFrames::query(const rewrite::RewrittenSql& sql) { proto::encode(proto::Query{sql.text()}, out_); }

void ServerFrames::parse(std::string_view name, const rewrite::RewrittenSql& sql, std::string_view types) {
  proto::encode_parse_renamed(name, sql.text(), types, out_);
}

void ServerFrames::bind(std::string_view portal, std::string_view statement, std::string_view rest) {
  proto::encode_bind_renamed(portal, statement, rest, out_);
}

void ServerFrames::describe(char kind, std::string_view name) { proto::encode(proto::Describe{kind, name}, out_); }

void ServerFrames::execute(std::string_view portal, std::int32_t max_rows) {
  proto::encode(proto::Execute{portal, max_rows}, out_);
}

void ServerFrames::close(char kind, std::string_view name) { proto::encode(proto::Close{kind, name}, out_); }
void ServerFrames::sync() { proto::encode(proto::Sync{}, out_); }
void ServerFrames::flush() { proto::encode(proto::Flush{}, out_); }

void ServerFrames::copy_data(std::string_view rows) { proto::encode(proto::CopyData{rows}, out_); }
void ServerFrames::copy_done() { proto::encode(proto::CopyDone{}, out_); }
void ServerFrames::copy_fail(std::string_view why) { proto::encode(proto::CopyFail{why}, out_); }

void ServerFrames::failing_query() { proto::encode(proto::Query{kRefusedText}, out_); }

// Under a name: a Parse of the unnamed statement would destroy the one there is even if it fails (exec_parse_message).
void ServerFrames::failing_parse() { proto::encode(proto::Parse{kRefusedName, kRefusedText, {}}, out_); }

void ServerFrames::settings(const pool::Settings& from, const pool::Settings& to) {
  std::string sql;
  for (const auto& [name, value] : from) {
    if (to.contains(name)) continue;
    sql += "RESET ";
    append_quoted(sql, name, '"');
    sql += ';';
  }
  for (const auto& [name, value] : to) {
    if (const auto now = from.find(name); now != from.end() && now->second == value) continue;
    if (name == "datestyle") sql += "RESET \"datestyle\";";  // half a value is put on top of what is in force (check_datestyle, variable.c)
    sql += "SET ";
    append_quoted(sql, name, '"');
    sql += " TO ";
    // standard_conforming_strings is pinned on: doubling the quote is all the escaping there is.
    if (name == "search_path")
      sql += rewrite::quoted_list(value).value_or("DEFAULT");
    else
      append_quoted(sql, value, '\'');
    sql += ';';
  }
  proto::encode(proto::Query{sql}, out_);
}

void ServerFrames::ties() { proto::encode(proto::Query{Ties::kQuestion}, out_); }

void ServerFrames::show(const std::vector<std::string>& names) {
  std::string sql;
  for (const auto& name : names) {
    sql += "SHOW ";
    append_quoted(sql, name, '"');
    sql += ';';
  }
  proto::encode(proto::Query{sql}, out_);
}

}  // namespace bulkhead::session
