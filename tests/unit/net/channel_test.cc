#include "net/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bulkhead::net {
namespace {

/// A channel on one end of a socket pair, the other end in the test's hands, and what its owner was told.
class ChannelTest : public testing::Test, protected Channel::Owner {
 protected:
  ChannelTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    peer = ends[1];
    channel = std::make_shared<Channel>(loop, Stream(loop, ends[0], AF_UNIX));
    channel->set_owner(this);
  }
  ~ChannelTest() {
    channel->set_owner(nullptr);
    if (peer >= 0) ::close(peer);
  }

  void on_readable(Channel&) override { ++readable; }
  void on_drained(Channel&) override { ++drained; }

  /// Everything that is ready now.
  void run() {
    loop.context().restart();
    while (loop.context().poll() > 0) {
    }
  }
  std::size_t peer_reads() {
    char bytes[65536];
    const auto n = ::recv(peer, bytes, sizeof bytes, MSG_DONTWAIT);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  Loop loop{0};
  std::shared_ptr<Channel> channel;
  int peer = -1, readable = 0, drained = 0;
};

TEST_F(ChannelTest, tells_of_bytes_once_for_each_time_it_is_asked) {
  channel->want_readable();
  channel->want_readable();
  EXPECT_TRUE(channel->waits_to_read());
  run();
  EXPECT_EQ(readable, 0);
  ASSERT_EQ(::send(peer, "hello", 5, 0), 5);
  run();
  EXPECT_EQ(readable, 1);
  EXPECT_FALSE(channel->waits_to_read());
  char into[16];
  EXPECT_EQ(channel->read_some(into).bytes, 5u);
  EXPECT_EQ(channel->read_some(into).state, IoResult::State::would_block);
}

TEST_F(ChannelTest, keeps_what_the_peer_does_not_take_and_tells_when_it_is_out) {
  const std::string much(4u << 20, 'x');
  channel->send(much);
  ASSERT_GT(channel->unsent(), 0u);
  channel->send("end");
  std::size_t taken = 0;
  while (taken < much.size() + 3) {
    taken += peer_reads();
    run();
  }
  EXPECT_EQ(taken, much.size() + 3);
  EXPECT_EQ(channel->unsent(), 0u);
  EXPECT_EQ(drained, 1);
}

TEST_F(ChannelTest, a_peer_that_has_gone_shows_as_readable_and_as_broken) {
  channel->want_readable();
  ::close(std::exchange(peer, -1));
  run();
  EXPECT_EQ(readable, 1);
  char into[16];
  EXPECT_EQ(channel->read_some(into).state, IoResult::State::closed);
  channel->send("anybody?");
  EXPECT_TRUE(channel->broken());
  channel->send("no");
  EXPECT_EQ(channel->unsent(), 0u);
}

TEST_F(ChannelTest, an_owner_that_left_is_told_nothing) {
  channel->want_readable();
  channel->set_owner(nullptr);
  ASSERT_EQ(::send(peer, "x", 1, 0), 1);
  run();
  EXPECT_EQ(readable, 0);
}

TEST_F(ChannelTest, a_wait_under_way_keeps_it_alive) {
  channel->want_readable();
  const std::weak_ptr<Channel> weak = channel;
  channel->set_owner(nullptr);
  channel->close();
  const auto other = std::exchange(channel, std::make_shared<Channel>(loop, Stream(loop, ::dup(peer), AF_UNIX)));
  EXPECT_FALSE(weak.expired());
  run();
  EXPECT_EQ(readable, 0);
}

}  // namespace
}  // namespace bulkhead::net
