#pragma once

// What texts that differ only in their literals have in common: every byte but those of the literals, which are replaced by
// their class. Two texts of one shape have the same tokens with the same key words, names, operators and places, so the
// grammar makes the same tree of them but for the values of its constants.
//
// This lexer is for speed and knows only what nearly every statement is made of; where it is not certain it gives up, and
// the text is judged as if it were the only one of its kind. tests/fuzz holds it against the real lexer.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/verdict.h"

namespace bulkhead::rewrite {

/// The shape of the text read last. Reading reuses the memory: keep one per thread, copy what must stay.
class Shape {
 public:
  /// False: gave up, and the rest has no meaning. What read() accepts is well-formed UTF-8 without NUL.
  bool read(std::string_view sql);

  /// The text with each literal as one byte that stands nowhere else and tells its class: an unsigned integer of at most
  /// nine digits, another number, a plain '…', a comment of either kind.
  std::string_view skeleton() const { return skeleton_; }
  /// Of skeleton(), with a secret of the process: nobody outside can make shapes meet.
  std::uint64_t hash() const;
  /// In order.
  const std::vector<Literal>& literals() const { return literals_; }
  std::string_view text_of(std::string_view sql, std::size_t literal) const {
    return sql.substr(literals_[literal].begin, literals_[literal].end - literals_[literal].begin);
  }

 private:
  std::string skeleton_;
  std::vector<Literal> literals_;
};

/// Another literal of the same class as `literal`; differs for each small `salt`.
std::string stand_in(std::string_view literal, std::size_t salt);

}  // namespace bulkhead::rewrite
