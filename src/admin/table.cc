#include "admin/table.h"

#include <charconv>

#include "base/bytes.h"
#include "proto/backend.h"

namespace bulkhead::admin {
namespace {

struct TypeInfo {
  std::uint32_t oid;  ///< pg_type.dat
  std::int16_t size;
};
TypeInfo info(Type type) {
  switch (type) {
    case Type::text: return {25, -1};
    case Type::int4: return {23, 4};
    case Type::int8: return {20, 8};
  }
  return {25, -1};
}

bool binary(const Formats& formats, std::size_t column) {
  if (formats.empty()) return false;
  return formats[formats.size() == 1 ? 0 : column] == 1;
}

template <class Integer>
std::string big_endian(std::string_view decimal) {
  Integer value = 0;
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  std::string bytes;
  ByteWriter(bytes).integer(value);
  return bytes;
}

}  // namespace

void describe(Columns columns, const Formats& formats, std::string& out) {
  proto::RowDescription description;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto [oid, size] = info(columns[i].type);
    description.fields.push_back({.name = columns[i].name, .type = oid, .type_size = size,
                                  .format = static_cast<std::int16_t>(binary(formats, i))});
  }
  proto::encode(description, out);
}

void encode_row(Columns columns, const Row& row, const Formats& formats, std::string& out) {
  proto::DataRow data;
  std::vector<std::string> held;  // what is written otherwise than it stands in the row
  held.reserve(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!row[i]) {
      data.values.emplace_back(std::nullopt);
    } else if (binary(formats, i) && columns[i].type != Type::text) {
      held.push_back(columns[i].type == Type::int4 ? big_endian<std::int32_t>(*row[i]) : big_endian<std::int64_t>(*row[i]));
      data.values.emplace_back(held.back());
    } else {
      data.values.emplace_back(*row[i]);
    }
  }
  proto::encode(data, out);
}

}  // namespace bulkhead::admin
