#include "app/command_observed.h"

#include <fstream>
#include <ostream>

#include "app/observed_json.h"
#include "app/observed_text.h"

namespace bulkhead::app {

int report_observed(const std::string& file, bool as_policy, Io io) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    io.err << "bulkhead observed: cannot read " << file << '\n';
    return kWrong;
  }
  const auto seen = observed_from_json(read_all(in));
  if (!seen) {
    io.err << "bulkhead observed: " << file << ": " << seen.error().message << '\n';
    return kWrong;
  }
  io.out << (as_policy ? observed_policy(*seen) : observed_report(*seen));
  return kFine;
}

}  // namespace bulkhead::app
