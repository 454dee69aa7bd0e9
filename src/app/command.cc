#include "app/command.h"

#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

#include "app/configuration.h"

namespace bulkhead::app {

std::shared_ptr<const policy::Policy> load_configuration(const std::string& path, Io io) {
  auto loaded = load_policy(path);
  io.err << policy::describe(path, loaded.findings);
  return loaded.policy;
}

Result<std::shared_ptr<const policy::Catalogue>> read_catalogue_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(sqlstate::config_file_error, path + ": the file cannot be opened");
  auto catalogue = policy::load_catalogue(read_all(file));
  if (!catalogue) return make_error(sqlstate::config_file_error, path + ":\n" + catalogue.error().message);
  return catalogue;
}

std::string read_all(std::istream& in) { return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}; }

}  // namespace bulkhead::app
