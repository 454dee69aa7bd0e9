#include "auth/scram_messages.h"

#include <gtest/gtest.h>

#include "auth/crypto.h"

namespace bulkhead::auth {
namespace {

using std::string_literals::operator""s;

const std::string kKey = base64_encode(std::string(32, 'k'));

struct Bad {
  std::string message;
  SqlState state = sqlstate::protocol_violation;
};

template <class Parse>
void all_refused(const std::vector<Bad>& table, Parse parse) {
  for (const auto& [message, state] : table) {
    const auto parsed = parse(message);
    ASSERT_FALSE(parsed) << message;
    EXPECT_EQ(parsed.error().state, state) << message;
  }
}

// Cut, doubled and overwritten in each place, a good message may still parse; it must never do worse than be refused.
template <class Parse>
void survives_mutations(const std::string& good, Parse parse) {
  ASSERT_TRUE(parse(good));
  for (std::size_t i = 0; i <= good.size(); ++i) {
    (void)parse(good.substr(0, i));
    (void)parse(good.substr(i));
    (void)parse(good.substr(0, i) + good);
    for (int c = 0; c < 256; ++c) {
      auto changed = good;
      if (i < good.size()) changed[i] = static_cast<char>(c);
      (void)parse(changed);
    }
  }
}

TEST(ClientFirst, Parses) {
  const auto first = parse_client_first("y,,n=us=2Cer,r=abc!\"#,x=extension");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->binding, 'y');
  EXPECT_EQ(first->gs2_header, "y,,");
  EXPECT_EQ(first->bare, "n=us=2Cer,r=abc!\"#,x=extension");
  EXPECT_EQ(first->nonce, "abc!\"#");
  EXPECT_EQ(parse_client_first("n,,n=,r=x")->binding, 'n');
  survives_mutations("n,,n=user,r=abc", parse_client_first);
}

TEST(ClientFirst, RefusesEachMalformedForm) {
  all_refused(
      {
          {""},
          {"n"},
          {"n,"},
          {"n,,"},
          {"x,,n=,r=abc"},
          {"N,,n=,r=abc"},
          {",,n=,r=abc"},
          {"n n=,r=abc"},
          {"n,x,n=,r=abc"},
          {"p=tls-unique,,n=,r=abc"},
          {"p=tls-server-end-pointless,,n=,r=abc"},
          {"p=tls-server-end-point"},
          {"p=tls-server-end-point,"},
          {"p=tls-server-end-point,x,n=,r=abc"},
          {"p=tls-server-end-point,a=globex,n=,r=abc", sqlstate::feature_not_supported},
          {"p,,n=,r=abc"},
          {"n,a=other,n=,r=abc", sqlstate::feature_not_supported},
          {"n,,m=ext,n=,r=abc", sqlstate::feature_not_supported},
          {"n,,n=,m=ext,r=abc", sqlstate::feature_not_supported},
          {"n,,n=,r=abc,m=ext", sqlstate::feature_not_supported},
          {"n,,r=abc,n="},
          {"n,,n="},
          {"n,,n=,"},
          {"n,,n=,r"},
          {"n,,n=,r="},
          {"n,,n=,r=abc,"},
          {"n,,n=,r=abc,,"},
          {"n,,n=,r=abc,x"},
          {"n,,n=,r=abc,=x"},
          {"n,,n=,r=abc,1=x"},
          {"n,,n=,r=a c"},
          {"n,,n=,r=a\tc"},
          {"n,,n=,r=a\x7f"},
          {"n,,n=,r=\xc3\xa4"},
          {"n,,n=,r=abc\0"s},
          {"n,,n=\0,r=abc"s},
          {"n,,n=,r=" + std::string(kMaximumMessage, 'x')},
      },
      parse_client_first);
  EXPECT_TRUE(parse_client_first("n,,n=,r=" + std::string(kMaximumMessage - 8, 'x')));
}

TEST(ClientFinal, Parses) {
  const auto message = "c=biws,r=abc,x=y,p=" + kKey;
  const auto last = parse_client_final(message);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->binding, "n,,");
  EXPECT_EQ(last->nonce, "abc");
  EXPECT_EQ(last->without_proof, "c=biws,r=abc,x=y");
  EXPECT_EQ(last->proof, std::string(32, 'k'));
  survives_mutations(message, parse_client_final);
}

