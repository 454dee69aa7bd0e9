#include "session/report_filter.h"

#include <gtest/gtest.h>

namespace bulkhead::session {
namespace {

using Fields = std::vector<proto::Report::Field>;

Fields filtered(Fields fields) {
  proto::ErrorResponse report;
  report.fields = std::move(fields);
  withhold_foreign(report);
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

TEST(ReportFilter, leaves_what_tells_of_the_clients_own) {
  for (const Fields& fields :
       {Fields{{'C', "23505"}, {'D', "Key (email)=(a@b) already exists."}},
        Fields{{'C', "23514"}, {'D', "Failing row contains (1, x)."}},
        Fields{{'C', "P0001"}, {'W', "PL/pgSQL function f() line 3 at RAISE"}}, Fields{{'C', "42601"}, {'P', "5"}}, Fields{}})
    EXPECT_EQ(filtered(fields), fields);
}

}  // namespace
}  // namespace bulkhead::session
