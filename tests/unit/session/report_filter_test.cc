#include "session/report_filter.h"

#include <gtest/gtest.h>

namespace bulkhead::session {
namespace {

using Fields = std::vector<proto::Report::Field>;

Fields filtered(Fields fields, bool hides_columns = false) {
  proto::ErrorResponse report;
  report.fields = std::move(fields);
  withhold_foreign(report, hides_columns);
  return report.fields;
}

TEST(ReportFilter, takes_what_tells_of_other_rows) {
  EXPECT_EQ(filtered({{'C', "23P01"}, {'M', "conflicting key"}, {'D', "Key (d)=(1) conflicts with existing key (d)=(2)."}}),
            (Fields{{'C', "23P01"}, {'M', "conflicting key"}}));
  EXPECT_EQ(filtered({{'C', "40P01"}, {'D', "Process 1 waits for ShareLock; blocked by process 2."}}), (Fields{{'C', "40P01"}}));
  EXPECT_EQ(filtered({{'C', "55P03"}, {'W', "while inserting index tuple (0,23) in relation \"acct_pkey\""}}),
            (Fields{{'C', "55P03"}}));
  EXPECT_EQ(filtered({{'C', "57014"}, {'W', "while updating tuple (0,1) in relation \"acct\""}}), (Fields{{'C', "57014"}}));
}

TEST(ReportFilter, takes_rows_that_a_statement_inside_the_clients_has_met) {
  for (const char* state : {"23502", "23503", "23505", "23514", "44000"})
    for (const char* context : {"SQL statement \"UPDATE ONLY \"public\".\"item\" SET …\"", "SQL-Anweisung »UPDATE …«"})
      EXPECT_EQ(filtered({{'C', state}, {'D', "Failing row contains (2, 1, secret)."}, {'W', context}}),
                (Fields{{'C', state}, {'W', context}}));
}

TEST(ReportFilter, takes_the_key_of_a_row_that_is_referred_to) {
  const std::string deleted = "update or delete on table \"item\" violates foreign key constraint \"f\" on table \"part\"";
  EXPECT_EQ(filtered({{'C', "23503"}, {'M', deleted}, {'D', "Key (id)=(9) is still referenced from table \"part\"."}}),
            (Fields{{'C', "23503"}, {'M', deleted}}));
}

TEST(ReportFilter, takes_rows_where_columns_are_hidden) {
  EXPECT_EQ(filtered({{'C', "23502"}, {'D', "Failing row contains (1, hidden)."}}, true), (Fields{{'C', "23502"}}));
  EXPECT_EQ(filtered({{'C', "22P02"}, {'D', "Token \"x\" is invalid."}}, true), (Fields{{'C', "22P02"}, {'D', "Token \"x\" is invalid."}}));
}

TEST(ReportFilter, leaves_what_tells_of_the_clients_own) {
  for (const Fields& fields :
       {Fields{{'C', "23505"}, {'D', "Key (email)=(a@b) already exists."}},
        Fields{{'C', "23514"}, {'D', "Failing row contains (1, x)."}},
        Fields{{'C', "23503"}, {'M', "insert or update on table \"item\" violates …"}, {'D', "Key (a)=(9) is not present in table \"b\"."}},
        Fields{{'C', "23502"}, {'D', "Failing row contains (1, null)."}, {'W', "COPY t, line 1: \"1\t\\N\""}},
        Fields{{'C', "P0001"}, {'D', "said by hand"}, {'W', "PL/pgSQL function f() line 3 at RAISE"}}, Fields{{'C', "42601"}, {'P', "5"}}, Fields{}})
    EXPECT_EQ(filtered(fields), fields);
}

}  // namespace
}  // namespace bulkhead::session
