#include "rewrite/ast.h"

#include <algorithm>
#include <set>
#include <utility>

namespace bulkhead::rewrite::ast {

thread_local ConstantsRead* ConstantsRead::current_ = nullptr;

namespace {

Node node_at(Node node, const FieldInfo& field) {
  return Raw::node(detail::read<const void*>(node.id(), field.offset));
}
ListView list_at(Node node, const FieldInfo& field) {
  return ListView(detail::read<const void*>(node.id(), field.offset));
}
std::string_view text_at(Node node, const FieldInfo& field) {
  const auto text = detail::read<const char*>(node.id(), field.offset);
  return text ? std::string_view(text) : std::string_view();
}

/// Compares two trees in step. The sources of a multi-assignment are shared nodes: each pair is compared once, or nested
/// ones would cost time exponential in their depth.
class Comparison {
 public:
  bool same(Node a, Node b) {
    if (!a || !b) return !a && !b;
    if (a.kind() != b.kind()) return false;
    if (a.is(Kind::List)) return same(a.list(), b.list());
    if (a.is(Kind::MultiAssignRef)) {
      const auto source = f::MultiAssignRef::source;
      if (a.get(f::MultiAssignRef::colno) != b.get(f::MultiAssignRef::colno) ||
          a.get(f::MultiAssignRef::ncolumns) != b.get(f::MultiAssignRef::ncolumns))
        return false;
      if (!sources_.insert({a.get(source).id(), b.get(source).id()}).second) return true;
      return same(a.get(source), b.get(source));
    }
    for (const FieldInfo& field : fields_of(a.kind()))
      if (!same(a, b, field)) return false;
    return true;
  }
  bool same(ListView a, ListView b) {
    if (a.is_nil() != b.is_nil() || a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!same(a[i], b[i])) return false;
    return true;
  }

 private:
  bool same(Node a, Node b, const FieldInfo& field) {
    switch (field.field_class) {
      case FieldClass::node: return same(node_at(a, field), node_at(b, field));
      case FieldClass::list: return same(list_at(a, field), list_at(b, field));
      case FieldClass::value: return same(a.get(f::A_Const::val), b.get(f::A_Const::val));
      case FieldClass::cstring: {
        const auto left = text_at(a, field), right = text_at(b, field);
        return (left.data() == nullptr) == (right.data() == nullptr) && left == right;
      }
      case FieldClass::integer:
      case FieldClass::int16:
      case FieldClass::int64:
      case FieldClass::boolean:
      case FieldClass::character:
      case FieldClass::oid:
      case FieldClass::bits:
      case FieldClass::enumeration:
        return std::memcmp(static_cast<const char*>(a.id()) + field.offset,
                           static_cast<const char*>(b.id()) + field.offset, field.size) == 0;
      case FieldClass::location: return true;
    }
    return false;
  }

  std::set<std::pair<const void*, const void*>> sources_;
};

/// True of the second and later targets of one multi-assignment: their source is the first one's, seen there.
bool repeats_source(Node node) {
  return node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1;
}

int own_location(Node node) {
  for (const FieldInfo& field : fields_of(node.kind()))
    if (field.field_class == FieldClass::location && std::string_view(field.name) == "location")
      return detail::read<int>(node.id(), field.offset);
  return -1;
}

Node first_child(Node node) {
  if (node.is(Kind::List)) return node.list().front();
  for (const FieldInfo& field : fields_of(node.kind())) {
    if (field.field_class == FieldClass::node && node_at(node, field)) return node_at(node, field);
    if (field.field_class == FieldClass::list && !list_at(node, field).empty()) return list_at(node, field).front();
  }
  return Node();
}

void dump_to(Node node, std::string& out);

void dump_to(ListView list, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ' ';
    dump_to(list[i], out);
  }
  out += ']';
}

template <class T>
void dump_number(Node node, const FieldInfo& field, std::string& out) {
  const auto value = detail::read<T>(node.id(), field.offset);
  if (value != T{}) out.append(" ").append(field.name).append("=").append(std::to_string(value));
}

void dump_field(Node node, const FieldInfo& field, std::string& out) {
  const auto label = [&] { out.append(" ").append(field.name).append("="); };
  switch (field.field_class) {
    case FieldClass::node:
      if (const Node child = node_at(node, field); child && !repeats_source(node)) label(), dump_to(child, out);
      return;
    case FieldClass::list:
      if (const ListView list = list_at(node, field); !list.is_nil()) label(), dump_to(list, out);
      return;
    case FieldClass::value: label(), dump_to(node.get(f::A_Const::val), out); return;
    case FieldClass::cstring:
      if (const auto text = text_at(node, field); text.data()) label(), out.append("\"").append(text).append("\"");
      return;
    case FieldClass::boolean:
      if (detail::read<bool>(node.id(), field.offset)) out.append(" ").append(field.name);
      return;
    case FieldClass::character:
      if (const char c = detail::read<char>(node.id(), field.offset)) label(), out += c;
      return;
    case FieldClass::integer:
    case FieldClass::enumeration: return dump_number<int>(node, field, out);
    case FieldClass::int16: return dump_number<std::int16_t>(node, field, out);
    case FieldClass::int64: return dump_number<std::int64_t>(node, field, out);
    case FieldClass::oid:
    case FieldClass::bits: return dump_number<std::uint32_t>(node, field, out);
    case FieldClass::location: return;
  }
}

void dump_to(Node node, std::string& out) {
  if (!node) {
    out += "null";
  } else if (node.is(Kind::List)) {
    dump_to(node.list(), out);
  } else {
    out.append("(").append(node.kind_name());
    for (const FieldInfo& field : fields_of(node.kind())) dump_field(node, field, out);
    out += ')';
  }
}

}  // namespace

Node unread_value(Node a_const) {
  const ConstantsRead unheard;
  return a_const.get(f::A_Const::val);
}

int leftmost(Node node) {
  int least = own_location(node);
  const auto take = [&least](int location) {
    if (location >= 0 && (least < 0 || location < least)) least = location;
  };
  if (!repeats_source(node)) for_each_child(node, [&](Node child) { take(leftmost(child)); });
  return least;
}

int place_in(Node node) {
  for (Node first = node; first; first = first_child(first))
    if (const int location = own_location(first); location >= 0) return location;
  return leftmost(node);
}

bool equal(Node a, Node b) { return Comparison().same(a, b); }
bool equal(ListView a, ListView b) { return Comparison().same(a, b); }

std::string_view string_of(Node node) {
  return node.is(Kind::String) ? node.get(f::String::sval) : std::string_view();
}

std::string dump(Node node) {
  std::string out;
  dump_to(node, out);
  return out;
}

}  // namespace bulkhead::rewrite::ast
