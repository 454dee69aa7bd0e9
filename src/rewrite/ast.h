#pragma once

// Raw parse trees of PostgreSQL 15's grammar, seen without PostgreSQL's headers.
//
// Node and ListView are views of the size of a pointer into a ParseTree (pg_parse.h): valid as long as it lives, on its thread
// only, never modified. Every Node reached from a ParseTree is of a kind listed here and at most as many levels deep
// as was asked:
// parse() refuses any other tree, so recursion over a tree is bounded. A tree is a DAG: the sources of
// `SET (a, b) = (SELECT …)` share one node (MultiAssignRef), whoever edits keeps a set of Node::id()s.
//
// Fields are named as in parsenodes.h: node.get(ast::f::SelectStmt::whereClause). The handles, kinds and enums come from
// tools/gen_ast.py, their offsets from the real structs (pg_parse.cc).

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "rewrite/generated/enums.h"

namespace bulkhead::rewrite::ast {

class Node;
class ListView;

/// While it lives, the locations of the constants of trees whose values were looked at on this thread: what a decision
/// may depend on. The value of an A_Const comes through Node::get(f::A_Const::val), which tells here, or unread_value().
/// One inside the other: the inner one hears.
class ConstantsRead {
 public:
  ConstantsRead() : outer_(current_) { current_ = this; }
  ~ConstantsRead() { current_ = outer_; }
  ConstantsRead(const ConstantsRead&) = delete;
  ConstantsRead& operator=(const ConstantsRead&) = delete;

  /// Byte offsets into the text of whichever tree it was; -1 for constants the grammar made up.
  const std::vector<int>& locations() const { return locations_; }
  static void note(int location) {
    if (current_) current_->locations_.push_back(location);
  }

 private:
  static thread_local ConstantsRead* current_;
  ConstantsRead* outer_;
  std::vector<int> locations_;
};

/// Every kind of node a raw parse gives. `none` is the null Node's.
enum class Kind : std::uint16_t {
  none,
#define BULKHEAD_KIND(name) name,
#include "rewrite/generated/kinds.inc"
#undef BULKHEAD_KIND
};
inline constexpr int kKinds = 1
#define BULKHEAD_KIND(name) +1
#include "rewrite/generated/kinds.inc"
#undef BULKHEAD_KIND
    ;

/// Levels of a client's tree: deeper ones are refused by parse() with statement_too_complex. A list in a list is a level.
inline constexpr int kMaxDepth = 500;

/// "SelectStmt"; "none" for the null Node.
const char* kind_name(Kind kind);

/// A field of a node kind; T is what get() gives. Made by tools/gen_ast.py only.
template <class T>
struct Field {
  Kind kind;
  std::uint16_t id;
};
/// The class of A_Const.val, which holds its value node inline; get() gives a Node, null for SQL NULL.
struct Value {};

namespace detail {
template <class T>
using FieldResult = std::conditional_t<std::is_same_v<T, Value>, Node, T>;

extern const std::uint16_t* const kFieldOffset;  // by Field::id
extern const std::uint16_t kListLength, kListElements;
inline constexpr std::size_t kTags = 1024;
extern const Kind* const kKindOfTag;  // by NodeTag below kTags
inline Kind kind_of_tag(int tag) {  // none: not a kind of ours
  return tag >= 0 && static_cast<std::size_t>(tag) < kTags ? kKindOfTag[static_cast<std::size_t>(tag)] : Kind::none;
}
[[noreturn]] void wrong_kind(Kind wanted, Kind got);
template <class T>
T read(const void* base, std::size_t offset) {
  T value;
  std::memcpy(&value, static_cast<const char*>(base) + offset, sizeof value);
  return value;
}
}  // namespace detail

class Node {
 public:
  constexpr Node() = default;
  explicit operator bool() const { return raw_ != nullptr; }
  Kind kind() const { return raw_ ? detail::kind_of_tag(detail::read<int>(raw_, 0)) : Kind::none; }
  bool is(Kind kind) const { return this->kind() == kind; }
  const char* kind_name() const { return ast::kind_name(kind()); }
  /// The same place in memory: for visited sets.
  const void* id() const { return raw_; }
  bool operator==(const Node&) const = default;

