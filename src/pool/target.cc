#include "pool/target.h"

namespace bulkhead::pool {

Fit fit(policy::Target target, const Reported& said) {
  const auto standby = said.find("in_hot_standby"), read_only = said.find("default_transaction_read_only");
  const auto demand = [](bool met) { return met ? Fit::yes : Fit::no; };
  switch (target) {
    case policy::Target::any: return Fit::yes;
    case policy::Target::primary: return demand(standby != "on");
    case policy::Target::standby: return demand(standby == "on");
    case policy::Target::prefer_standby: return standby == "on" ? Fit::yes : Fit::if_need_be;
    case policy::Target::read_write: return demand(standby == "off" && read_only == "off");
    case policy::Target::read_only: return demand(standby == "on" || read_only == "on");
  }
  return Fit::no;
}

}  // namespace bulkhead::pool
