#include "app/command.h"

#include <istream>
#include <iterator>
#include <ostream>

#include "policy/load.h"

namespace bulkhead::app {

std::shared_ptr<const policy::Policy> load_configuration(const std::string& path, Io io) {
  auto loaded = policy::load_file(path);
  io.err << policy::describe(path, loaded.findings);
  return loaded.policy;
}

std::string read_all(std::istream& in) { return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}; }

}  // namespace bulkhead::app
