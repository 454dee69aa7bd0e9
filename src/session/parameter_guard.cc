#include "session/parameter_guard.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/uuid.h"

namespace bulkhead::session {
namespace {

/// OIDs of built-in types never change (pg_type.dat).
enum Oid : std::uint32_t {
  inferred = 0,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  unknown = 705,
  bpchar = 1042,
  varchar = 1043,
  numeric = 1700,
  uuid = 2950,
};

std::optional<Oid> oid_of(std::string_view type) {
  if (type == "int2") return int2;
  if (type == "int4") return int4;
  if (type == "int8") return int8;
  if (type == "numeric") return numeric;
  if (type == "text") return text;
  if (type == "varchar") return varchar;
  if (type == "bpchar") return bpchar;
  if (type == "uuid") return uuid;
  return std::nullopt;
}

enum class Family { other, number, text, uuid };

Family family_of(std::uint32_t type) {
  switch (type) {
    case int2:
    case int4:
    case int8:
    case numeric: return Family::number;
    case text:
    case varchar:
    case bpchar: return Family::text;
    case uuid: return Family::uuid;
    default: return Family::other;  // any OID there may be
  }
}

/// An integer as its input function reads it (int8in, numeric_in), in one spelling. Other spellings of numbers (1.0, 1e0,
/// since PostgreSQL 16 0x1 and 1_0) are none.
std::optional<std::string> canonical_integer(std::string_view value) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const auto begin = value.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return std::nullopt;
  value = value.substr(begin, value.find_last_not_of(kSpace) + 1 - begin);
  const bool negative = value.front() == '-';
  if (negative || value.front() == '+') value.remove_prefix(1);
  if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto digits = value.substr(std::min(value.find_first_not_of('0'), value.size()));
  if (digits.empty()) return "0";
  return (negative ? "-" : "") + std::string(digits);
}

template <class T>
std::optional<std::string> binary_integer(std::string_view value) {
  if (value.size() != sizeof(T)) return std::nullopt;
  return std::to_string(*ByteReader(value).integer<T>());
}

Bound verdict(bool own) { return own ? Bound::own : Bound::foreign; }

Bound compare_number(const std::string& own, std::uint32_t type, bool binary, std::string_view value) {
  const auto wanted = canonical_integer(own);
  if (!wanted) return Bound::foreign;
  if (!binary) return verdict(canonical_integer(value) == wanted);
  switch (type) {
    case int2: return verdict(binary_integer<std::int16_t>(value) == wanted);
    case int4: return verdict(binary_integer<std::int32_t>(value) == wanted);
    case int8: return verdict(binary_integer<std::int64_t>(value) == wanted);
    default: return Bound::unproven;
  }
}

/// The declared types. A bad count was refused with the message.
std::vector<std::uint32_t> types_of(std::string_view bytes) {
  std::vector<std::uint32_t> out;
  ByteReader reader(bytes);
  if (!reader.integer<std::uint16_t>()) return out;
  while (const auto type = reader.u32()) out.push_back(*type);
  return out;
}

}  // namespace

Bound compare(const rewrite::ParameterGuard& guard, std::uint32_t type, std::int16_t format,
              std::optional<std::string_view> value) {
  if (!value) return Bound::foreign;
  if (format != 0 && format != 1) return Bound::unproven;
  const auto own_type = oid_of(guard.type);
  if (!own_type) return Bound::unproven;
  if (type == inferred || type == unknown) {  // one as the other: variable_paramref_hook, variable_coerce_param_hook
    if (!guard.sole) return Bound::unproven;
    type = *own_type;
  }
  // There is no cast from a text to these but by the text itself: what their input functions read (manual, CREATE CAST).
  const bool read = guard.cast && (type == text || type == varchar) && family_of(*own_type) != Family::text;
  if (read) {
    type = *own_type;
    format = 0;  // the binary format of a text is the text
  }
  if (family_of(type) != family_of(*own_type)) return Bound::unproven;
  // There is no operator for varchar and bpchar but bpchar's (oper(), parse_oper.c), for which blanks at the end do not count.
  if (type == bpchar && *own_type == varchar) return Bound::unproven;
  switch (family_of(type)) {
    case Family::number: return compare_number(guard.value, type, format == 1, *value);
    case Family::text: return verdict(*value == guard.value);  // the binary format of a text is the text
    case Family::uuid: {
      const auto wanted = uuid_bytes(guard.value);
      if (!wanted) return Bound::foreign;
      return verdict(format == 1 ? *value == *wanted : uuid_bytes(*value) == wanted);
    }
    case Family::other: break;
  }
  return Bound::unproven;
}

