#include "auth/saslprep.h"

#include <stringprep.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace bulkhead::auth {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

bool ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 4013 with its steps in PostgreSQL's order (pg_saslprep): what is prohibited is looked for before the
// normalisation, not after. libidn's own SASLprep profile does it the other way round, and the two disagree about
// characters such as U+0340, which normalises to an allowed one.
constexpr auto kAlways = static_cast<Stringprep_profile_flags>(0);
constexpr std::array kMapAndCheck{
    Stringprep_profile{STRINGPREP_MAP_TABLE, kAlways, stringprep_saslprep_space_map, 0},
    Stringprep_profile{STRINGPREP_MAP_TABLE, kAlways, stringprep_rfc3454_B_1, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_1_2, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_2_1, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_2_2, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_3, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_4, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_5, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_6, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_7, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_8, 0},
    Stringprep_profile{STRINGPREP_PROHIBIT_TABLE, kAlways, stringprep_rfc3454_C_9, 0},
    Stringprep_profile{STRINGPREP_UNASSIGNED_TABLE, kAlways, stringprep_rfc3454_A_1, 0},
    Stringprep_profile{STRINGPREP_BIDI, kAlways, nullptr, 0},
    Stringprep_profile{STRINGPREP_BIDI_RAL_TABLE, kAlways, stringprep_rfc3454_D_1, 0},
    Stringprep_profile{STRINGPREP_BIDI_L_TABLE, kAlways, stringprep_rfc3454_D_2, 0},
    Stringprep_profile{static_cast<Stringprep_profile_steps>(0), kAlways, nullptr, 0},
};

}  // namespace

Secret saslprep(const Secret& password) {
  if (ascii(password.reveal())) return password;
  std::size_t length = 0;
  const std::string_view text = password.reveal();
  const std::unique_ptr<uint32_t[], Free> points(
      stringprep_utf8_to_ucs4(text.data(), static_cast<ssize_t>(text.size()), &length));
  if (!points) return password;
  // Mapping only ever shortens: to a space, or to nothing.
  if (stringprep_4i(points.get(), &length, length + 1, STRINGPREP_NO_UNASSIGNED, kMapAndCheck.data()) !=
          STRINGPREP_OK ||
      length == 0)
    return password;
  std::size_t normalised_length = 0;
  const std::unique_ptr<uint32_t[], Free> normalised(
      stringprep_ucs4_nfkc_normalize(points.get(), static_cast<ssize_t>(length)));
  if (!normalised) return password;
  const std::unique_ptr<char[], Free> utf8(
      stringprep_ucs4_to_utf8(normalised.get(), -1, nullptr, &normalised_length));
  return utf8 ? Secret(std::string(utf8.get(), normalised_length)) : password;
}

}  // namespace bulkhead::auth
