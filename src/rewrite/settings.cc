#include "rewrite/settings.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "rewrite/splice.h"

namespace bulkhead::rewrite {
namespace {

/// Planner choices, timeouts and memory of the session itself. Not the planner's cost constants: with operators
/// that cost nothing a client's condition runs before the tenant's predicate (order_qual_clauses, createplan.c), and its
/// error messages show the rows it sees. Sorted.
constexpr std::string_view kFree[] = {
    "application_name", "check_function_bodies", "client_connection_check_interval", "constraint_exclusion",
    "cursor_tuple_fraction", "default_toast_compression", "default_transaction_deferrable", "default_transaction_isolation",
    "default_transaction_read_only", "effective_cache_size", "effective_io_concurrency", "enable_async_append",
    "enable_bitmapscan", "enable_distinct_reordering", "enable_gathermerge", "enable_group_by_reordering", "enable_hashagg",
    "enable_hashjoin", "enable_incremental_sort", "enable_indexonlyscan", "enable_indexscan", "enable_material",
    "enable_memoize", "enable_mergejoin", "enable_nestloop", "enable_parallel_append", "enable_parallel_hash",
    "enable_partition_pruning", "enable_partitionwise_aggregate", "enable_partitionwise_join", "enable_presorted_aggregate",
    "enable_self_join_elimination", "enable_seqscan", "enable_sort", "enable_tidscan", "escape_string_warning",
    "from_collapse_limit", "geqo", "geqo_effort", "geqo_generations", "geqo_pool_size", "geqo_seed", "geqo_selection_bias",
    "geqo_threshold", "gin_fuzzy_search_limit", "hash_mem_multiplier", "idle_in_transaction_session_timeout", "jit",
    "jit_above_cost", "jit_inline_above_cost", "jit_optimize_above_cost", "join_collapse_limit", "lock_timeout",
    "maintenance_work_mem", "max_parallel_workers", "max_parallel_workers_per_gather", "min_parallel_index_scan_size",
    "min_parallel_table_scan_size", "parallel_leader_participation", "plan_cache_mode", "statement_timeout",
    "synchronize_seqscans", "synchronous_commit", "temp_buffers", "transaction_timeout", "work_mem",
};
static_assert(std::is_sorted(std::begin(kFree), std::end(kFree)));

/// Formats. Constants are read by them when a text is parsed, and functions of constants folded when it is planned. Sorted.
constexpr std::string_view kFormats[] = {
    "array_nulls", "bytea_output", "datestyle", "default_text_search_config", "extra_float_digits", "intervalstyle",
    "lc_monetary", "lc_numeric", "lc_time", "quote_all_identifiers", "timezone", "xmlbinary", "xmloption",
};
static_assert(std::is_sorted(std::begin(kFormats), std::end(kFormats)));

constexpr std::string_view kTransaction[] = {"transaction_deferrable", "transaction_isolation",
                                             "transaction_read_only"};

/// Parameters with few harmless values, and how PostgreSQL spells them. Other values would change how a text is read, whose
/// rights it has, or what the server tells of its own work.
struct Values {
  std::string_view name;
  std::initializer_list<std::string_view> allowed;
  SettingReach reach;
  std::string_view reason;
};
const Values kValues[] = {
    {"client_min_messages", {"notice", "warning", "error", "info"}, SettingReach::session,
     "more than notices would show the server's work for others"},
    {"client_encoding", {"utf8", "utf-8", "unicode"}, SettingReach::none, "statements are judged as UTF-8"},
    {"standard_conforming_strings", {"on", "true", "yes", "1"}, SettingReach::none,
     "strings would be read differently"},
    {"backslash_quote", {"safe_encoding"}, SettingReach::none, "strings would be read differently"},
    {"transform_null_equals", {"off", "false", "no", "0"}, SettingReach::none,
     "comparisons would be read differently"},
    {"row_security", {"on", "true", "yes", "1"}, SettingReach::none, "row-level security stays on"},
    {"session_replication_role", {"origin"}, SettingReach::none, "triggers and rules stay on"},
    // Going back to the login's own rights, which is where the session is, is part of drivers' resets.
    {"role", {"none"}, SettingReach::none, "the session keeps the rights of the server login"},
    {"session_authorization", {}, SettingReach::none, "the session keeps the rights of the server login"},
    {"idle_session_timeout", {"0"}, SettingReach::none, "it would end a server connection that another client has got meanwhile"},
    {"default_tablespace", {""}, SettingReach::none, "objects are not created through Bulkhead"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return out;
}

Error refused(std::string_view name, const std::string& why, std::string hint) {
  return make_error(sqlstate::insufficient_privilege,
                    "parameter \"" + std::string(name) + "\" cannot be changed through Bulkhead: " + why,
                    std::move(hint));
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + list_element(name);
  return out;
}

/// The names of a list as the server reads it (SplitIdentifierString, varlena.c); nothing if it is none.
std::optional<std::vector<std::string>> names_of(std::string_view text) {
  std::vector<std::string> names;
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (at < text.size() && std::string_view(" \t\n\r\v\f").find(text[at]) != std::string_view::npos) ++at;
  };
  for (;;) {
    std::string name;
    skip_spaces();
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at == text.size()) return std::nullopt;
        if (text[at] == '"' && (++at == text.size() || text[at] != '"')) break;
        name += text[at];
      }
    } else {
      const std::size_t end = std::min(text.find_first_of(", \t\n\r\v\f", at), text.size());
      name = lower(text.substr(at, end - at));
      at = end;
    }
    if (name.empty()) return std::nullopt;
    names.push_back(std::move(name));
    skip_spaces();
    if (at == text.size()) return names;
    if (text[at++] != ',') return std::nullopt;
  }
}

