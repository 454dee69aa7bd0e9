// Runs one target over its lines of seeds.csv, without libFuzzer: in every build, with every compiler. A crash that
// was found once gets a line there and stays found.
//   replay_NAME SEEDS.CSV NAME
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace {

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// In a block of exactly its size, so that a sanitizer sees the first byte behind it.
void run(std::string_view hex) {
  const std::size_t size = hex.size() / 2;
  const auto block = std::make_unique<unsigned char[]>(size);
  for (std::size_t i = 0; i < size; ++i)
    block[i] = static_cast<unsigned char>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  LLVMFuzzerTestOneInput(block.get(), size);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream seeds(argv[1]);
  const std::string target = std::string(argv[2]) + ",";
  int count = 0;
  for (std::string line; std::getline(seeds, line);) {
    if (line.compare(0, target.size(), target) != 0) continue;
    std::cout << line.substr(0, line.rfind(',')) << std::endl;
    run(std::string_view(line).substr(line.rfind(',') + 1));
    ++count;
  }
  std::cout << count << " seeds\n";
  return count > 0 ? 0 : 1;
}
