#include "app/verdict_text.h"

#include <gtest/gtest.h>

namespace bulkhead::app {
namespace {

rewrite::Verdict refused(int position, std::string detail = {}) {
  Error error = make_error(sqlstate::insufficient_privilege, "no", "say please", std::move(detail));
  error.position = position;
  return rewrite::Rejected{error, false};
}

TEST(VerdictText, RefusalPointsAtThePlaceInCharacters) {
  EXPECT_EQ(verdict_as_text("SELECT 1;\nSELECT 'é', x FROM y", refused(21)),
            "ERROR:  42501: no\n"
            "LINE 2: SELECT 'é', x FROM y\n"
            "                  ^\n"
            "HINT:  say please");
}

TEST(VerdictText, RefusalWithoutAPlace) {
  EXPECT_EQ(verdict_as_text("SELECT 1", refused(0, "because")), "ERROR:  42501: no\nDETAIL:  because\nHINT:  say please");
}

TEST(VerdictText, APlaceBeyondTheEndIsTheEnd) {
  EXPECT_EQ(verdict_as_text("SELECT", refused(99)),
            "ERROR:  42501: no\nLINE 1: SELECT\n              ^\nHINT:  say please");
}

TEST(VerdictText, TabsKeepTheCaretInItsColumn) {
  EXPECT_EQ(verdict_as_text("\tx", refused(2)), "ERROR:  42501: no\nLINE 1: \tx\n        \t^\nHINT:  say please");
}

TEST(VerdictText, RefusalAsJson) {
  EXPECT_EQ(verdict_as_json("SELECT \"x\"", refused(8)),
            R"({"sql":"SELECT \"x\"","verdict":"refused","error":{"sqlstate":"42501","message":"no","detail":"",)"
            R"("hint":"say please","position":8}})");
}

TEST(VerdictText, JsonIsUtf8WhateverTheClientSent) {
  EXPECT_EQ(verdict_as_json("\xff", refused(0)),
            "{\"sql\":\"\xef\xbf\xbd\",\"verdict\":\"refused\",\"error\":{\"sqlstate\":\"42501\",\"message\":\"no\","
            "\"detail\":\"\",\"hint\":\"say please\",\"position\":0}}");
}

}  // namespace
}  // namespace bulkhead::app