bool is_pinned_path(std::string_view value, std::vector<std::string> pinned) {
  const auto names = names_of(value);
  if (names == pinned) return true;
  pinned.push_back("pg_temp");
  return names == pinned;
}

}  // namespace

std::string list_element(std::string_view name) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz_0123456789$";
  const bool plain = !name.empty() && name.find_first_not_of(kPlain) == std::string_view::npos && name[0] > '9';
  return plain ? std::string(name) : quote_name(name);
}

std::optional<std::string> quoted_list(std::string_view value) {
  const auto names = names_of(value);
  if (!names) return std::nullopt;
  std::string out;
  for (const auto& name : *names) out += (out.empty() ? "" : ", ") + quote_name(name);
  return out;
}

std::string fold_setting(std::string_view name) { return lower(name); }

bool is_format(std::string_view name) { return std::binary_search(std::begin(kFormats), std::end(kFormats), name); }

Result<SettingReach> judge_setting(std::string_view name, const std::optional<std::string>& value,
                                   const policy::Tenancy& tenancy) {
  if (name == fold_setting(tenancy.session_variable))
    return refused(name, "it carries the session's organisation",
                   "A session belongs to one organisation; open another session for another one.");
  constexpr std::size_t kLongest = 4096;  // the session keeps it
  if (value && value->size() > kLongest)
    return refused(name, "its value is longer than " + std::to_string(kLongest) + " bytes", "No configuration raises this.");
  if (std::binary_search(std::begin(kFree), std::end(kFree), name) || is_format(name)) return SettingReach::session;
  if (std::find(std::begin(kTransaction), std::end(kTransaction), name) != std::end(kTransaction))
    return SettingReach::transaction;
  if (name == "search_path") {
    if (!value || is_pinned_path(*value, tenancy.search_path)) return SettingReach::session;
    return refused(name, "it is pinned to " + joined(tenancy.search_path), "tenancy: { search_path: […] } sets it for everybody.");
  }
  for (const Values& rule : kValues) {
    if (rule.name != name) continue;
    if (!value) return rule.reach;
    const std::string folded = lower(*value);
    if (std::find(rule.allowed.begin(), rule.allowed.end(), folded) != rule.allowed.end()) return rule.reach;
    return refused(name, std::string(rule.reason), "No configuration allows this value.");
  }
  if (name.find('.') != std::string_view::npos)
    return refused(name, "custom parameters may be what row-level security policies read",
                   "No configuration allows custom parameters yet.");
  return refused(name, "it is not in the list of harmless parameters", "No configuration allows it.");
}

}  // namespace bulkhead::rewrite
