#include "app/command_scram.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "auth/verifier.h"

namespace bulkhead::app {
namespace {

/// Silences the terminal, if there is one, as long as it lives.
class EchoOff {
 public:
  EchoOff() : terminal_(isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~EchoOff() {
    if (terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  bool terminal() const { return terminal_; }

 private:
  termios before_{};
  bool terminal_;
};

std::string read_password(Io io) {
  if (&io.in == &std::cin) {
    const EchoOff echo;
    if (echo.terminal()) {
      io.err << "Password: " << std::flush;
      std::string line;
      std::getline(io.in, line);
      io.err << '\n';
      return line;
    }
  }
  auto text = read_all(io.in);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

int scram(int iterations, Io io) {
  const Secret password(read_password(io));
  if (password.empty() || password.reveal().find('\0') != std::string_view::npos) {
    io.err << "bulkhead scram: expected a password on standard input, without NUL bytes\n";
    return kWrong;
  }
  io.out << auth::make_verifier(password, iterations) << '\n';
  return kFine;
}

}  // namespace bulkhead::app