  /// The field's value; T{} of the null Node, so that chains need no checks. A Node of another kind is a broken
  /// invariant of the caller's (std::logic_error): look at kind() first. A null char* is a string_view without data().
  template <class T>
  detail::FieldResult<T> get(Field<T> field) const;
  /// This node as a list. Kind::List only (or null: an empty list).
  ListView list() const;

 private:
  friend class ListView;
  friend struct Raw;
  constexpr explicit Node(const void* raw) : raw_(raw) {}
  const void* raw_ = nullptr;
};

/// Access to the pointer behind a Node; pg_parse.cc and this header alone.
struct Raw {
  static Node node(const void* raw) { return Node(raw); }
};

/// A List of nodes; NIL is an empty one. Elements may be null Nodes (plain DISTINCT is a list of one null).
class ListView {
 public:
  constexpr ListView() = default;
  constexpr explicit ListView(const void* raw) : raw_(raw) {}

  std::size_t size() const {
    return raw_ ? static_cast<std::size_t>(detail::read<int>(raw_, detail::kListLength)) : 0;
  }
  bool empty() const { return size() == 0; }
  /// NIL, as opposed to a List of no elements (which the grammar does not make).
  bool is_nil() const { return raw_ == nullptr; }
  /// `index` < size().
  Node operator[](std::size_t index) const {
    const auto elements = detail::read<const char*>(raw_, detail::kListElements);
    return Raw::node(detail::read<const void*>(elements, index * sizeof(void*)));
  }
  /// Null if empty.
  Node front() const { return empty() ? Node() : (*this)[0]; }
  Node back() const { return empty() ? Node() : (*this)[size() - 1]; }
  const void* id() const { return raw_; }
  /// The List itself as a Node of Kind::List; null for NIL.
  Node node() const { return Raw::node(raw_); }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Node;
    using difference_type = std::ptrdiff_t;
    using pointer = const Node*;
    using reference = Node;

