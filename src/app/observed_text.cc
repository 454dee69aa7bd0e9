#include "app/observed_text.h"

#include <algorithm>
#include <vector>

namespace bulkhead::app {
namespace {

using session::Observed;
using session::ObservedShape;

template <class Words>
std::string list(const Words& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

int rank(const ObservedShape& shape) {
  constexpr std::string_view kOrder[] = {"refused", "unparsable", "rewritten", "unchanged"};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), shape.verdict) - std::begin(kOrder));
}

std::string describe(const ObservedShape& shape) {
  std::string tenants;
  for (const auto& [name, count] : shape.tenants)
    tenants += (tenants.empty() ? "" : ", ") + name + " (" + std::to_string(count) + ")";
  std::string out = std::to_string(shape.count) + " x " + shape.verdict + "\n  " + shape.shape + "\n";
  if (!shape.becomes.empty()) out += "  becomes: " + shape.becomes + "\n";
  if (!shape.reason.empty()) out += "  reason:  " + shape.sqlstate + ": " + shape.reason + "\n";
  if (!shape.hint.empty()) out += "  hint:    " + shape.hint + "\n";
  return out + "  tenants: " + tenants + "; users: " + list(shape.users) + "\n";
}

/// A part of a name as a configuration writes it: as in SQL, if it is not lower case.
std::string part(const std::string& name) {
  const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (plain) return name;
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// A YAML scalar.
std::string scalar(const policy::QualifiedName& name) {
  const std::string text = part(name.schema) + "." + part(name.name);
  if (text.find('"') == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

bool printable(const policy::QualifiedName& name) {
  const auto fine = [](const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  };
  return fine(name.schema) && fine(name.name);
}

bool opens(const rewrite::Named& named) { return named.column.empty() || named.view || !named.secured; }

std::string table_line(const policy::QualifiedName& name, const rewrite::Named& named) {
  const std::string key = "  " + scalar(name) + ": ";
  const std::string what = list(named.actions);
  if (named.listed) return "  # " + scalar(name) + ": has a line in the configuration (" + what + ")\n";
  if (!opens(named)) return key + "{ access: tenant }  # " + what + "\n";
  const std::string alone = named.secured ? "" : ", without_row_security: accept";
  if (named.view && !named.column.empty())
    return "#?" + key + "{ access: tenant" + alone + " }  # a view (" + what + "): is each of its rows made of one organisation's rows?\n";
  if (!named.column.empty())
    return "#?" + key + "{ access: tenant" + alone + " }  # no row-level security policy (" + what +
           "): better give it one, or are clients trusted not to try?\n";
  const bool read = std::all_of(named.actions.begin(), named.actions.end(), [](const std::string& action) {
    return action == "select" || action == "copy" || action == "explain";
  });
  if (read) return "#?" + key + "{ access: shared }  # no tenant column (" + what + "): may every organisation read every row?\n";
  return "  # " + scalar(name) + ": no tenant column, and written (" + what + "): refused until it has one\n";
}

}  // namespace

std::string observed_report(const Observed::Seen& seen) {
  std::vector<const ObservedShape*> shapes;
  std::uint64_t total = 0;
  for (const auto& [key, shape] : seen.shapes) {
    shapes.push_back(&shape);
    total += shape.count;
  }
  std::stable_sort(shapes.begin(), shapes.end(), [](const auto* a, const auto* b) {
    return rank(*a) != rank(*b) ? rank(*a) < rank(*b) : a->count > b->count;
  });
  std::string out = std::to_string(total) + " statements of " + std::to_string(shapes.size()) + " shapes\n";
  for (const auto* shape : shapes) out += "\n" + describe(*shape);
  for (const auto& [tenant, count] : seen.other)
    out += "\n" + std::to_string(count) + " x other, of " + tenant + ": there was no place for more shapes\n";
  return out;
}

std::string observed_policy(const Observed::Seen& seen) {
  std::map<policy::QualifiedName, rewrite::Named> relations;
  std::set<policy::QualifiedName> functions;
  std::set<std::string> actions;  // of users without a role
  bool ddl = false, roles = false;
  for (const auto& [key, shape] : seen.shapes) {
    ddl = ddl || shape.names.ddl;
    functions.insert(shape.names.functions.begin(), shape.names.functions.end());
    for (const auto& [name, named] : shape.names.relations) {
      auto& known = relations[name];
      known.actions.insert(named.actions.begin(), named.actions.end());
      known.column = named.column;
      known.view = named.view;
      known.listed = named.listed;
      known.secured = named.secured;
      if (shape.default_role) actions.insert(named.actions.begin(), named.actions.end());
    }
    roles = roles || !shape.roles.empty();
  }
  std::string out =
      "# What was observed, to be added to the configuration. A line that begins with #? opens something: answer its question,\n"
      "# then take the mark away. `bulkhead check` reads the result.\n";
  std::string tables, open;
  for (const auto& [name, named] : relations)
    if (printable(name)) tables += table_line(name, named);
  const bool any = std::any_of(relations.begin(), relations.end(), [](const auto& relation) {
    return printable(relation.first) && !relation.second.listed && !opens(relation.second);
  });
  if (!tables.empty()) out += "\n" + std::string(any ? "" : "#?") + "tables:\n" + tables;
  for (const auto& name : functions)
    if (printable(name)) open += "#?    - " + scalar(name) + "  # what does it read and write, and as whom?\n";
  if (!open.empty()) out += "\n#?functions:\n#?  allow:\n" + open;
  if (!actions.empty() && !roles) out += "\nroles:\n  owner: { allow: [" + list(actions) + "] }  # all that users without a role did\n";
  if (ddl) out += "\n# Statements that change the schema were seen: they are refused, run them past Bulkhead.\n";
  return out;
}

}  // namespace bulkhead::app
