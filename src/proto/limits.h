#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::proto {

// How much of one message is believed, as PostgreSQL limits it. Lengths count the four bytes of the length field
// itself, as they travel.

/// MAX_STARTUP_PACKET_LENGTH (src/include/libpq/pqcomm.h).
inline constexpr std::uint32_t kMaxStartupLength = 10000;
/// PQ_SMALL_MESSAGE_LIMIT (src/include/libpq/libpq.h): messages that hold a name at most.
inline constexpr std::uint32_t kSmallMessageLimit = 10000;
/// PQ_LARGE_MESSAGE_LIMIT (libpq.h), MaxAllocSize - 1 (src/include/utils/memutils.h).
inline constexpr std::uint32_t kLargeMessageLimit = 0x3ffffffe;
/// PG_MAX_AUTH_TOKEN_LENGTH (src/include/libpq/auth.h): a password message; tokens are long.
inline constexpr std::uint32_t kMaxPasswordLength = 65535;
/// PG_MAX_SASL_MESSAGE_LENGTH (src/include/libpq/sasl.h).
inline constexpr std::uint32_t kMaxSaslLength = 1024;
/// libpq gives a connection up when a message it knows to be short is longer (pqParseInput3, fe-protocol3.c).
inline constexpr std::uint32_t kShortBackendLimit = 30000;
/// A server builds a message in one allocation (MaxAllocSize, memutils.h) and adds the length field.
inline constexpr std::uint32_t kLongBackendLimit = 0x3fffffff + 4;
/// MAX_CANCEL_KEY_LENGTH of protocol 3.2; the manual ("BackendKeyData") gives 4 as the least.
inline constexpr std::size_t kMinCancelKey = 4;
inline constexpr std::size_t kMaxCancelKey = 256;

}  // namespace bulkhead::proto
