#include "pool/host_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::pool {
namespace {

using policy::HostPort;
using testing::ElementsAre;

const HostPort a{"a", 1}, b{"b", 2}, c{"c", 3};
constexpr Duration kShortest{400}, kFirst{500}, kLast{30'000};  ///< of pauses

policy::Server server(std::string name = "s") {
  policy::Server made;
  made.name = std::move(name);
  made.hosts = {a, b, c};
  return made;
}

const TimePoint start{};

TEST(HostPause, doubles_up_to_half_a_minute_less_a_part) {
  EXPECT_EQ(host_pause(1, 0), Duration(500));
  EXPECT_EQ(host_pause(2, 0), Duration(1000));
  EXPECT_EQ(host_pause(4, 0), Duration(4000));
  EXPECT_EQ(host_pause(7, 0), Duration(30'000));
  EXPECT_EQ(host_pause(1'000'000, 0), Duration(30'000));
  EXPECT_EQ(host_pause(1, 1), Duration(400));
  EXPECT_EQ(host_pause(1, 0.5), Duration(450));
  EXPECT_EQ(host_pause(1'000'000, 1), Duration(24'000));
}

TEST(HostBook, has_the_configuration_s_order_while_nothing_fails) {
  HostBook book;
  EXPECT_THAT(book.order(server(), start), ElementsAre(a, b, c));
  EXPECT_THAT(book.order(server(), start), ElementsAre(a, b, c));
}

TEST(HostBook, puts_last_what_has_failed_and_leaves_nothing_out) {
  HostBook book;
  book.failed(server(), a, start);
  EXPECT_THAT(book.order(server(), start), ElementsAre(b, c, a));
  book.failed(server(), c, start);
  EXPECT_THAT(book.order(server(), start), ElementsAre(b, a, c));
  book.failed(server(), b, start);
  EXPECT_THAT(book.order(server(), start), ElementsAre(a, b, c));
}

TEST(HostBook, keeps_servers_apart) {
  HostBook book;
  book.failed(server(), a, start);
  EXPECT_THAT(book.order(server("other"), start), ElementsAre(a, b, c));
}

TEST(HostBook, lets_one_try_a_host_again_when_its_pause_is_over) {
  HostBook book;
  book.failed(server(), a, start);
  EXPECT_THAT(book.order(server(), start + kShortest - Duration(1)), ElementsAre(b, c, a));
  EXPECT_THAT(book.order(server(), start + kFirst), ElementsAre(a, b, c));
  EXPECT_THAT(book.order(server(), start + kFirst), ElementsAre(b, c, a)) << "the others wait for what it finds";
  EXPECT_THAT(book.order(server(), start + kFirst + kShortest * 2 - Duration(1)), ElementsAre(b, c, a)) << "for longer now";
  EXPECT_THAT(book.order(server(), start + kFirst + kFirst * 2), ElementsAre(a, b, c));
}

TEST(HostBook, forgets_what_has_been_when_a_host_works) {
  HostBook book;
  for (int i = 0; i < 100; ++i) book.failed(server(), a, start + i * kLast);
  const auto now = start + 99 * kLast;
  EXPECT_THAT(book.order(server(), now + kFirst), ElementsAre(b, c, a));
  book.worked(server(), a);
  EXPECT_THAT(book.order(server(), now + kFirst), ElementsAre(a, b, c));
  book.failed(server(), a, now + kFirst);
  EXPECT_THAT(book.order(server(), now + kFirst + kFirst), ElementsAre(a, b, c)) << "the first pause again";
}

TEST(HostBook, counts_what_fails_many_at_a_time_once) {
  HostBook book;
  for (int i = 0; i < 100; ++i) book.failed(server(), a, start);
  EXPECT_THAT(book.order(server(), start + kFirst), ElementsAre(a, b, c));
}

}  // namespace
}  // namespace bulkhead::pool