namespace {

std::uint32_t declared(const std::vector<std::uint32_t>& types, std::size_t index) {
  return index < types.size() ? types[index] : inferred;
}

Bound bound_in(const proto::Bind& bind, std::size_t index, const rewrite::ParameterGuard& guard, std::uint32_t type) {
  if (index >= bind.parameters.size()) return Bound::foreign;
  const auto& formats = bind.formats;
  std::int16_t format = -1;  // fewer formats than parameters: the server's error
  if (formats.empty())
    format = 0;
  else if (formats.size() == 1)
    format = formats[0];
  else if (index < formats.size())
    format = formats[index];
  return compare(guard, type, format, bind.parameters[index]);
}

/// A string without a cast is read as the parameter's type, as Bind's texts are. A number, or what was cast, is assigned to it:
/// within a family that changes no organisation, and a number assigned to a text is its digits.
Bound given_in(const std::vector<rewrite::Argument>& arguments, std::size_t index, const rewrite::ParameterGuard& guard,
               std::uint32_t type) {
  if (index >= arguments.size()) return Bound::foreign;  // the server's error
  const rewrite::Argument& argument = arguments[index];
  if (!argument.value) return Bound::unproven;
  if (!argument.type.empty()) {
    const auto cast = oid_of(argument.type), wanted = oid_of(guard.type);
    if (!cast || !wanted || family_of(*cast) != family_of(*wanted)) return Bound::unproven;
    if (compare(guard, *cast, 0, argument.value) != Bound::own) return compare(guard, *cast, 0, argument.value);
  }
  return compare(guard, type, 0, argument.value);
}

Error refusal(Bound bound, const rewrite::ParameterGuard& guard) {
  if (bound == Bound::foreign)
    return make_error(sqlstate::insufficient_privilege, guard.column + " can only hold the session's own organisation",
                      "Leave the column out: Bulkhead fills it in.");
  return make_error(sqlstate::insufficient_privilege,
                    "it cannot be proved that " + guard.column + " gets the session's own organisation",
                    "Leave the column out: Bulkhead fills it in; or declare $" + std::to_string(guard.parameter) +
                        " with a type like the column's and use it for nothing else.");
}

}  // namespace

Result<void> check_guards(const std::vector<rewrite::ParameterGuard>& guards, std::string_view types,
                          const proto::Bind& bind) {
  const auto all = types_of(types);
  for (const auto& guard : guards) {
    const auto index = static_cast<std::size_t>(guard.parameter) - 1;
    const Bound bound = bound_in(bind, index, guard, declared(all, index));
    if (bound != Bound::own) return refusal(bound, guard);
  }
  return {};
}

Result<void> check_guards(const std::vector<rewrite::ParameterGuard>& guards, std::string_view types,
                          const std::vector<rewrite::Argument>& arguments) {
  const auto all = types_of(types);
  for (const auto& guard : guards) {
    const auto index = static_cast<std::size_t>(guard.parameter) - 1;
    const Bound bound = given_in(arguments, index, guard, declared(all, index));
    if (bound != Bound::own) return refusal(bound, guard);
  }
  return {};
}

}  // namespace bulkhead::session
