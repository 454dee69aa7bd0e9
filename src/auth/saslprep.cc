#include "auth/saslprep.h"

#include <stringprep.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bulkhead::auth {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

bool ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The steps of RFC 4013 but for the normalisation, which PostgreSQL's checks do not look at (pg_saslprep): what is
// prohibited is looked for before it, not after. The two orders disagree about characters such as U+0340.
const Stringprep_profile* map_and_check() {
  static const auto steps = [] {
    std::vector<Stringprep_profile> copied;
    const auto* step = stringprep_saslprep;
    for (; step->operation != 0; ++step)
      if (step->operation != STRINGPREP_NFKC) copied.push_back(*step);
    copied.push_back(*step);  // the end mark
    return copied;
  }();
  return steps.data();
}

// libidn normalises as Unicode 3.2 did, which is right for all it lets past but the five ideographs whose
// decomposition Corrigendum #4 of Unicode mended.
constexpr std::pair<uint32_t, uint32_t> kCorrigendum4[] = {
    {0x2f868, 0x36fc}, {0x2f874, 0x5f53}, {0x2f91f, 0x243ab}, {0x2f95f, 0x7aee}, {0x2f9bf, 0x45d7}};

}  // namespace

Secret saslprep(const Secret& password) {
  if (ascii(password.reveal())) return password;
  std::size_t length = 0;
  const std::string_view text = password.reveal();
  const std::unique_ptr<uint32_t[], Free> points(
      stringprep_utf8_to_ucs4(text.data(), static_cast<ssize_t>(text.size()), &length));
  if (!points) return password;
  // Mapping only ever shortens: to a space, or to nothing.
  if (stringprep_4i(points.get(), &length, length + 1, STRINGPREP_NO_UNASSIGNED, map_and_check()) != STRINGPREP_OK ||
      length == 0)
    return password;
  for (const auto& [ideograph, mended] : kCorrigendum4)
    std::replace(points.get(), points.get() + length, ideograph, mended);
  std::size_t normalised_length = 0;
  const std::unique_ptr<uint32_t[], Free> normalised(
      stringprep_ucs4_nfkc_normalize(points.get(), static_cast<ssize_t>(length)));
  if (!normalised) return password;
  const std::unique_ptr<char[], Free> utf8(
      stringprep_ucs4_to_utf8(normalised.get(), -1, nullptr, &normalised_length));
  return utf8 ? Secret(std::string(utf8.get(), normalised_length)) : password;
}

}  // namespace bulkhead::auth
