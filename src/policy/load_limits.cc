#include <algorithm>

#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

void read_count(const yaml::Node* node, Report& report, long least, long most, int& out) {
  long number = 0;
  if (node && read_integer(*node, report, least, most, number)) out = static_cast<int>(number);
}

void read_timeout(const yaml::Node* node, Report& report, Duration& out) {
  if (node) read_duration(*node, report, Duration(0), out);
}

void read_bounds(Fields& fields, Report& report, PoolBounds& bounds) {
  constexpr long kMost = 10'000;
  const auto* size = fields.take("size");
  const auto* minimum = fields.take("minimum");
  read_count(size, report, 1, kMost, bounds.size);
  read_count(minimum, report, 0, kMost, bounds.minimum);
  read_count(fields.take("reserve"), report, 0, kMost, bounds.reserve);
  read_timeout(fields.take("reserve_after"), report, bounds.reserve_after);
  read_count(fields.take("weight"), report, 1, 1'000, bounds.weight);
  read_timeout(fields.take("idle_timeout"), report, bounds.idle_timeout);
  read_timeout(fields.take("lifetime"), report, bounds.lifetime);
  const auto* at = minimum ? minimum : size;
  if (bounds.minimum <= bounds.size || !at) return;
  report.at(*at, "a minimum of " + std::to_string(bounds.minimum) + " is more than the size of the pool (" +
                     std::to_string(bounds.size) + ")");
}

}  // namespace

void load_pool(const yaml::Node* node, Loading& loading) {
  auto& pool = loading.policy.pool;
  Fields fields(node, loading.report);
  if (const auto* mode = fields.take("mode"))
    read_choice<PoolMode>(*mode, loading.report,
                          {{"transaction", PoolMode::transaction}, {"session", PoolMode::session}}, pool.mode);
  read_bounds(fields, loading.report, pool.each);
}

void load_pool_of_tenant(const yaml::Node* node, Loading& loading, PoolBounds& bounds) {
  bounds = loading.policy.pool.each;
  Fields fields(node, loading.report);
  read_bounds(fields, loading.report, bounds);
}

namespace {

void read_timeouts(Fields& fields, Report& report, Timeouts& timeouts) {
  read_timeout(fields.take("queue_timeout"), report, timeouts.queue);
  read_timeout(fields.take("statement_timeout"), report, timeouts.statement);
  read_timeout(fields.take("transaction_timeout"), report, timeouts.transaction);
  read_timeout(fields.take("idle_in_transaction"), report, timeouts.idle_in_transaction);
  read_timeout(fields.take("client_idle"), report, timeouts.client_idle);
}

constexpr long kMostClients = 1'000'000;
constexpr long kMostPerSecond = 1'000'000;
constexpr std::size_t kKiB = 1u << 10, kGiB = 1u << 30, kMostMemory = std::size_t{1} << 40;

/// Room for `least` bytes, or a finding at the line that gives less; without a line it grows to that.
void read_memory(const yaml::Node* node, Report& report, std::size_t least, const std::string& what, std::size_t& out) {
  if (!node)
    out = std::max(out, least);
  else if (read_size(*node, report, kKiB, kMostMemory, out) && out < least) {
    report.at(*node, "found " + node->found() + ", which is less than " + what + " (" + std::to_string(least) + ")");
    out = least;
  }
}

void read_each(Fields& fields, const yaml::Node* clients, const yaml::Node* memory, Report& report,
               TenantLimits& limits) {
  read_count(clients, report, 1, kMostClients, limits.clients);
  read_count(fields.take("queue"), report, 0, 1'000'000, limits.queue);
  read_timeouts(fields, report, limits.timeouts);
  read_count(fields.take("statements"), report, 0, 10'000, limits.statements);
  read_count(fields.take("statements_per_second"), report, 0, kMostPerSecond, limits.statements_per_second);
  if (const auto* bytes = fields.take("bytes_per_second")) read_size(*bytes, report, 0, kGiB, limits.bytes_per_second);
  read_timeout(fields.take("message_timeout"), report, limits.message_timeout);
  if (const auto* size = fields.take("statement_size")) read_size(*size, report, kKiB, kGiB - 1, limits.statement_size);
  if (const auto* size = fields.take("message_size")) read_size(*size, report, kKiB, kGiB - 1, limits.message_size);
  // The longest message has to fit, or it would wait for room for ever.
  read_memory(memory, report, longest_message(limits), "one message may take", limits.message_memory);
}

}  // namespace

void load_limits(const yaml::Node* node, Loading& loading) {
  auto& limits = loading.policy.limits;
  Report& report = loading.report;
  Fields fields(node, report);
  read_count(fields.take("clients"), report, 1, kMostClients, limits.clients);
  read_timeout(fields.take("login_timeout"), report, limits.login_timeout);
  const auto* clients = fields.take("clients_per_tenant");
  const auto* memory = fields.take("message_memory_per_tenant");
  read_each(fields, clients, memory, report, limits.each);
  read_memory(fields.take("message_memory"), report, limits.each.message_memory, "one tenant may take",
              limits.message_memory);
}

void load_limits_of_tenant(const yaml::Node* node, Report& report, const Limits& all, TenantLimits& limits) {
  limits = all.each;
  Fields fields(node, report);
  if (!fields) return;
  const auto* clients = fields.take("clients");
  const auto* memory = fields.take("message_memory");
  read_each(fields, clients, memory, report, limits);
  if (limits.message_memory <= all.message_memory) return;
  const std::string what = "all tenants together may take (limits.message_memory: " + std::to_string(all.message_memory) + ")";
  report.at(memory ? *memory : fields.node(), "this tenant's message_memory of " + std::to_string(limits.message_memory) +
                                                  " is more than " + what);
}

void load_limits_of_user(const yaml::Node* node, Report& report, UserLimits& limits) {
  Fields fields(node, report);
  read_count(fields.take("clients"), report, 0, kMostClients, limits.clients);
  read_count(fields.take("statements_per_second"), report, 0, kMostPerSecond, limits.statements_per_second);
  read_timeouts(fields, report, limits.timeouts);
}

void load_log(const yaml::Node* node, Loading& loading) {
  auto& [level, format] = loading.policy.log;
  Fields fields(node, loading.report);
  if (const auto* value = fields.take("level"))
    read_choice<log::Level>(*value, loading.report,
                            {{"debug", log::Level::debug},
                             {"info", log::Level::info},
                             {"warning", log::Level::warning},
                             {"error", log::Level::error}},
                            level);
  if (const auto* value = fields.take("format"))
    read_choice<log::Format>(*value, loading.report, {{"text", log::Format::text}, {"json", log::Format::json}}, format);
}

}  // namespace bulkhead::policy
