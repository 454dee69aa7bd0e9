#include "rewrite/functions.h"

#include <algorithm>
#include <iterator>

namespace bulkhead::rewrite {
namespace {

constexpr std::string_view kAllowed[] = {
#define ALLOW(name) #name,
#define REFUSE(name)
#include "rewrite/functions.inc"
#undef ALLOW
#undef REFUSE
};

constexpr std::string_view kRefused[] = {
#define ALLOW(name)
#define REFUSE(name) #name,
#include "rewrite/functions.inc"
#undef ALLOW
#undef REFUSE
};

static_assert(std::is_sorted(std::begin(kAllowed), std::end(kAllowed)));
static_assert(std::is_sorted(std::begin(kRefused), std::end(kRefused)));

}  // namespace

BuiltinFunction builtin_function(std::string_view name) {
  if (std::binary_search(std::begin(kAllowed), std::end(kAllowed), name)) return BuiltinFunction::allowed;
  if (std::binary_search(std::begin(kRefused), std::end(kRefused), name)) return BuiltinFunction::refused;
  return BuiltinFunction::unknown;
}

bool harmless_variant(std::string_view name, std::size_t arguments) { return name == "ts_rewrite" && arguments == 3; }

bool names_of_tenant(std::string_view name) {
  return name == "pg_notify" || name.find("_advisory_") != std::string_view::npos;
}

bool information_schema_function(std::string_view name) {
  constexpr std::string_view kHelpers[] = {
      "_pg_char_max_length",   "_pg_char_octet_length",    "_pg_datetime_precision",      "_pg_expandarray",
      "_pg_index_position",    "_pg_interval_type",        "_pg_numeric_precision",       "_pg_numeric_precision_radix",
      "_pg_numeric_scale",     "_pg_truetypid",            "_pg_truetypmod"};
  return std::find(std::begin(kHelpers), std::end(kHelpers), name) != std::end(kHelpers);
}

}  // namespace bulkhead::rewrite
