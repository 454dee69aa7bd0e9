#include "rewrite/shape_cache.h"

#include <gtest/gtest.h>

#include <random>

#include "rewrite/splice.h"
#include "unit/rewrite/golden_world.h"

namespace bulkhead::rewrite {
namespace {

Subject acme() { return subject_of({}); }

/// Judges as a session does: by shape if that is known.
class Session {
 public:
  explicit Session(Protocol protocol = Protocol::simple) : protocol_(protocol) {}

  Verdict judge(std::string_view sql, const Subject& subject) {
    if (auto known = cache.find(sql, protocol_, subject)) {
      ++hits;
      return std::move(*known);
    }
    Verdict verdict = Rewriter().judge(sql, subject, protocol_);
    if (const auto* rewritten = std::get_if<Rewritten>(&verdict)) cache.learn(sql, protocol_, subject, *rewritten);
    return verdict;
  }
  std::string text(const std::string& sql, const Subject& subject = acme()) {
    const Verdict verdict = judge(sql, subject);
    if (const auto* rejected = std::get_if<Rejected>(&verdict)) return "refused: " + rejected->error.message;
    return std::string(std::get<Rewritten>(verdict).sql.text());
  }

  ShapeCache cache;
  int hits = 0;

 private:
  Protocol protocol_;
};

TEST(ShapeCache, ServesOtherLiterals) {
  Session s;
  const auto ask = [&s](const char* where) {
    return s.text(std::string("SELECT id FROM orders WHERE ") + where + " ORDER BY 1 LIMIT 10");
  };
  const std::string form = ask("id = 1 AND note = 'a'");
  const auto like = [&form](std::string where) {
    std::string out = form;
    return out.replace(out.find("id = 1 AND note = 'a'"), 21, where);
  };
  EXPECT_EQ(ask("id = 22 AND note = 'bcd'"), like("id = 22 AND note = 'bcd'"));
  EXPECT_EQ(s.hits, 0) << "a shape is worth a template when it comes again";
  EXPECT_EQ(ask("id = 987654321 AND note = ''"), like("id = 987654321 AND note = ''"));
  EXPECT_EQ(ask("id = 4 AND note = 'it''s ) OR true --'"), like("id = 4 AND note = 'it''s ) OR true --'"));
  EXPECT_EQ(s.hits, 2);
}

// The promise: by shape or in full, the verdict on a text is the same. Every golden statement, with other literals.
TEST(ShapeCache, AgreesWithTheRewriterOnEveryGoldenStatement) {
  std::random_device device;
  const auto seed = device();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto any = [&random](std::string_view literal) -> std::string {
    const char* const integers[] = {"0", "1", "2", "7", "42", "999999999", "0001"};
    const char* const strings[] = {"''", "'1'", "'2'", "'acme'", "'public'", "'app.org_id'", "'t'", "'a''b'", "'é'", "'pg_class'"};
    if (literal.starts_with('\'')) return strings[random() % std::size(strings)];
    if (literal.starts_with('/') || literal.starts_with('-')) return stand_in(literal, random() % 100);
    if (literal.find('.') != std::string_view::npos || literal.size() > 9) return stand_in(literal, random() % 100);
    return integers[random() % std::size(integers)];
  };

  int texts = 0, hits = 0;
  for (const auto& path : testing::golden_files(kGoldenDirectory + "/rewrite"))
    for (const auto& test : testing::read_golden(path).cases) {
      const Subject subject = subject_of(test);
      Session s(protocol_of(test));
      Shape shape;
      if (!shape.read(test.input)) continue;
      for (int i = 0; i < 12; ++i) {
        std::vector<Edit> edits;
        if (i > 1)
          for (std::size_t k = 0; k < shape.literals().size(); ++k)
            if (random() % 2) {
              const Literal& at = shape.literals()[k];
              edits.push_back({at.begin, at.end - at.begin, any(shape.text_of(test.input, k))});
            }
        const std::string sql = splice(test.input, edits);
        const Verdict by_shape = s.judge(sql, subject), in_full = Rewriter().judge(sql, subject, protocol_of(test));
        ++texts;
        ASSERT_EQ(by_shape.index(), in_full.index()) << sql;
        if (const auto* expected = std::get_if<Rewritten>(&in_full)) {
          const auto& got = std::get<Rewritten>(by_shape);
          ASSERT_EQ(got.sql.text(), expected->sql.text());
          ASSERT_EQ(got.edits, expected->edits) << sql;
          ASSERT_EQ(got.statements, expected->statements) << sql;
          ASSERT_EQ(got.guards, expected->guards) << sql;
        }
      }
      hits += s.hits;
    }
  EXPECT_GT(hits, texts / 3) << "most statements are served by their shape";
}

// A hundred comments of one letter each are fine, a hundred of nothing in one run are not (seed 1395996891 of the test above).
TEST(ShapeCache, CommentsInARowAreCountedEachTime) {
  Session s;
  const auto with = [](const std::string& comment) {
    std::string text = "SELECT 1";
    for (int i = 0; i < 100; ++i) text += comment;
    return text;
  };
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(s.text(with("/* a */")).starts_with("refused"));
  EXPECT_TRUE(s.text(with("/**/")).starts_with("refused"));
  EXPECT_TRUE(s.text(with("/**/+")).starts_with("refused"));
}

TEST(ShapeCache, WhatTheVerdictDependsOnIsPartOfTheKey) {
  Session s;
  for (int i = 0; i < 3; ++i) {  // own and foreign organisation, harmless and pinned settings, in turn
    EXPECT_FALSE(s.text("INSERT INTO orders (id, org_id) VALUES (5, 1)").starts_with("refused"));
    EXPECT_TRUE(s.text("INSERT INTO orders (id, org_id) VALUES (5, 2)").starts_with("refused"));
    EXPECT_FALSE(s.text("UPDATE orders SET note = 'x', org_id = 1 WHERE id = 2").starts_with("refused"));
    EXPECT_TRUE(s.text("UPDATE orders SET note = 'x', org_id = 3 WHERE id = 2").starts_with("refused"));
    EXPECT_FALSE(s.text("SELECT set_config('application_name', '1', false)").starts_with("refused"));
    EXPECT_TRUE(s.text("SELECT set_config('app.org_id', '1', false)").starts_with("refused"));
    EXPECT_TRUE(s.text("SELECT set_config('role', '1', false)").starts_with("refused"));
    EXPECT_TRUE(s.text("SET standard_conforming_strings = 'off'").starts_with("refused"));
    EXPECT_FALSE(s.text("SET standard_conforming_strings = 'on'").starts_with("refused"));
  }
  EXPECT_GT(s.hits, 0);
}

TEST(ShapeCache, ASettingsValueIsNotLostInTheTemplate) {
  Session s;
  const auto value = [&s](const std::string& sql) {
    const Verdict verdict = s.judge(sql, acme());
    return std::get<Rewritten>(verdict).statements.at(0).effects.settings.at(0).value.value();
  };
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(value("SET statement_timeout = 100"), "100");
    EXPECT_EQ(value("SET statement_timeout = 2000"), "2000");
    EXPECT_EQ(value("SET application_name = 'a'"), "a");
    EXPECT_EQ(value("SET application_name = 'b'"), "b");
  }
}

TEST(ShapeCache, ProtocolsDoNotShare) {
  Session simple, extended(Protocol::extended);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(simple.text("SELECT 1; SELECT 2").starts_with("refused"));
    EXPECT_FALSE(simple.cache.find("SELECT 1; SELECT 2", Protocol::extended, acme()));
    EXPECT_TRUE(extended.text("SELECT 1; SELECT 2").starts_with("refused"));
  }
}

