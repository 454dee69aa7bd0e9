#include "session/login_places.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace bulkhead::session {
namespace {

/// Three places, and who was sent away from them in what order.
class LoginPlacesTest : public testing::Test {
 protected:
  LoginPlaces places{3};
  std::string gone;
  std::map<char, std::unique_ptr<LoginPlaces::Place>> logins;

  void enter(char name, const std::string& origin) {
    logins[name] = std::make_unique<LoginPlaces::Place>(places, origin, [this, name] { gone += name; });
  }
};

TEST_F(LoginPlacesTest, a_newcomer_takes_the_place_of_the_oldest) {
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) enter(name, std::string(1, name));
  EXPECT_EQ(gone, "ab");
  EXPECT_EQ(places.taken(), 3u);
}

TEST_F(LoginPlacesTest, a_place_that_was_left_is_free) {
  enter('a', "x");
  enter('b', "x");
  enter('c', "x");
  logins.erase('b');
  enter('d', "y");
  EXPECT_EQ(gone, "");
  enter('e', "y");
  EXPECT_EQ(gone, "a");
}

TEST_F(LoginPlacesTest, a_flood_from_one_origin_takes_the_places_of_its_own) {
  enter('a', "honest");
  for (const char name : std::string("bcdefgh")) enter(name, "flood");
  EXPECT_EQ(gone, "bcdef");
  enter('i', "honest");
  EXPECT_EQ(gone, "bcdefg") << "the flood has the most";
  EXPECT_EQ(places.taken(), 3u);
}

TEST_F(LoginPlacesTest, who_was_sent_away_may_leave_later) {
  enter('a', "x");
  enter('b', "x");
  enter('c', "y");
  enter('d', "z");
  EXPECT_EQ(gone, "a");
  logins.clear();
  EXPECT_EQ(places.taken(), 0u);
  enter('e', "x");
  EXPECT_EQ(places.taken(), 1u);
}

}  // namespace
}  // namespace bulkhead::session
