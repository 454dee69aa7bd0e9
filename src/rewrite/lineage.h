#pragma once

// What the policy says of a relation's rows: by its own line, or by what the lines of its ancestors agree on. Whoever reads a
// table reads the rows of its children and partitions, too (manual, "Inheritance"), so a row stands in each of them at once:
// lines that would have it be one organisation's here and another's, or everybody's, there contradict each other.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalogue.h"
#include "policy/model.h"

namespace bulkhead::rewrite {

/// What is said of a relation's rows. Views into policy and catalogue.
struct Claim {
  enum class Kind { unlisted, none, shared, tenant } kind = Kind::unlisted;
  std::string_view column{};  ///< of `tenant`: the tenant column
  std::string_view read{};    ///< of `tenant`: what the line lets be read beyond the own rows
  policy::WithoutRowSecurity without_row_security = policy::WithoutRowSecurity::refuse;
  const policy::TableRule* rule = nullptr;  ///< null: no line says so, but the relation's columns
  const policy::Relation* of = nullptr;     ///< whose line or columns those are
};

/// A relation that two claims are made of, or that its relatives' rows are claimed for otherwise.
struct Contradiction {
  std::string message;  ///< names the relation
  std::string lines;    ///< of the configuration, that would have to say something else
  const policy::TableRule* rule = nullptr;  ///< one of the lines; null: none is involved
};

/// Remembers what it found: for one policy and one catalogue, which must outlive it.
class Lineage {
 public:
  Lineage(const policy::Policy& policy, const policy::Catalogue& catalogue) : policy_(policy), catalogue_(catalogue) {}

  /// Nothing if all is well.
  std::optional<Contradiction> contradiction(const policy::Relation& relation);
  /// Of a relation that nothing contradicts.
  Claim claim(const policy::Relation& relation);

 private:
  using Claims = std::vector<Claim>;  ///< one, if nothing is wrong; each once
  const Claims& claims(const policy::Relation& relation);
  Claims inherited(const policy::Relation& relation);
  Claim own(const policy::Relation& relation, const policy::TableRule* rule) const;
  std::optional<Contradiction> contradicted_by(const policy::Relation& relation, const Claim& claim, bool below);

  const policy::Policy& policy_;
  const policy::Catalogue& catalogue_;
  std::map<const policy::Relation*, Claims> known_;
};

}  // namespace bulkhead::rewrite