TEST(ClientFinal, RefusesEachMalformedForm) {
  all_refused(
      {
          {""},
          {"c=biws"},
          {"c=biws,r=abc"},  // CVE-2026-19888: no proof
          {"c=biws,p=" + kKey},
          {"r=abc,p=" + kKey},
          {"r=abc,c=biws,p=" + kKey},
          {"c=biws,r=abc,p"},
          {"c=biws,r=abc,p="},
          {"c=biws,r=abc,p=" + base64_encode(std::string(31, 'k'))},
          {"c=biws,r=abc,p=" + base64_encode(std::string(33, 'k'))},
          {"c=biws,r=abc,p=" + kKey.substr(0, 43)},
          {"c=biws,r=abc,p=" + kKey + ","},
          {"c=biws,r=abc,p=" + kKey + ",x=y"},
          {"c=biws,r=abc,p=" + kKey + ",p=" + kKey},
          {"c=biws,r=abc,m=x,p=" + kKey, sqlstate::feature_not_supported},
          {"c=biw,r=abc,p=" + kKey},
          {"c=!!!!,r=abc,p=" + kKey},
          {"c=biws,r=,p=" + kKey},
          {"c=biws,r=a\x01,p=" + kKey},
          {"c=biws,r=abc,p=" + kKey + "\0"s},
          {"c=biws,r=" + std::string(kMaximumMessage, 'x') + ",p=" + kKey},
      },
      parse_client_final);
}

TEST(ServerFirst, Parses) {
  const auto first = parse_server_first("r=abc,s=QUJD,i=4096,x=y");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->nonce, "abc");
  EXPECT_EQ(first->salt, "ABC");
  EXPECT_EQ(first->iterations, 4096);
  survives_mutations("r=abc,s=QUJD,i=4096", parse_server_first);
}

TEST(ServerFirst, RefusesEachMalformedForm) {
  all_refused(
      {
          {""},
          {"r=abc"},
          {"r=abc,s=QUJD"},
          {"s=QUJD,r=abc,i=4096"},
          {"r=abc,i=4096,s=QUJD"},
          {"m=x,r=abc,s=QUJD,i=4096", sqlstate::feature_not_supported},
          {"r=,s=QUJD,i=4096"},
          {"r=a c,s=QUJD,i=4096"},
          {"r=abc,s=,i=4096"},
          {"r=abc,s=QUJ,i=4096"},
          {"r=abc,s=QUJD,i="},
          {"r=abc,s=QUJD,i=0"},
          {"r=abc,s=QUJD,i=-4096"},
          {"r=abc,s=QUJD,i=4096 "},
          {"r=abc,s=QUJD,i=0x1000"},
          {"r=abc,s=QUJD,i=4294967297"},
          {"r=abc,s=QUJD,i=99999999999999999999"},
          {"r=abc,s=QUJD,i=4096\0"s},
          {"r=" + std::string(kMaximumMessage, 'x') + ",s=QUJD,i=4096"},  // CVE-2026-6665: an oversized nonce
          {"r=abc,s=" + std::string(1 << 20, 'A') + ",i=4096"},
      },
      parse_server_first);
}

TEST(ServerFinal, Parses) {
  EXPECT_EQ(*parse_server_final("v=" + kKey), std::string(32, 'k'));
  EXPECT_EQ(*parse_server_final("v=" + kKey + ",x=y"), std::string(32, 'k'));
  survives_mutations("v=" + kKey, parse_server_final);
}

TEST(ServerFinal, RefusesEachMalformedForm) {
  all_refused(
      {
          {""},
          {"v="},
          {"v"},
          {"x=y"},
          {"v=" + base64_encode("short")},
          {"v=" + kKey + "="},
          {"v=" + kKey + ","},
          {"v=" + kKey + "\0"s},
          {"v=" + std::string(kMaximumMessage, 'A')},
          {"e=invalid-proof", sqlstate::invalid_password},
          {"e=", sqlstate::invalid_password},
      },
      parse_server_final);
  EXPECT_EQ(parse_server_final("e=invalid-proof").error().detail, "invalid-proof");
  EXPECT_EQ(parse_server_final("e=\x1b[31m").error().detail, "") << "nothing unprintable is passed on";
}

}  // namespace
}  // namespace bulkhead::auth
