// TLS between two streams of one loop, over a socket pair, with a certificate made on the spot.

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "net/channel.h"

namespace bulkhead::net {
namespace {

/// A self-signed certificate for "localhost" and its key, in files that go with it.
struct Pair {
  Pair() {
    char pattern[] = "/tmp/bulkhead_tls_test_XXXXXX";
    directory = ::mkdtemp(pattern);
    certificate = directory + "/own.crt";
    key = directory + "/own.key";
    EVP_PKEY* pkey = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, pkey);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_sign(x509, pkey, EVP_sha256());
    write(certificate, [&](FILE* file) { PEM_write_X509(file, x509); });
    write(key, [&](FILE* file) { PEM_write_PrivateKey(file, pkey, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(x509);
    EVP_PKEY_free(pkey);
  }
  ~Pair() { std::filesystem::remove_all(directory); }

  template <class Write>
  static void write(const std::string& path, Write write_to) {
    FILE* file = std::fopen(path.c_str(), "w");
    write_to(file);
    std::fclose(file);
    ::chmod(path.c_str(), 0600);
  }
  TlsOptions options() const { return {.certificate = certificate, .key = key, .alpn = "test"}; }

  std::string directory, certificate, key;
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    server.emplace(loop, ends[0], AF_UNIX);
    client.emplace(loop, ends[1], AF_UNIX);
  }

  void run() {
    loop.context().restart();
    while (loop.context().poll() > 0) {
    }
  }

  /// Both sides' results.
  std::pair<Result<void>, Result<void>> shake_hands(TlsOptions client_options, const std::string& host = "localhost") {
    std::optional<Result<void>> of_server, of_client;
    const auto serve = [&]() -> boost::asio::awaitable<void> {
      of_server = co_await server->accept_tls(*TlsContext::for_server(pair.options()));
      if (!*of_server) server->close();
    };
    const auto connect = [&]() -> boost::asio::awaitable<void> {
      of_client = co_await client->connect_tls(*TlsContext::for_client(client_options), host);
      if (!*of_client) client->close();
    };
    boost::asio::co_spawn(loop.context(), serve(), boost::asio::detached);
    boost::asio::co_spawn(loop.context(), connect(), boost::asio::detached);
    run();
    EXPECT_TRUE(of_server && of_client);
    return {*of_server, *of_client};
  }

  Pair pair;
  Loop loop{0};
  std::optional<Stream> server, client;
};

TEST_F(TlsTest, both_agree) {
  const auto [of_server, of_client] = shake_hands({.ca = pair.certificate, .check = PeerCheck::name, .alpn = "test"});
  ASSERT_TRUE(of_server) << of_server.error().message;
  ASSERT_TRUE(of_client) << of_client.error().message;
  EXPECT_EQ(client->tls()->version(), "TLSv1.3");
  EXPECT_EQ(server->tls()->alpn(), "test");
  EXPECT_EQ(client->tls()->peer_end_point().size(), 32u);
  EXPECT_EQ(client->tls()->peer_end_point(), (*TlsContext::for_server(pair.options()))->end_point());
  EXPECT_TRUE(client->tls()->peer_has_certificate());
  EXPECT_FALSE(server->tls()->peer_has_certificate());
  EXPECT_EQ(client->tls()->peer_common_name(), "localhost");
}

TEST_F(TlsTest, another_name) {
  const auto of_client = shake_hands({.ca = pair.certificate, .check = PeerCheck::name, .alpn = "test"}, "elsewhere").second;
  ASSERT_FALSE(of_client);
  EXPECT_EQ(of_client.error().message, "TLS handshake failed: the certificate is not for \"elsewhere\"");
}

TEST_F(TlsTest, another_authority) {
  const Pair other;
  const auto [of_server, of_client] = shake_hands({.ca = other.certificate, .check = PeerCheck::chain, .alpn = "test"});
  ASSERT_FALSE(of_client);
  EXPECT_NE(of_client.error().message.find("certificate verify failed"), std::string::npos) << of_client.error().message;
}

TEST_F(TlsTest, another_protocol) { EXPECT_FALSE(shake_hands({.alpn = "other"}).first); }

TEST_F(TlsTest, bytes_before_the_handshake_are_no_handshake) {
  ASSERT_EQ(client->write_some("startup, say").bytes, 12u);
  EXPECT_FALSE(shake_hands({.alpn = "test"}).first);
}

TEST_F(TlsTest, a_connection_that_is_cut) {
  ASSERT_TRUE(shake_hands({.alpn = "test"}).first);
  ::close(client->release().descriptor);
  char into[10];
  EXPECT_EQ(server->read_some(into).state, IoResult::State::closed);
  EXPECT_EQ(server->read_some(into).state, IoResult::State::closed);
}

TEST_F(TlsTest, an_end_with_goodbye_behind_the_last_bytes) {
  ASSERT_TRUE(shake_hands({.alpn = "test"}).first);
  char into[10];
  EXPECT_EQ(server->read_some(into).state, IoResult::State::would_block);
  ASSERT_EQ(client->write_some("last").bytes, 4u);
  client->close();
  EXPECT_EQ(server->read_some(into).bytes, 4u);
  EXPECT_TRUE(server->has_unread()) << "the goodbye";
  EXPECT_EQ(server->read_some(into).state, IoResult::State::closed);
  EXPECT_EQ(server->read_some(into).state, IoResult::State::closed);
  EXPECT_EQ(server->tls()->complaint(), "");
}

TEST_F(TlsTest, closed_it_writes_nothing_to_whoever_gets_the_descriptor_next) {
  ASSERT_TRUE(shake_hands({.alpn = "test"}).first);
  server->close();
  EXPECT_EQ(server->write_some("x").state, IoResult::State::closed);
}

/// Reads a few bytes at a time, as told, until it has everything.
class Reader final : public Channel::Owner {
 public:
  Reader(Loop& loop, Stream stream, std::size_t at_once)
      : channel(std::make_shared<Channel>(loop, std::move(stream))), at_once_(at_once) {
    channel->set_owner(this);
    channel->want_readable();
  }
  ~Reader() { channel->set_owner(nullptr); }
  void on_readable(Channel&) override {
    std::string into(at_once_, '\0');
    const auto read = channel->read_some(into);
    if (read.state == IoResult::State::closed) return;
    got.append(into, 0, read.bytes);
    channel->want_readable();
  }
  void on_drained(Channel&) override { ++drained; }

