// A catalogue file of `bulkhead rewrite --catalog`.
#include "policy/catalogue.h"
#include "fuzz.h"

FUZZ(bytes) {
  const auto catalogue = bulkhead::policy::load_catalogue(bytes);
  if (catalogue) must(*catalogue != nullptr, "a catalogue or an error");
}
