#pragma once

// The verdict on all texts of one shape: what was made of one of them, with holes for the literals it does not depend on.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rewrite/shape.h"
#include "rewrite/verdict.h"

namespace bulkhead::rewrite {

/// Immutable; any thread. Belongs to the subject and protocol the text was judged for.
class Template {
 public:
  /// `rewritten` is the verdict on `sql`, `shape` has read it.
  Template(std::string_view sql, const Shape& shape, const Rewritten& rewritten);

  /// `sql`, whose shape is that of the first text, has the first text's literals wherever the verdict depends on them.
  bool fits(std::string_view sql, const Shape& shape) const;
  /// The verdict on a text that fits, but for notes and free literals, which stay empty.
  Rewritten fill(std::string_view sql, const Shape& shape) const;

  /// A text of the shape with other literals in all the holes; nothing if there is no hole.
  std::optional<std::string> probe(std::string_view sql, const Shape& shape) const;
  /// Memory held, about.
  std::size_t bytes() const;

 private:
  struct Fixed {
    std::size_t literal;
    std::string text;
  };
  /// An edit's place as a distance from the literal before it, so that longer and shorter ones move it along.
  struct Place {
    std::size_t literals_before;
    std::uint32_t distance;
  };

  std::vector<Fixed> fixed_;
  std::vector<std::pair<Place, Edit>> edits_;  ///< Edit::offset is not used
  std::vector<Statement> statements_;
  std::vector<ParameterGuard> guards_;
};

}  // namespace bulkhead::rewrite