    Iterator(const void* list, std::size_t index) : list_(list), index_(index) {}
    Node operator*() const { return ListView(list_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const void* list_;
    std::size_t index_;
  };
  Iterator begin() const { return {raw_, 0}; }
  Iterator end() const { return {raw_, size()}; }

 private:
  const void* raw_ = nullptr;
};

}  // namespace bulkhead::rewrite::ast

#include "rewrite/generated/fields.h"

namespace bulkhead::rewrite::ast {

template <class T>
detail::FieldResult<T> Node::get(Field<T> field) const {
  if (raw_ && kind() != field.kind) [[unlikely]]
    detail::wrong_kind(field.kind, kind());
  const std::size_t offset = detail::kFieldOffset[field.id];
  if constexpr (std::is_same_v<T, Node>) {
    return raw_ ? Node(detail::read<const void*>(raw_, offset)) : Node();
  } else if constexpr (std::is_same_v<T, ListView>) {
    return raw_ ? ListView(detail::read<const void*>(raw_, offset)) : ListView();
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    const auto text = raw_ ? detail::read<const char*>(raw_, offset) : nullptr;
    return text ? std::string_view(text) : std::string_view();
  } else if constexpr (std::is_same_v<T, Value>) {
    if (!raw_ || get(f::A_Const::isnull)) return Node();
    ConstantsRead::note(get(f::A_Const::location));
    return Node(static_cast<const char*>(raw_) + offset);
  } else {
    return raw_ ? detail::read<T>(raw_, offset) : T{};
  }
}

inline ListView Node::list() const {
  if (raw_ && !is(Kind::List)) [[unlikely]]
    detail::wrong_kind(Kind::List, kind());
  return ListView(raw_);
}

/// What a field is, for code that treats all kinds alike.
enum class FieldClass : std::uint8_t {
  node,         ///< Node*: a child
  list,         ///< List*: children
  value,        ///< A_Const.val: a child inline
  cstring,      ///< char*, may be null
  integer,      ///< int
  int16,
  int64,
  boolean,
  character,
  oid,
  bits,         ///< unsigned masks
  enumeration,
  location,     ///< byte offset into the text or a length of it: no part of a statement's meaning
};
struct FieldInfo {
  const char* name;
  FieldClass field_class;
  std::uint16_t offset;
  std::uint16_t size;
};
struct Fields {
  const FieldInfo* first;
  const FieldInfo* last;
  const FieldInfo* begin() const { return first; }
  const FieldInfo* end() const { return last; }
};
/// Every field of that kind but its tag, in the order of the struct; none for List and none.
Fields fields_of(Kind kind);

/// Calls f(child) for every node below `node` by one step: each non-null node field and list element, in the order of
/// the struct; for a List each non-null element. An element that is a List itself is handed over as such. A constant
/// is a leaf: whoever wants its value asks for it. f gives void, or Result<void>, whose first error ends the walk and is returned.
template <class F>
auto for_each_child(Node node, F&& f) -> std::invoke_result_t<F&, Node> {
  constexpr bool kMayFail = !std::is_void_v<std::invoke_result_t<F&, Node>>;
  const auto each = [&f](ListView list) -> std::invoke_result_t<F&, Node> {
    for (const Node element : list) {
      if (!element) continue;
      if constexpr (kMayFail) {
        BULKHEAD_CHECK(f(element));
      } else {
        f(element);
      }
    }
    if constexpr (kMayFail) return {};
  };
  if (node.is(Kind::List)) return each(node.list());
  for (const FieldInfo& field : fields_of(node.kind())) {
    Node child;
    if (field.field_class == FieldClass::node) {
      child = Raw::node(detail::read<const void*>(node.id(), field.offset));
    } else if (field.field_class == FieldClass::list) {
      const ListView list(detail::read<const void*>(node.id(), field.offset));
      if constexpr (kMayFail) {
        BULKHEAD_CHECK(each(list));
      } else {
        each(list);
      }
    }
    if (!child) continue;
    if constexpr (kMayFail) {
      BULKHEAD_CHECK(f(child));
    } else {
      f(child);
    }
  }
  if constexpr (kMayFail) return {};
}

/// The first node of those at and below `node` of which is(node) is true, in the order of the structs; null if there is none.
template <class Is>
Node find_first(Node node, const Is& is) {
  if (!node || is(node)) return node;
  Node found;
  // Every column of SET (a, b) = … shares its source.
  if (node.is(Kind::MultiAssignRef) && node.get(f::MultiAssignRef::colno) > 1) return found;
  for_each_child(node, [&](Node child) {
    if (!found) found = find_first(child, is);
  });
  return found;
}

/// The value of an A_Const for whoever only holds it against its own copy in another tree: ConstantsRead does not hear.
Node unread_value(Node a_const);

/// Where the text of an expression begins: the smallest byte offset recorded in it or below it, -1 if there is none.
/// Opening parentheses before it are not included (the tree does not know them).
/// Looks at all of it: for messages.
int leftmost(Node node);

/// A place in the text of an expression (of the first one in a List) that is not inside parentheses of a subquery of it: the
/// byte offset recorded in it or in what it begins with; -1 if there is none. Takes no longer the more there is below.
int place_in(Node node);

/// Same kinds, same fields, all the way down; locations do not count.
bool equal(Node a, Node b);
bool equal(ListView a, ListView b);

/// The text of a String node; no data() for any other node.
std::string_view string_of(Node node);

/// An s-expression of the tree without locations and empty fields, for tests and messages to developers.
std::string dump(Node node);

}  // namespace bulkhead::rewrite::ast
