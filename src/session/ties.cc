#include "session/ties.h"

namespace bulkhead::session {

void Ties::ran(const rewrite::Effects& effects) {
  if (effects.pins) tied_ = true;
  if (effects.makes_temporary) temporary_ = true;
  if (effects.loosens) loosen();
  if (effects.listens) channels_[effects.listens->on_server] = effects.listens->name;
}

void Ties::failed(const rewrite::Effects* effects) {
  if (effects && effects->pins) tied_ = true;
  loosen();
}

void Ties::answered(bool something_left) {
  if (!something_left) clear();
}

const std::string* Ties::name_of(std::string_view channel) const {
  const auto at = channels_.find(channel);
  return at == channels_.end() ? nullptr : &at->second;
}

}  // namespace bulkhead::session
