// The only translation unit that sees PostgreSQL's headers. They describe server 15's structs, the library was built from
// nearly the same ones: everything ast.h reads is asserted below or looked at by self_test.cc.
#include "rewrite/pg_parse.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>

// clang-format off
extern "C" {
#include "postgres.h"
#include "nodes/nodes.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "nodes/value.h"
#include "utils/memutils.h"
#include <pg_query.h>
#include <pg_query/pg_query_internal.h>
}
// clang-format on
#undef printf
#undef fprintf
#undef snprintf
#undef sprintf
#undef strerror

namespace bulkhead::rewrite {
namespace ast {
namespace {

// What a field of a class must be in the real struct, and what its handle in ast.h must give.
template <class Real>
struct Mirror {};
#define BULKHEAD_ENUM(name)                      \
  template <>                                    \
  struct Mirror<::name> {                        \
    using type = ast::name;                      \
    static_assert(sizeof(::name) == sizeof(int)); \
  };
#define BULKHEAD_ENUMERATOR(type, label)
#define BULKHEAD_OWN_ENUMERATOR(type, label)
#include "rewrite/generated/enumerators.inc"
#undef BULKHEAD_ENUM
#undef BULKHEAD_ENUMERATOR

// An OWN one is numbered by the library otherwise than by the headers; the self-test looks at it.
#define BULKHEAD_ENUM(name)
#define BULKHEAD_ENUMERATOR(type, label) \
  static_assert(static_cast<int>(ast::type::label) == static_cast<int>(::label), #label);
#include "rewrite/generated/enumerators.inc"
#undef BULKHEAD_ENUM
#undef BULKHEAD_ENUMERATOR
#undef BULKHEAD_OWN_ENUMERATOR

template <FieldClass C, class Real, class Handle>
constexpr bool fits() {
  using Pointee = std::remove_const_t<std::remove_pointer_t<Real>>;
  switch (C) {
    case FieldClass::node:
      return std::is_pointer_v<Real> && std::is_class_v<Pointee> && !std::is_same_v<Pointee, ::List> &&
             std::is_same_v<Handle, Node>;
    case FieldClass::list: return std::is_same_v<Real, ::List*> && std::is_same_v<Handle, ListView>;
    case FieldClass::value: return std::is_same_v<Real, ::A_Const::ValUnion> && std::is_same_v<Handle, Value>;
    case FieldClass::cstring:
      return std::is_pointer_v<Real> && std::is_same_v<Pointee, char> && std::is_same_v<Handle, std::string_view>;
    case FieldClass::integer:
    case FieldClass::location: return std::is_same_v<Real, int> && std::is_same_v<Handle, int>;
    case FieldClass::int16: return std::is_same_v<Real, ::int16> && std::is_same_v<Handle, std::int16_t>;
    case FieldClass::int64: return std::is_same_v<Real, long> && std::is_same_v<Handle, std::int64_t>;
    case FieldClass::boolean: return std::is_same_v<Real, bool> && std::is_same_v<Handle, bool>;
    case FieldClass::character: return std::is_same_v<Real, char> && std::is_same_v<Handle, char>;
    case FieldClass::oid:
    case FieldClass::bits: return std::is_same_v<Real, unsigned> && std::is_same_v<Handle, std::uint32_t>;
    case FieldClass::enumeration:
      if constexpr (std::is_enum_v<Real>) return std::is_same_v<Handle, typename Mirror<Real>::type>;
      return false;
  }
  return false;
}
template <class T>
T handle_type(Field<T>);

#define REAL_TYPE(kind, path) std::remove_reference_t<decltype((std::declval<::kind&>().path))>
#define BULKHEAD_NODE(kind)
#define BULKHEAD_FIELD(kind, path, name, cls)                                                           \
  static_assert(fits<FieldClass::cls, REAL_TYPE(kind, path), decltype(handle_type(f::kind::name))>(), \
                #kind "." #path " is no " #cls);
#include "rewrite/generated/layout.inc"
#undef BULKHEAD_NODE
#undef BULKHEAD_FIELD

struct Layout {
  FieldInfo info;
  Kind kind;
  std::size_t alignment;
};
constexpr Layout kLayout[] = {
#define BULKHEAD_NODE(kind)
#define BULKHEAD_FIELD(kind_, path, name, cls)                                                           \
  {{#name, FieldClass::cls, offsetof(::kind_, path), sizeof(REAL_TYPE(kind_, path))}, Kind::kind_, \
   alignof(REAL_TYPE(kind_, path))},
#include "rewrite/generated/layout.inc"
#undef BULKHEAD_NODE
#undef BULKHEAD_FIELD
};
constexpr std::size_t kFieldCount = std::size(kLayout);

constexpr auto kInfos = [] {
  std::array<FieldInfo, kFieldCount> infos{};
  for (std::size_t i = 0; i < kFieldCount; ++i) infos[i] = kLayout[i].info;
  return infos;
}();

struct KindInfo {
  const char* name = "none";
  int tag = -1;
  std::size_t size = 0;
  std::size_t alignment = 1;
  std::size_t first_field = 0, last_field = 0;
};
constexpr auto kKindInfos = [] {
  std::array<KindInfo, kKinds> kinds{};
#define BULKHEAD_KIND(name_)                                                    \
  kinds[static_cast<std::size_t>(Kind::name_)] = {#name_, ::T_##name_, sizeof(::name_), alignof(::name_), 0, 0};
#include "rewrite/generated/kinds.inc"
#undef BULKHEAD_KIND
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    KindInfo& kind = kinds[static_cast<std::size_t>(kLayout[i].kind)];
    if (kind.last_field == 0) kind.first_field = i;
    kind.last_field = i + 1;
  }
  return kinds;
}();
constexpr const KindInfo& info_of(Kind kind) { return kKindInfos[static_cast<std::size_t>(kind)]; }

// No field is forgotten: each begins where the one before ends, aligned, and the last one ends the struct.
constexpr std::size_t align(std::size_t offset, std::size_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}
constexpr bool contiguous(Kind kind) {
  const KindInfo& info = info_of(kind);
  std::size_t end = sizeof(::NodeTag);
  for (std::size_t i = info.first_field; i < info.last_field; ++i) {
    const Layout& field = kLayout[i];
    // The end of an embedded struct (CreateForeignTableStmt.base) may be padded before the next field.
    if (field.info.offset != align(end, field.alignment) && field.info.offset != align(end, alignof(::CreateStmt)))
      return false;
    end = field.info.offset + field.info.size;
  }
  // The headers of 15.20 end this one with an owner, which those of 15.18 and the library's struct do not have.
  if (kind == Kind::CreateStatsStmt && align(end, alignof(char*)) + sizeof(char*) == info.size) return true;
  return align(end, info.alignment) == info.size;
}
#define BULKHEAD_KIND(name) \
  static_assert(Kind::name == Kind::List || contiguous(Kind::name), #name " has a field this table does not know");
#include "rewrite/generated/kinds.inc"
#undef BULKHEAD_KIND

constexpr auto kKindByTag = [] {
  std::array<Kind, detail::kTags> kinds{};
  for (int i = 1; i < kKinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    kinds[static_cast<std::size_t>(info_of(kind).tag)] = kind;
  }
  return kinds;
}();

constexpr auto kOffsets = [] {
  std::array<std::uint16_t, kFieldCount> offsets{};
  for (std::size_t i = 0; i < kFieldCount; ++i) offsets[i] = kLayout[i].info.offset;
  return offsets;
}();
static_assert(sizeof(::ListCell) == sizeof(void*) && offsetof(::ListCell, ptr_value) == 0);

}  // namespace

namespace detail {
const std::uint16_t* const kFieldOffset = kOffsets.data();
const std::uint16_t kListLength = offsetof(::List, length);
const std::uint16_t kListElements = offsetof(::List, elements);

const Kind* const kKindOfTag = kKindByTag.data();
void wrong_kind(Kind wanted, Kind got) {
  throw std::logic_error(std::string("field of ") + ast::kind_name(wanted) + " asked of a " + ast::kind_name(got));
}
}  // namespace detail

const char* kind_name(Kind kind) { return info_of(kind).name; }

Fields fields_of(Kind kind) {
  const KindInfo& info = info_of(kind);
  return {kInfos.data() + info.first_field, kInfos.data() + info.last_field};
}

}  // namespace ast

namespace {

using ast::Kind;
using ast::Node;

/// Holds what ast.h promises of every tree: known kinds, bounded depth. A shared node is looked at once.
class Admission {
 public:
  explicit Admission(int max_depth) : max_depth_(max_depth) {}
  Result<void> admit(Node node, int depth) {
    if (depth > max_depth_)
      return make_error(sqlstate::statement_too_complex, "the statement is nested too deeply",
                        "Bulkhead accepts " + std::to_string(max_depth_) + " levels of nesting.");
    if (node.kind() == Kind::none) {
      const int tag = ast::detail::read<int>(node.id(), 0);
      return make_error(sqlstate::feature_not_supported, "the statement has a part that Bulkhead does not know", {},
                        "node tag " + std::to_string(tag));
    }
    if (node.is(Kind::MultiAssignRef) && !sources_.insert(node.get(ast::f::MultiAssignRef::source).id()).second)
      return {};
    return ast::for_each_child(node, [this, depth](Node child) { return admit(child, depth + 1); });
  }

 private:
  int max_depth_;
  std::unordered_set<const void*> sources_;
};

struct RawResult {
  ::PgQueryInternalParsetreeAndError raw;
  explicit RawResult(const char* sql) : raw(pg_query_raw_parse(sql)) {}
  RawResult(const RawResult&) = delete;
  RawResult& operator=(const RawResult&) = delete;
  ~RawResult() {
    std::free(raw.stderr_buffer);
    if (raw.error) pg_query_free_error(raw.error);
  }
};

Error to_error(const ::PgQueryError& error) {
  Error result = make_error(sqlstate::syntax_error, error.message ? error.message : "syntax error");
  result.position = error.cursorpos > 0 ? error.cursorpos : 0;
  return result;
}

}  // namespace

ParseTree::ParseTree(ParseTree&& other) noexcept
    : context_(std::exchange(other.context_, nullptr)), statements_(std::move(other.statements_)) {}

ParseTree& ParseTree::operator=(ParseTree&& other) noexcept {
  std::swap(context_, other.context_);
  statements_.swap(other.statements_);
  return *this;
}

ParseTree::~ParseTree() {
  if (context_) pg_query_exit_memory_context(static_cast<::MemoryContext>(context_));
}

Result<ParseTree> parse(std::string_view sql, int max_depth) {
  if (sql.find('\0') != std::string_view::npos)
    return make_error(sqlstate::character_not_in_repertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
  if (sql.size() > static_cast<std::size_t>(1) << 30)
    return make_error(sqlstate::program_limit_exceeded, "the statement is too long");
  const std::string text(sql);
  ParseTree tree(pg_query_enter_memory_context());
  const RawResult result(text.c_str());
  if (result.raw.error) return to_error(*result.raw.error);

  Admission admission(max_depth);
  for (const Node raw : ast::ListView(result.raw.tree)) {
    BULKHEAD_CHECK(admission.admit(raw, 0));
    const auto offset = static_cast<std::uint32_t>(raw.get(ast::f::RawStmt::stmt_location));
    const auto length = static_cast<std::uint32_t>(raw.get(ast::f::RawStmt::stmt_len));
    tree.statements_.push_back({raw.get(ast::f::RawStmt::stmt), offset,
                                length ? length : static_cast<std::uint32_t>(sql.size()) - offset});
  }
  return tree;
}

}  // namespace bulkhead::rewrite
