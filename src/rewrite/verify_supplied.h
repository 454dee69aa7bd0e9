#pragma once

// Mode validate: the conditions of the client's own that confine protected relations.

#include <functional>

#include "rewrite/ast.h"
#include "rewrite/rewriter.h"
#include "rewrite/verify_forms.h"

namespace bulkhead::rewrite::verifier {

/// May `parameter`, cast or not, stand for the tenant's constant of this column?
using AcceptParameter = std::function<bool(ast::Node parameter, const Relation& relation)>;

/// The predicates that the conditions of a statement amount to, at the places where verify_domination.h looks for them. A
/// condition counts if it is a top-level member of an AND in WHERE, DO UPDATE … WHERE or ON and says
///  * column = the organisation, as a literal of the client's or an accepted parameter, or IN with nothing else in it; or
///  * column = column of another relation that is confined itself, or USING (column):
/// a row that passes has both of the same organisation. In a subquery of WHERE, HAVING, RETURNING, SET or the select list the other
/// relation may be one of a query around it, unless the subquery locks. For a relation with a wider read the policy's expression counts,
/// too, and confines nothing else. The ON of an inner join counts like the WHERE around it, for it has to hold for the same rows.
///
/// A column without its relation's name counts in WHERE where it can only be that of one member, or PostgreSQL finds it ambiguous. One of
/// a nondeterministic collation has to be compared COLLATE "C": it may take two organisations for one. A condition that is not understood
/// counts for nothing, and the relation is not confined. The predicates point into `statement`.
Injected supplied(ast::Node statement, const Subject& subject, const AcceptParameter& accept);

}  // namespace bulkhead::rewrite::verifier
