#pragma once

#include <memory>

#include "copy/stamper.h"
#include "proto/backend.h"
#include "rewrite/verdict.h"
#include "session/response_plan.h"

namespace bulkhead::session {

/// What sees to the rows of a COPY FROM: stamped with the tenant's value, or held against it. For the loop's thread.
std::unique_ptr<copy::Stamper> stamper_for(const rewrite::CopyRows& rows);

/// `error` as one about the rows: with the words that PostgreSQL puts around it.
Error in_copy(const rewrite::CopyRows& rows, std::uint64_t line, Error error);

/// The statement whose answer the entry waits for; null if there is none, or it is not known.
const rewrite::Statement* statement_of(const PlanEntry& entry);

/// What a CopyFail of ours says; the server repeats it (CopyGetData, copyfromparse.c).
inline constexpr std::string_view kCopyRefused = "refused by bulkhead";

/// The error of a COPY FROM is not the answer to our CopyFail: the server has seen something in the rows before it.
bool came_first(const PlanEntry& entry, const proto::Report& report);

/// Where rows went through a table of ours, an error's CONTEXT names it: from now on the client's. `text` keeps the words.
/// True if there was anything to change.
bool name_clients_table(const PlanEntry& entry, proto::Report& report, std::string& text);

}  // namespace bulkhead::session
