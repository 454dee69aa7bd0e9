#include "rewrite/template.h"

#include <algorithm>

#include "rewrite/splice.h"

namespace bulkhead::rewrite {
namespace {

bool is_comment(std::string_view literal) { return literal.starts_with("--") || literal.starts_with("/*"); }

bool overlap(const Edit& edit, const Literal& literal) {
  return edit.offset < literal.end && literal.begin < edit.offset + edit.length;
}

}  // namespace

Template::Template(std::string_view sql, const Shape& shape, const Rewritten& rewritten)
    : statements_(rewritten.statements), guards_(rewritten.guards) {
  const auto& literals = shape.literals();
  auto edit = rewritten.edits.begin();
  auto free = rewritten.free_literals.begin();
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const Literal& literal = literals[i];
    const auto place = [&] { return Place{i, edit->offset - (i == 0 ? 0 : literals[i - 1].end)}; };
    for (; edit != rewritten.edits.end() && edit->offset <= literal.begin && !overlap(*edit, literal); ++edit)
      edits_.emplace_back(place(), *edit);
    while (free != rewritten.free_literals.end() && free->begin < literal.begin) ++free;
    const bool hole = (is_comment(shape.text_of(sql, i)) ||
                       (free != rewritten.free_literals.end() && *free == literal)) &&
                      (edit == rewritten.edits.end() || !overlap(*edit, literal));
    if (!hole) fixed_.push_back({i, std::string(shape.text_of(sql, i))});
    // What replaces the literal is placed before it: its own length is part of the edit.
    for (; edit != rewritten.edits.end() && edit->offset < literal.end; ++edit) edits_.emplace_back(place(), *edit);
  }
  const std::size_t last = literals.empty() ? 0 : literals.back().end;
  for (; edit != rewritten.edits.end(); ++edit)
    edits_.emplace_back(Place{literals.size(), edit->offset - static_cast<std::uint32_t>(last)}, *edit);
}

bool Template::fits(std::string_view sql, const Shape& shape) const {
  return std::all_of(fixed_.begin(), fixed_.end(),
                     [&](const Fixed& fixed) { return shape.text_of(sql, fixed.literal) == fixed.text; });
}

Rewritten Template::fill(std::string_view sql, const Shape& shape) const {
  std::vector<Edit> edits;
  edits.reserve(edits_.size());
  for (const auto& [place, edit] : edits_) {
    const std::uint32_t from = place.literals_before == 0 ? 0 : shape.literals()[place.literals_before - 1].end;
    edits.push_back({from + place.distance, edit.length, edit.text});
  }
  std::string text = splice(sql, edits);
  return Rewritten{RewrittenSql(std::move(text)), std::move(edits), statements_, {}, guards_, {}, {}};
}

std::optional<std::string> Template::probe(std::string_view sql, const Shape& shape) const {
  if (fixed_.size() == shape.literals().size()) return std::nullopt;
  std::vector<Edit> edits;
  auto fixed = fixed_.begin();
  for (std::size_t i = 0; i < shape.literals().size(); ++i) {
    if (fixed != fixed_.end() && fixed->literal == i) {
      ++fixed;
      continue;
    }
    constexpr std::size_t kUnlikely = 73'001;
    const Literal& literal = shape.literals()[i];
    edits.push_back({literal.begin, literal.end - literal.begin, stand_in(shape.text_of(sql, i), kUnlikely + i)});
  }
  return splice(sql, edits);
}

std::size_t Template::bytes() const {
  constexpr std::size_t kStatement = sizeof(Statement) + 64, kGuard = sizeof(ParameterGuard) + 100;
  std::size_t bytes = sizeof(Template) + kStatement * statements_.size() + kGuard * guards_.size();
  for (const Fixed& fixed : fixed_) bytes += sizeof(Fixed) + fixed.text.size();
  for (const auto& [place, edit] : edits_) bytes += sizeof(place) + sizeof(Edit) + edit.text.size();
  return bytes;
}

}  // namespace bulkhead::rewrite
