#include "rewrite/copy_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>

namespace bulkhead::rewrite {
namespace {

using ast::Kind;
using ast::Node;
namespace f = ast::f;

CopyOptionError wrong(SqlState state, std::string message, std::string hint, Node option) {
  return {make_error(state, std::move(message), std::move(hint)), option.get(f::DefElem::location)};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return out;
}

/// An option's value in words, as defGetString (define.c) gives it; nothing for a list, a star or none.
std::optional<std::string> word(Node value) {
  if (value.is(Kind::String)) return std::string(value.get(f::String::sval));
  if (value.is(Kind::Integer)) return std::to_string(value.get(f::Integer::ival));
  if (value.is(Kind::Float)) return std::string(value.get(f::Float::fval));
  if (value.is(Kind::Boolean)) return value.get(f::Boolean::boolval) ? "true" : "false";
  return std::nullopt;
}

/// As defGetCopyHeaderChoice (copy.c) and defGetBoolean read it; nothing: neither on, off nor match.
std::optional<copy::Header> header_choice(Node value) {
  if (!value) return copy::Header::line;
  const std::string text = lower(word(value).value_or("?"));
  if (text == "true" || text == "on" || text == "1") return copy::Header::line;
  if (text == "false" || text == "off" || text == "0") return copy::Header::none;
  if (text == "match") return copy::Header::match;
  return std::nullopt;
}

bool is_utf8(const std::string& name) {
  std::string letters;  // as clean_encoding_name (encnames.c)
  for (const char c : lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters.push_back(c);
  return letters == "utf8" || letters == "unicode";
}

}  // namespace

CopyOptionsResult read_copy_options(ast::ListView options, bool from) {
  CopyOptions out;
  std::set<std::string_view> seen;
  std::optional<std::string> delimiter, null, quote, escape;
  for (const Node option : options) {
    const auto name = option.get(f::DefElem::defname);
    const Node value = option.get(f::DefElem::arg);
    if (!seen.insert(name).second)
      return wrong(sqlstate::syntax_error, "conflicting or redundant options", {}, option);
    if (name == "format") {
      const auto text = word(value).value_or("");
      if (text == "csv")
        out.format.kind = copy::Kind::csv;
      else if (text == "binary")
        out.format.kind = copy::Kind::binary;
      else if (text != "text")
        return wrong(sqlstate::invalid_parameter_value, "COPY format \"" + text + "\" not recognized", {}, option);
    } else if (name == "header") {
      const auto choice = header_choice(value);
      if (!choice || (*choice == copy::Header::match && !from))
        return wrong(sqlstate::invalid_parameter_value, "this value of HEADER is not supported through Bulkhead",
                     "Write HEADER true, false or, for COPY FROM, match.", option);
      out.format.header = *choice;
    } else if (name == "freeze") {
      out.freeze = option.get(f::DefElem::location);
    } else if (name == "encoding") {
      if (!is_utf8(word(value).value_or("")))
        return wrong(sqlstate::feature_not_supported, "COPY through Bulkhead is in UTF-8 only",
                     "Leave ENCODING out, or write ENCODING 'UTF8'.", option);
    } else if (name == "delimiter" || name == "null" || name == "quote" || name == "escape") {
      const auto text = word(value);
      if (!text) return wrong(sqlstate::syntax_error, std::string(name) + " requires a parameter", {}, option);
      if (name != "null" && text->size() != 1)
        return wrong(sqlstate::feature_not_supported,
                     "COPY " + std::string(name) + " must be a single one-byte character", {}, option);
      (name == "delimiter" ? delimiter : name == "null" ? null : name == "quote" ? quote : escape) = *text;
    } else if (name == "force_quote" || name == "force_not_null" || name == "force_null") {
      if (!value.is(Kind::List) && !(name == "force_quote" && value.is(Kind::A_Star)))
        return wrong(sqlstate::invalid_parameter_value,
                     "argument to option \"" + std::string(name) + "\" must be a list of column names", {}, option);
      if (value.is(Kind::List) && name != "force_quote")
        for (const Node column : value.list()) out.force_null.push_back(ast::string_of(column));
    } else {
      return wrong(sqlstate::feature_not_supported,
                   "option \"" + std::string(name) + "\" of COPY is not supported through Bulkhead",
                   "No configuration allows it yet.", option);
    }
  }
  const bool csv = out.format.kind == copy::Kind::csv;
  out.format.delimiter = delimiter ? delimiter->front() : csv ? ',' : '\t';
  out.format.null = null.value_or(csv ? "" : "\\N");
  out.format.quote = quote ? quote->front() : '"';
  out.format.escape = escape ? escape->front() : out.format.quote;
  return out;
}

}  // namespace bulkhead::rewrite
