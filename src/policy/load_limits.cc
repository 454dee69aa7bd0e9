#include "policy/sections.h"

namespace bulkhead::policy {
namespace {

constexpr std::size_t kKiB = 1u << 10, kGiB = 1u << 30;

void read_count(const yaml::Node* node, Report& report, long least, long most, int& out) {
  long number = 0;
  if (node && read_integer(*node, report, least, most, number)) out = static_cast<int>(number);
}

void read_timeout(const yaml::Node* node, Report& report, Duration& out) {
  if (node) read_duration(*node, report, Duration(0), out);
}

}  // namespace

void load_pool_size(const yaml::Node* node, Report& report, int& size) { read_count(node, report, 1, 10'000, size); }

void load_pool(const yaml::Node* node, Loading& loading) {
  auto& pool = loading.policy.pool;
  Fields fields(node, loading.report);
  if (const auto* mode = fields.take("mode"))
    read_choice<PoolMode>(*mode, loading.report,
                          {{"transaction", PoolMode::transaction}, {"session", PoolMode::session}}, pool.mode);
  load_pool_size(fields.take("size"), loading.report, pool.size);
  read_timeout(fields.take("idle_timeout"), loading.report, pool.idle_timeout);
}

void load_limits(const yaml::Node* node, Loading& loading) {
  auto& limits = loading.policy.limits;
  Report& report = loading.report;
  Fields fields(node, report);
  read_count(fields.take("clients"), report, 1, 1'000'000, limits.clients);
  read_count(fields.take("queue"), report, 0, 1'000'000, limits.queue);
  read_timeout(fields.take("queue_timeout"), report, limits.queue_timeout);
  read_timeout(fields.take("login_timeout"), report, limits.login_timeout);
  read_timeout(fields.take("idle_in_transaction"), report, limits.idle_in_transaction);
  if (const auto* size = fields.take("statement_size")) read_size(*size, report, kKiB, kGiB - 1, limits.statement_size);
  if (const auto* size = fields.take("message_size")) read_size(*size, report, kKiB, kGiB - 1, limits.message_size);
  fields.later({"statement_timeout", "statements_per_second"});
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