TEST(ShapeCache, ANewerCatalogueStartsAnew) {
  Session s;
  const char* const sql = "SELECT id FROM orders WHERE id = 1";
  for (int i = 0; i < 3; ++i) s.text(sql);
  EXPECT_EQ(s.hits, 1);
  const auto without = policy::load_catalogue("version: 150020\nrelations: { public.other: { kind: table, columns: { id: int8 } } }\n").value();
  const Subject newer{*golden_world().policy, *without, acme().tenant, nullptr};
  EXPECT_TRUE(s.text(sql, newer).starts_with("refused")) << "the table has gone";
}

TEST(ShapeCache, StaysInsideItsBytes) {
  ShapeCache cache(20'000);
  const auto run = [&cache](const std::string& sql) {
    if (cache.find(sql, Protocol::simple, acme())) return true;
    const Verdict verdict = Rewriter().judge(sql, acme(), Protocol::simple);
    cache.learn(sql, Protocol::simple, acme(), std::get<Rewritten>(verdict));
    return false;
  };
  for (int i = 0; i < 200; ++i) {
    std::string name = "c" + std::to_string(i);
    for (int k = 0; k < 3; ++k) run("SELECT id AS " + name + " FROM orders WHERE id = " + std::to_string(k));
    EXPECT_LE(cache.bytes(), 20'000u);
    run("SELECT id FROM orders WHERE total = 5");
  }
  EXPECT_TRUE(run("SELECT id FROM orders WHERE total = 6")) << "what is used is kept";
  EXPECT_FALSE(run("SELECT id AS c0 FROM orders WHERE id = 3")) << "what is not is forgotten";
  std::string longer = "SELECT id";
  for (int i = 0; i < 2000; ++i) longer += ", id";
  run(longer);
  run(longer);
  EXPECT_TRUE(run("SELECT id FROM orders WHERE total = 7")) << "one long text does not push out the rest";
}

TEST(ShapeCache, AStatementLongerThanTheLimitIsNotServed) {
  auto tenant = acme().tenant;
  tenant.limits.statement_size = 60;
  const Subject subject{*golden_world().policy, *golden_world().catalogue, tenant, nullptr};
  Session s;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(s.text("SELECT id FROM orders WHERE note = 'a'", subject).starts_with("refused"));
  EXPECT_TRUE(s.text("SELECT id FROM orders WHERE note = '" + std::string(60, 'a') + "'", subject).starts_with("refused"));
}

}  // namespace
}  // namespace bulkhead::rewrite