  std::shared_ptr<Channel> channel;
  std::string got;
  int drained = 0;

 private:
  const std::size_t at_once_;
};

TEST_F(TlsTest, what_stays_inside_tls_is_told_of) {
  ASSERT_TRUE(shake_hands({.alpn = "test"}).first);
  Reader reader(loop, std::move(*server), 7);
  std::string expected;
  for (const std::size_t size : {1u, 7u, 8u, 16'384u, 16'385u, 50'000u}) {
    ASSERT_EQ(client->write_some(std::string(size, 'x')).bytes, size);
    run();
    EXPECT_EQ(reader.got, expected += std::string(size, 'x'));
  }
}

TEST_F(TlsTest, what_the_peer_does_not_take_is_kept_and_follows_in_order) {
  ASSERT_TRUE(shake_hands({.alpn = "test"}).first);
  Reader writer(loop, std::move(*server), 100);
  std::string much;
  for (int i = 0; much.size() < (8u << 20); ++i) much += std::to_string(i) + " ";
  writer.channel->send(much);
  ASSERT_GT(writer.channel->unsent(), 0u);
  writer.channel->send("end");
  Reader reader(loop, std::move(*client), 10'000);
  run();
  EXPECT_EQ(reader.got, much + "end");
  EXPECT_EQ(writer.channel->unsent(), 0u);
  EXPECT_EQ(writer.drained, 1);
}

TEST_F(TlsTest, a_session_moves_to_another_loop) {
  ASSERT_TRUE(shake_hands({.alpn = "test"}).first);
  Loop other(1);
  ASSERT_EQ(client->write_some("across").bytes, 6u);
  Reader reader(other, Stream(other, server->release()), 3);
  while (other.context().poll() > 0) {
  }
  EXPECT_EQ(reader.got, "across");
}

TEST_F(TlsTest, messages_without_data_hold_nobody_up) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  TlsSession reader(*TlsContext::for_server(pair.options()), ends[0]);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* peer = SSL_new(context);
  SSL_set_fd(peer, ends[1]);
  const unsigned char alpn[] = "\4test";
  SSL_set_alpn_protos(peer, alpn, 5);
  SSL_set_connect_state(peer);
  for (int i = 0; i < 10; ++i) {
    SSL_do_handshake(peer);
    reader.handshake();
  }
  const auto update = [&](int times) {
    for (int i = 0; i < times; ++i) {
      SSL_key_update(peer, SSL_KEY_UPDATE_NOT_REQUESTED);
      ASSERT_EQ(SSL_do_handshake(peer), 1);
    }
  };
  update(20);
  SSL_write(peer, "x", 1);
  char bytes[100];
  int vain = 0;
  IoResult got = reader.read(bytes);
  while (got.state == IoResult::State::would_block && vain < 100) {
    ++vain;
    got = reader.read(bytes);
  }
  EXPECT_EQ(got.bytes, 1u);
  for (vain = 0; vain < 2000 && got.state != IoResult::State::closed; ++vain) {
    update(1);
    got = reader.read(bytes);
  }
  EXPECT_EQ(got.state, IoResult::State::closed) << "there is an end to them";
  EXPECT_EQ(reader.complaint(), "too many messages without data");
  reader.close();
  SSL_free(peer);
  SSL_CTX_free(context);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(TlsContext, names_the_file_that_is_at_fault) {
  const Pair pair;
  auto options = pair.options();
  options.key = pair.certificate;
  EXPECT_EQ(TlsContext::for_server(options).error().message.substr(0, 14), "the key file \"");
  options.key = "/nowhere";
  EXPECT_EQ(TlsContext::for_server(options).error().message,
            "the key file \"/nowhere\" cannot be read: No such file or directory");
  ::chmod(pair.key.c_str(), 0644);
  EXPECT_EQ(TlsContext::for_server(pair.options()).error().message,
            "the key file \"" + pair.key + "\" is open to group or world");
}

}  // namespace
}  // namespace bulkhead::net
