#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace bulkhead {

/// A five-character SQLSTATE. PostgreSQL manual, Appendix A "PostgreSQL Error Codes". A plain value.
class SqlState {
 public:
  consteval SqlState(const char (&code)[6]) { std::copy_n(code, 5, code_.begin()); }
  constexpr std::string_view text() const { return {code_.data(), code_.size()}; }
  constexpr bool operator==(const SqlState&) const = default;

 private:
  std::array<char, 5> code_{};
};

/// The codes Bulkhead raises itself, by the condition names of Appendix A. A code is used by its name: Clang 14 crashes over
/// SqlState{"…"} in some expressions.
namespace sqlstate {
inline constexpr SqlState connection_failure{"08006"};
inline constexpr SqlState protocol_violation{"08P01"};
inline constexpr SqlState feature_not_supported{"0A000"};
inline constexpr SqlState invalid_parameter_value{"22023"};
inline constexpr SqlState character_not_in_repertoire{"22021"};
inline constexpr SqlState invalid_transaction_state{"25000"};
inline constexpr SqlState in_failed_sql_transaction{"25P02"};
inline constexpr SqlState idle_in_transaction_session_timeout{"25P03"};
inline constexpr SqlState transaction_timeout{"25P04"};  // PostgreSQL 17
inline constexpr SqlState invalid_sql_statement_name{"26000"};
inline constexpr SqlState invalid_authorization_specification{"28000"};
inline constexpr SqlState invalid_password{"28P01"};
inline constexpr SqlState invalid_cursor_name{"34000"};
inline constexpr SqlState invalid_catalog_name{"3D000"};
inline constexpr SqlState insufficient_privilege{"42501"};
inline constexpr SqlState syntax_error{"42601"};
inline constexpr SqlState name_too_long{"42622"};
inline constexpr SqlState duplicate_column{"42701"};
inline constexpr SqlState undefined_column{"42703"};
inline constexpr SqlState wrong_object_type{"42809"};
inline constexpr SqlState duplicate_alias{"42712"};
inline constexpr SqlState undefined_function{"42883"};
inline constexpr SqlState reserved_name{"42939"};
inline constexpr SqlState undefined_table{"42P01"};
inline constexpr SqlState duplicate_prepared_statement{"42P05"};
inline constexpr SqlState invalid_column_reference{"42P10"};
inline constexpr SqlState invalid_table_definition{"42P16"};
inline constexpr SqlState out_of_memory{"53200"};
inline constexpr SqlState too_many_connections{"53300"};
inline constexpr SqlState configuration_limit_exceeded{"53400"};
inline constexpr SqlState program_limit_exceeded{"54000"};
inline constexpr SqlState statement_too_complex{"54001"};
inline constexpr SqlState query_canceled{"57014"};
inline constexpr SqlState admin_shutdown{"57P01"};
inline constexpr SqlState cannot_connect_now{"57P03"};
inline constexpr SqlState idle_session_timeout{"57P05"};
inline constexpr SqlState config_file_error{"F0000"};
inline constexpr SqlState internal_error{"XX000"};
}  // namespace sqlstate
}  // namespace bulkhead
