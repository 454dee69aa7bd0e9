#include "policy/tenant_names.h"

#include <gtest/gtest.h>

#include <set>

#include "base/digest.h"

namespace bulkhead::policy {
namespace {

Tenant tenant(std::string org) {
  Tenant t;
  t.org = std::move(org);
  return t;
}

TEST(TenantNames, Sha224OfFips180) {
  EXPECT_EQ(hex(sha224("abc")), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
}

TEST(TenantNames, AChannelIsThatOfItsOrganisation) {
  const std::string name = channel_on_server(tenant("1"), "jobs");
  // SELECT encode(sha224('bulkhead channel 1:1:jobs'), 'hex'): other instances and versions must agree.
  EXPECT_EQ(name, "e7229bda2ab9ffe413bdcb069f6599cfd4089bc2474775a6501a2f68");
  EXPECT_EQ(name, channel_on_server(tenant("1"), "jobs"));
  EXPECT_LT(channel_on_server(tenant(std::string(200, 'x')), std::string(63, 'y')).size(), 64u);
}

TEST(TenantNames, NoTwoOrganisationsAndNamesAreOneText) {
  std::set<std::string> seen;
  for (const char* org : {"1", "1:", "11", "1:1:", "", ":"})
    for (const char* name : {"1", "1:", "11", "1:1:", "x", ":x"})
      EXPECT_TRUE(seen.insert(channel_on_server(tenant(org), name)).second) << org << " " << name;
}

TEST(TenantNames, LocksNeedASecret) {
  Tenancy tenancy;
  EXPECT_FALSE(lock_salts(tenancy, tenant("1")));
  tenancy.lock_secret = Secret("a secret of sixteen bytes");
  const auto one = lock_salts(tenancy, tenant("1")), again = lock_salts(tenancy, tenant("1"));
  const auto two = lock_salts(tenancy, tenant("2"));
  ASSERT_TRUE(one && again && two);
  EXPECT_EQ(one->one, again->one);
  EXPECT_NE(one->one, two->one);
  EXPECT_NE(one->first, two->first);
  EXPECT_NE(one->second, two->second);
  tenancy.lock_secret = Secret("another secret of sixteen bytes");
  EXPECT_NE(one->one, lock_salts(tenancy, tenant("1"))->one);
}

}  // namespace
}  // namespace bulkhead::policy
