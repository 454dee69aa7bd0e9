#include <exception>
#include <iostream>

#include "app/cli.h"

int main(int argc, char** argv) {
  try {
    const int status = bulkhead::app::run_command_line(argc, argv, {std::cin, std::cout, std::cerr});
    std::cout.flush();
    return std::cout ? status : bulkhead::app::kWrong;
  } catch (const std::exception& error) {
    std::cerr << "bulkhead: " << error.what() << '\n';
    return bulkhead::app::kWrong;
  }
}
