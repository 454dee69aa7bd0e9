#include "app/verdict_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace bulkhead::app {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The byte at which character `position`, counted from 1, begins; the text's end if it has fewer.
std::size_t byte_of(std::string_view text, int position) {
  int seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (!continues_character(text[at]) && ++seen == position) return at;
  return text.size();
}

/// "LINE 2: …" and a caret below the place.
std::string point_at(std::string_view text, int position) {
  const auto at = byte_of(text, position);
  const auto before = text.substr(0, at);
  const auto line_break = before.rfind('\n');
  const auto begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  const auto line = text.substr(begin, text.find('\n', at) - begin);
  const auto number = std::count(before.begin(), before.end(), '\n') + 1;
  std::string out = "LINE " + std::to_string(number) + ": ";
  std::string caret(out.size(), ' ');
  for (const char c : text.substr(begin, at - begin))
    if (!continues_character(c)) caret += c == '\t' ? '\t' : ' ';
  return out + std::string(line) + "\n" + caret + "^\n";
}

std::string refusal(std::string_view sql, const Error& error) {
  std::string out = "ERROR:  " + std::string(error.state.text()) + ": " + error.message + "\n";
  if (error.position > 0) out += point_at(sql, error.position);
  if (!error.detail.empty()) out += "DETAIL:  " + error.detail + "\n";
  if (!error.hint.empty()) out += "HINT:  " + error.hint + "\n";
  out.pop_back();
  return out;
}

/// A note may quote the client's text: nothing of it may leave the comment.
std::string comment(std::string note) {
  std::replace_if(note.begin(), note.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return "-- " + note + "\n";
}

}  // namespace

std::string verdict_as_text(std::string_view sql, const rewrite::Verdict& verdict) {
  if (const auto* rejected = std::get_if<rewrite::Rejected>(&verdict)) return refusal(sql, rejected->error);
  const auto& rewritten = std::get<rewrite::Rewritten>(verdict);
  std::string out;
  for (const auto& note : rewritten.notes) out += comment(note);
  for (const auto& guard : rewritten.guards)
    out += comment("Bind checks that $" + std::to_string(guard.parameter) + ", for " + guard.column + ", is " + guard.value);
  if (rewritten.edits.empty()) out += comment("unchanged");
  out += rewritten.sql.text();
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

std::string verdict_as_json(std::string_view sql, const rewrite::Verdict& verdict) {
  nlohmann::ordered_json json;
  json["sql"] = sql;
  if (const auto* rejected = std::get_if<rewrite::Rejected>(&verdict)) {
    const auto& error = rejected->error;
    json["verdict"] = "refused";
    json["error"] = {{"sqlstate", error.state.text()},
                     {"message", error.message},
                     {"detail", error.detail},
                     {"hint", error.hint},
                     {"position", error.position}};
  } else {
    const auto& rewritten = std::get<rewrite::Rewritten>(verdict);
    json["verdict"] = rewritten.edits.empty() ? "unchanged" : "rewritten";
    json["text"] = rewritten.sql.text();
    auto& statements = json["statements"] = nlohmann::ordered_json::array();
    for (const auto& statement : rewritten.statements) statements.push_back(statement.kind);
    auto& edits = json["edits"] = nlohmann::ordered_json::array();
    for (const auto& edit : rewritten.edits)
      edits.push_back({{"offset", edit.offset}, {"length", edit.length}, {"text", edit.text}});
    json["notes"] = rewritten.notes;
    auto& guards = json["guards"] = nlohmann::ordered_json::array();
    for (const auto& guard : rewritten.guards)
      guards.push_back({{"parameter", guard.parameter}, {"type", guard.type}, {"value", guard.value}});
  }
  // The client's bytes need not be UTF-8, JSON has to be.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace bulkhead::app
