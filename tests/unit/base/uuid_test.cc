#include "base/uuid.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Uuid, EverySpellingIsTheSameBytes) {
  const auto bytes = uuid_bytes("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 16u);
  EXPECT_EQ(bytes->substr(0, 4), "\x6b\xa7\xb8\x10");
  for (const char* text : {"6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "{6ba7b8109dad11d180b400c04fd430c8}",
                           "6ba7-b810-9dad-11d1-80b4-00c0-4fd4-30c8"})
    EXPECT_EQ(uuid_bytes(text), bytes) << text;
}

TEST(Uuid, WhatUuidInRefuses) {
  for (const char* text : {"", "{", "{}", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b810-9dad-11d1-80b4-00c04fd430c8-",
                           "-6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6b-a7b8109dad11d180b400c04fd430c8",
                           "6ba7--b8109dad11d180b400c04fd430c8", "{6ba7b8109dad11d180b400c04fd430c8", "6ba7b8109dad11d180b400c04fd430cg"})
    EXPECT_FALSE(uuid_bytes(text)) << text;
}

}  // namespace
}  // namespace bulkhead
