// Written by tools/gen_ast.py from the PostgreSQL 15 server headers. Do not edit.
// Part of ast.h, which includes it; not to be included alone.
#pragma once

namespace bulkhead::rewrite::ast::f {

struct Integer {
  static constexpr Field<int> ival{Kind::Integer, 0};
};

struct Float {
  static constexpr Field<std::string_view> fval{Kind::Float, 1};
};

struct Boolean {
  static constexpr Field<bool> boolval{Kind::Boolean, 2};
};

struct String {
  static constexpr Field<std::string_view> sval{Kind::String, 3};
};

struct BitString {
  static constexpr Field<std::string_view> bsval{Kind::BitString, 4};
};

struct Alias {
  static constexpr Field<std::string_view> aliasname{Kind::Alias, 5};
  static constexpr Field<ListView> colnames{Kind::Alias, 6};
};

struct RangeVar {
  static constexpr Field<std::string_view> catalogname{Kind::RangeVar, 7};
  static constexpr Field<std::string_view> schemaname{Kind::RangeVar, 8};
  static constexpr Field<std::string_view> relname{Kind::RangeVar, 9};
  static constexpr Field<bool> inh{Kind::RangeVar, 10};
  static constexpr Field<char> relpersistence{Kind::RangeVar, 11};
  static constexpr Field<Node> alias{Kind::RangeVar, 12};
  static constexpr Field<int> location{Kind::RangeVar, 13};
};

struct IntoClause {
  static constexpr Field<Node> rel{Kind::IntoClause, 14};
  static constexpr Field<ListView> colNames{Kind::IntoClause, 15};
  static constexpr Field<std::string_view> accessMethod{Kind::IntoClause, 16};
  static constexpr Field<ListView> options{Kind::IntoClause, 17};
  static constexpr Field<OnCommitAction> onCommit{Kind::IntoClause, 18};
  static constexpr Field<std::string_view> tableSpaceName{Kind::IntoClause, 19};
  static constexpr Field<Node> viewQuery{Kind::IntoClause, 20};
  static constexpr Field<bool> skipData{Kind::IntoClause, 21};
};

struct GroupingFunc {
  static constexpr Field<ListView> args{Kind::GroupingFunc, 22};
  static constexpr Field<ListView> refs{Kind::GroupingFunc, 23};
  static constexpr Field<ListView> cols{Kind::GroupingFunc, 24};
  static constexpr Field<std::uint32_t> agglevelsup{Kind::GroupingFunc, 25};
  static constexpr Field<int> location{Kind::GroupingFunc, 26};
};

struct NamedArgExpr {
  static constexpr Field<Node> arg{Kind::NamedArgExpr, 27};
  static constexpr Field<std::string_view> name{Kind::NamedArgExpr, 28};
  static constexpr Field<int> argnumber{Kind::NamedArgExpr, 29};
  static constexpr Field<int> location{Kind::NamedArgExpr, 30};
};

struct BoolExpr {
  static constexpr Field<BoolExprType> boolop{Kind::BoolExpr, 31};
  static constexpr Field<ListView> args{Kind::BoolExpr, 32};
  static constexpr Field<int> location{Kind::BoolExpr, 33};
};

struct SubLink {
  static constexpr Field<SubLinkType> subLinkType{Kind::SubLink, 34};
  static constexpr Field<int> subLinkId{Kind::SubLink, 35};
  static constexpr Field<Node> testexpr{Kind::SubLink, 36};
  static constexpr Field<ListView> operName{Kind::SubLink, 37};
  static constexpr Field<Node> subselect{Kind::SubLink, 38};
  static constexpr Field<int> location{Kind::SubLink, 39};
};

struct CaseExpr {
  static constexpr Field<std::uint32_t> casetype{Kind::CaseExpr, 40};
  static constexpr Field<std::uint32_t> casecollid{Kind::CaseExpr, 41};
  static constexpr Field<Node> arg{Kind::CaseExpr, 42};
  static constexpr Field<ListView> args{Kind::CaseExpr, 43};
  static constexpr Field<Node> defresult{Kind::CaseExpr, 44};
  static constexpr Field<int> location{Kind::CaseExpr, 45};
};

struct CaseWhen {
  static constexpr Field<Node> expr{Kind::CaseWhen, 46};
  static constexpr Field<Node> result{Kind::CaseWhen, 47};
  static constexpr Field<int> location{Kind::CaseWhen, 48};
};

struct RowExpr {
  static constexpr Field<ListView> args{Kind::RowExpr, 49};
  static constexpr Field<std::uint32_t> row_typeid{Kind::RowExpr, 50};
  static constexpr Field<CoercionForm> row_format{Kind::RowExpr, 51};
  static constexpr Field<ListView> colnames{Kind::RowExpr, 52};
  static constexpr Field<int> location{Kind::RowExpr, 53};
};

struct CoalesceExpr {
  static constexpr Field<std::uint32_t> coalescetype{Kind::CoalesceExpr, 54};
  static constexpr Field<std::uint32_t> coalescecollid{Kind::CoalesceExpr, 55};
  static constexpr Field<ListView> args{Kind::CoalesceExpr, 56};
  static constexpr Field<int> location{Kind::CoalesceExpr, 57};
};

struct MinMaxExpr {
  static constexpr Field<std::uint32_t> minmaxtype{Kind::MinMaxExpr, 58};
  static constexpr Field<std::uint32_t> minmaxcollid{Kind::MinMaxExpr, 59};
  static constexpr Field<std::uint32_t> inputcollid{Kind::MinMaxExpr, 60};
  static constexpr Field<MinMaxOp> op{Kind::MinMaxExpr, 61};
  static constexpr Field<ListView> args{Kind::MinMaxExpr, 62};
  static constexpr Field<int> location{Kind::MinMaxExpr, 63};
};

struct SQLValueFunction {
  static constexpr Field<SQLValueFunctionOp> op{Kind::SQLValueFunction, 64};
  static constexpr Field<std::uint32_t> type{Kind::SQLValueFunction, 65};
  static constexpr Field<int> typmod{Kind::SQLValueFunction, 66};
  static constexpr Field<int> location{Kind::SQLValueFunction, 67};
};

struct XmlExpr {
  static constexpr Field<XmlExprOp> op{Kind::XmlExpr, 68};
  static constexpr Field<std::string_view> name{Kind::XmlExpr, 69};
  static constexpr Field<ListView> named_args{Kind::XmlExpr, 70};
  static constexpr Field<ListView> arg_names{Kind::XmlExpr, 71};
  static constexpr Field<ListView> args{Kind::XmlExpr, 72};
  static constexpr Field<XmlOptionType> xmloption{Kind::XmlExpr, 73};
  static constexpr Field<std::uint32_t> type{Kind::XmlExpr, 74};
  static constexpr Field<int> typmod{Kind::XmlExpr, 75};
  static constexpr Field<int> location{Kind::XmlExpr, 76};
};

struct NullTest {
  static constexpr Field<Node> arg{Kind::NullTest, 77};
  static constexpr Field<NullTestType> nulltesttype{Kind::NullTest, 78};
  static constexpr Field<bool> argisrow{Kind::NullTest, 79};
  static constexpr Field<int> location{Kind::NullTest, 80};
};

struct BooleanTest {
  static constexpr Field<Node> arg{Kind::BooleanTest, 81};
  static constexpr Field<BoolTestType> booltesttype{Kind::BooleanTest, 82};
  static constexpr Field<int> location{Kind::BooleanTest, 83};
};

struct SetToDefault {
  static constexpr Field<std::uint32_t> typeId{Kind::SetToDefault, 84};
  static constexpr Field<int> typeMod{Kind::SetToDefault, 85};
  static constexpr Field<std::uint32_t> collation{Kind::SetToDefault, 86};
  static constexpr Field<int> location{Kind::SetToDefault, 87};
};

struct CurrentOfExpr {
  static constexpr Field<std::uint32_t> cvarno{Kind::CurrentOfExpr, 88};
  static constexpr Field<std::string_view> cursor_name{Kind::CurrentOfExpr, 89};
  static constexpr Field<int> cursor_param{Kind::CurrentOfExpr, 90};
};

struct JoinExpr {
  static constexpr Field<JoinType> jointype{Kind::JoinExpr, 91};
  static constexpr Field<bool> isNatural{Kind::JoinExpr, 92};
  static constexpr Field<Node> larg{Kind::JoinExpr, 93};
  static constexpr Field<Node> rarg{Kind::JoinExpr, 94};
  static constexpr Field<ListView> usingClause{Kind::JoinExpr, 95};
  static constexpr Field<Node> join_using_alias{Kind::JoinExpr, 96};
  static constexpr Field<Node> quals{Kind::JoinExpr, 97};
  static constexpr Field<Node> alias{Kind::JoinExpr, 98};
  static constexpr Field<int> rtindex{Kind::JoinExpr, 99};
};

struct TypeName {
  static constexpr Field<ListView> names{Kind::TypeName, 100};
  static constexpr Field<std::uint32_t> typeOid{Kind::TypeName, 101};
  static constexpr Field<bool> setof{Kind::TypeName, 102};
  static constexpr Field<bool> pct_type{Kind::TypeName, 103};
  static constexpr Field<ListView> typmods{Kind::TypeName, 104};
  static constexpr Field<int> typemod{Kind::TypeName, 105};
  static constexpr Field<ListView> arrayBounds{Kind::TypeName, 106};
  static constexpr Field<int> location{Kind::TypeName, 107};
};

struct ColumnRef {
  static constexpr Field<ListView> fields{Kind::ColumnRef, 108};
  static constexpr Field<int> location{Kind::ColumnRef, 109};
};

struct ParamRef {
  static constexpr Field<int> number{Kind::ParamRef, 110};
  static constexpr Field<int> location{Kind::ParamRef, 111};
};

struct A_Expr {
  static constexpr Field<A_Expr_Kind> kind{Kind::A_Expr, 112};
  static constexpr Field<ListView> name{Kind::A_Expr, 113};
  static constexpr Field<Node> lexpr{Kind::A_Expr, 114};
  static constexpr Field<Node> rexpr{Kind::A_Expr, 115};
  static constexpr Field<int> location{Kind::A_Expr, 116};
};

struct A_Const {
  static constexpr Field<Value> val{Kind::A_Const, 117};
  static constexpr Field<bool> isnull{Kind::A_Const, 118};
  static constexpr Field<int> location{Kind::A_Const, 119};
};

struct TypeCast {
  static constexpr Field<Node> arg{Kind::TypeCast, 120};
  static constexpr Field<Node> typeName{Kind::TypeCast, 121};
  static constexpr Field<int> location{Kind::TypeCast, 122};
};

struct CollateClause {
  static constexpr Field<Node> arg{Kind::CollateClause, 123};
  static constexpr Field<ListView> collname{Kind::CollateClause, 124};
  static constexpr Field<int> location{Kind::CollateClause, 125};
};

struct RoleSpec {
  static constexpr Field<RoleSpecType> roletype{Kind::RoleSpec, 126};
  static constexpr Field<std::string_view> rolename{Kind::RoleSpec, 127};
  static constexpr Field<int> location{Kind::RoleSpec, 128};
};

struct FuncCall {
  static constexpr Field<ListView> funcname{Kind::FuncCall, 129};
  static constexpr Field<ListView> args{Kind::FuncCall, 130};
  static constexpr Field<ListView> agg_order{Kind::FuncCall, 131};
  static constexpr Field<Node> agg_filter{Kind::FuncCall, 132};
  static constexpr Field<Node> over{Kind::FuncCall, 133};
  static constexpr Field<bool> agg_within_group{Kind::FuncCall, 134};
  static constexpr Field<bool> agg_star{Kind::FuncCall, 135};
  static constexpr Field<bool> agg_distinct{Kind::FuncCall, 136};
  static constexpr Field<bool> func_variadic{Kind::FuncCall, 137};
  static constexpr Field<CoercionForm> funcformat{Kind::FuncCall, 138};
  static constexpr Field<int> location{Kind::FuncCall, 139};
};

struct A_Star {};

struct A_Indices {
  static constexpr Field<bool> is_slice{Kind::A_Indices, 140};
  static constexpr Field<Node> lidx{Kind::A_Indices, 141};
  static constexpr Field<Node> uidx{Kind::A_Indices, 142};
};

struct A_Indirection {
  static constexpr Field<Node> arg{Kind::A_Indirection, 143};
  static constexpr Field<ListView> indirection{Kind::A_Indirection, 144};
};

struct A_ArrayExpr {
  static constexpr Field<ListView> elements{Kind::A_ArrayExpr, 145};
  static constexpr Field<int> location{Kind::A_ArrayExpr, 146};
};

struct ResTarget {
  static constexpr Field<std::string_view> name{Kind::ResTarget, 147};
  static constexpr Field<ListView> indirection{Kind::ResTarget, 148};
  static constexpr Field<Node> val{Kind::ResTarget, 149};
  static constexpr Field<int> location{Kind::ResTarget, 150};
};

struct MultiAssignRef {
  static constexpr Field<Node> source{Kind::MultiAssignRef, 151};
  static constexpr Field<int> colno{Kind::MultiAssignRef, 152};
  static constexpr Field<int> ncolumns{Kind::MultiAssignRef, 153};
};

struct SortBy {
  static constexpr Field<Node> node{Kind::SortBy, 154};
  static constexpr Field<SortByDir> sortby_dir{Kind::SortBy, 155};
  static constexpr Field<SortByNulls> sortby_nulls{Kind::SortBy, 156};
  static constexpr Field<ListView> useOp{Kind::SortBy, 157};
  static constexpr Field<int> location{Kind::SortBy, 158};
};

struct WindowDef {
  static constexpr Field<std::string_view> name{Kind::WindowDef, 159};
  static constexpr Field<std::string_view> refname{Kind::WindowDef, 160};
  static constexpr Field<ListView> partitionClause{Kind::WindowDef, 161};
  static constexpr Field<ListView> orderClause{Kind::WindowDef, 162};
  static constexpr Field<int> frameOptions{Kind::WindowDef, 163};
  static constexpr Field<Node> startOffset{Kind::WindowDef, 164};
  static constexpr Field<Node> endOffset{Kind::WindowDef, 165};
  static constexpr Field<int> location{Kind::WindowDef, 166};
};

struct RangeSubselect {
  static constexpr Field<bool> lateral{Kind::RangeSubselect, 167};
  static constexpr Field<Node> subquery{Kind::RangeSubselect, 168};
  static constexpr Field<Node> alias{Kind::RangeSubselect, 169};
};

struct RangeFunction {
  static constexpr Field<bool> lateral{Kind::RangeFunction, 170};
  static constexpr Field<bool> ordinality{Kind::RangeFunction, 171};
  static constexpr Field<bool> is_rowsfrom{Kind::RangeFunction, 172};
  static constexpr Field<ListView> functions{Kind::RangeFunction, 173};
  static constexpr Field<Node> alias{Kind::RangeFunction, 174};
  static constexpr Field<ListView> coldeflist{Kind::RangeFunction, 175};
};

struct RangeTableFunc {
  static constexpr Field<bool> lateral{Kind::RangeTableFunc, 176};
  static constexpr Field<Node> docexpr{Kind::RangeTableFunc, 177};
  static constexpr Field<Node> rowexpr{Kind::RangeTableFunc, 178};
  static constexpr Field<ListView> namespaces{Kind::RangeTableFunc, 179};
  static constexpr Field<ListView> columns{Kind::RangeTableFunc, 180};
  static constexpr Field<Node> alias{Kind::RangeTableFunc, 181};
  static constexpr Field<int> location{Kind::RangeTableFunc, 182};
};

struct RangeTableFuncCol {
  static constexpr Field<std::string_view> colname{Kind::RangeTableFuncCol, 183};
  static constexpr Field<Node> typeName{Kind::RangeTableFuncCol, 184};
  static constexpr Field<bool> for_ordinality{Kind::RangeTableFuncCol, 185};
  static constexpr Field<bool> is_not_null{Kind::RangeTableFuncCol, 186};
  static constexpr Field<Node> colexpr{Kind::RangeTableFuncCol, 187};
  static constexpr Field<Node> coldefexpr{Kind::RangeTableFuncCol, 188};
  static constexpr Field<int> location{Kind::RangeTableFuncCol, 189};
};

struct RangeTableSample {
  static constexpr Field<Node> relation{Kind::RangeTableSample, 190};
  static constexpr Field<ListView> method{Kind::RangeTableSample, 191};
  static constexpr Field<ListView> args{Kind::RangeTableSample, 192};
  static constexpr Field<Node> repeatable{Kind::RangeTableSample, 193};
  static constexpr Field<int> location{Kind::RangeTableSample, 194};
};

struct ColumnDef {
  static constexpr Field<std::string_view> colname{Kind::ColumnDef, 195};
  static constexpr Field<Node> typeName{Kind::ColumnDef, 196};
  static constexpr Field<std::string_view> compression{Kind::ColumnDef, 197};
  static constexpr Field<int> inhcount{Kind::ColumnDef, 198};
  static constexpr Field<bool> is_local{Kind::ColumnDef, 199};
  static constexpr Field<bool> is_not_null{Kind::ColumnDef, 200};
  static constexpr Field<bool> is_from_type{Kind::ColumnDef, 201};
  static constexpr Field<char> storage{Kind::ColumnDef, 202};
  static constexpr Field<Node> raw_default{Kind::ColumnDef, 203};
  static constexpr Field<Node> cooked_default{Kind::ColumnDef, 204};
  static constexpr Field<char> identity{Kind::ColumnDef, 205};
  static constexpr Field<Node> identitySequence{Kind::ColumnDef, 206};
  static constexpr Field<char> generated{Kind::ColumnDef, 207};
  static constexpr Field<Node> collClause{Kind::ColumnDef, 208};
  static constexpr Field<std::uint32_t> collOid{Kind::ColumnDef, 209};
  static constexpr Field<ListView> constraints{Kind::ColumnDef, 210};
  static constexpr Field<ListView> fdwoptions{Kind::ColumnDef, 211};
  static constexpr Field<int> location{Kind::ColumnDef, 212};
};

struct TableLikeClause {
  static constexpr Field<Node> relation{Kind::TableLikeClause, 213};
  static constexpr Field<std::uint32_t> options{Kind::TableLikeClause, 214};
  static constexpr Field<std::uint32_t> relationOid{Kind::TableLikeClause, 215};
};

struct IndexElem {
  static constexpr Field<std::string_view> name{Kind::IndexElem, 216};
  static constexpr Field<Node> expr{Kind::IndexElem, 217};
  static constexpr Field<std::string_view> indexcolname{Kind::IndexElem, 218};
  static constexpr Field<ListView> collation{Kind::IndexElem, 219};
  static constexpr Field<ListView> opclass{Kind::IndexElem, 220};
  static constexpr Field<ListView> opclassopts{Kind::IndexElem, 221};
  static constexpr Field<SortByDir> ordering{Kind::IndexElem, 222};
  static constexpr Field<SortByNulls> nulls_ordering{Kind::IndexElem, 223};
};

struct DefElem {
  static constexpr Field<std::string_view> defnamespace{Kind::DefElem, 224};
  static constexpr Field<std::string_view> defname{Kind::DefElem, 225};
  static constexpr Field<Node> arg{Kind::DefElem, 226};
  static constexpr Field<DefElemAction> defaction{Kind::DefElem, 227};
  static constexpr Field<int> location{Kind::DefElem, 228};
};

struct LockingClause {
  static constexpr Field<ListView> lockedRels{Kind::LockingClause, 229};
  static constexpr Field<LockClauseStrength> strength{Kind::LockingClause, 230};
  static constexpr Field<LockWaitPolicy> waitPolicy{Kind::LockingClause, 231};
};

struct XmlSerialize {
  static constexpr Field<XmlOptionType> xmloption{Kind::XmlSerialize, 232};
  static constexpr Field<Node> expr{Kind::XmlSerialize, 233};
  static constexpr Field<Node> typeName{Kind::XmlSerialize, 234};
  static constexpr Field<int> location{Kind::XmlSerialize, 235};
};

struct PartitionElem {
  static constexpr Field<std::string_view> name{Kind::PartitionElem, 236};
  static constexpr Field<Node> expr{Kind::PartitionElem, 237};
  static constexpr Field<ListView> collation{Kind::PartitionElem, 238};
  static constexpr Field<ListView> opclass{Kind::PartitionElem, 239};
  static constexpr Field<int> location{Kind::PartitionElem, 240};
};

struct PartitionSpec {
  static constexpr Field<std::string_view> strategy{Kind::PartitionSpec, 241};
  static constexpr Field<ListView> partParams{Kind::PartitionSpec, 242};
  static constexpr Field<int> location{Kind::PartitionSpec, 243};
};

struct PartitionBoundSpec {
  static constexpr Field<char> strategy{Kind::PartitionBoundSpec, 244};
  static constexpr Field<bool> is_default{Kind::PartitionBoundSpec, 245};
  static constexpr Field<int> modulus{Kind::PartitionBoundSpec, 246};
  static constexpr Field<int> remainder{Kind::PartitionBoundSpec, 247};
  static constexpr Field<ListView> listdatums{Kind::PartitionBoundSpec, 248};
  static constexpr Field<ListView> lowerdatums{Kind::PartitionBoundSpec, 249};
  static constexpr Field<ListView> upperdatums{Kind::PartitionBoundSpec, 250};
  static constexpr Field<int> location{Kind::PartitionBoundSpec, 251};
};

struct PartitionRangeDatum {
  static constexpr Field<PartitionRangeDatumKind> kind{Kind::PartitionRangeDatum, 252};
  static constexpr Field<Node> value{Kind::PartitionRangeDatum, 253};
  static constexpr Field<int> location{Kind::PartitionRangeDatum, 254};
};

struct PartitionCmd {
  static constexpr Field<Node> name{Kind::PartitionCmd, 255};
  static constexpr Field<Node> bound{Kind::PartitionCmd, 256};
  static constexpr Field<bool> concurrent{Kind::PartitionCmd, 257};
};

struct GroupingSet {
  static constexpr Field<GroupingSetKind> kind{Kind::GroupingSet, 258};
  static constexpr Field<ListView> content{Kind::GroupingSet, 259};
  static constexpr Field<int> location{Kind::GroupingSet, 260};
};

struct WithClause {
  static constexpr Field<ListView> ctes{Kind::WithClause, 261};
  static constexpr Field<bool> recursive{Kind::WithClause, 262};
  static constexpr Field<int> location{Kind::WithClause, 263};
};

struct InferClause {
  static constexpr Field<ListView> indexElems{Kind::InferClause, 264};
  static constexpr Field<Node> whereClause{Kind::InferClause, 265};
  static constexpr Field<std::string_view> conname{Kind::InferClause, 266};
  static constexpr Field<int> location{Kind::InferClause, 267};
};

struct OnConflictClause {
  static constexpr Field<OnConflictAction> action{Kind::OnConflictClause, 268};
  static constexpr Field<Node> infer{Kind::OnConflictClause, 269};
  static constexpr Field<ListView> targetList{Kind::OnConflictClause, 270};
  static constexpr Field<Node> whereClause{Kind::OnConflictClause, 271};
  static constexpr Field<int> location{Kind::OnConflictClause, 272};
};

struct CTESearchClause {
  static constexpr Field<ListView> search_col_list{Kind::CTESearchClause, 273};
  static constexpr Field<bool> search_breadth_first{Kind::CTESearchClause, 274};
  static constexpr Field<std::string_view> search_seq_column{Kind::CTESearchClause, 275};
  static constexpr Field<int> location{Kind::CTESearchClause, 276};
};

struct CTECycleClause {
  static constexpr Field<ListView> cycle_col_list{Kind::CTECycleClause, 277};
  static constexpr Field<std::string_view> cycle_mark_column{Kind::CTECycleClause, 278};
  static constexpr Field<Node> cycle_mark_value{Kind::CTECycleClause, 279};
  static constexpr Field<Node> cycle_mark_default{Kind::CTECycleClause, 280};
  static constexpr Field<std::string_view> cycle_path_column{Kind::CTECycleClause, 281};
  static constexpr Field<int> location{Kind::CTECycleClause, 282};
  static constexpr Field<std::uint32_t> cycle_mark_type{Kind::CTECycleClause, 283};
  static constexpr Field<int> cycle_mark_typmod{Kind::CTECycleClause, 284};
  static constexpr Field<std::uint32_t> cycle_mark_collation{Kind::CTECycleClause, 285};
  static constexpr Field<std::uint32_t> cycle_mark_neop{Kind::CTECycleClause, 286};
};

struct CommonTableExpr {
  static constexpr Field<std::string_view> ctename{Kind::CommonTableExpr, 287};
  static constexpr Field<ListView> aliascolnames{Kind::CommonTableExpr, 288};
  static constexpr Field<CTEMaterialize> ctematerialized{Kind::CommonTableExpr, 289};
  static constexpr Field<Node> ctequery{Kind::CommonTableExpr, 290};
  static constexpr Field<Node> search_clause{Kind::CommonTableExpr, 291};
  static constexpr Field<Node> cycle_clause{Kind::CommonTableExpr, 292};
  static constexpr Field<int> location{Kind::CommonTableExpr, 293};
  static constexpr Field<bool> cterecursive{Kind::CommonTableExpr, 294};
  static constexpr Field<int> cterefcount{Kind::CommonTableExpr, 295};
  static constexpr Field<ListView> ctecolnames{Kind::CommonTableExpr, 296};
  static constexpr Field<ListView> ctecoltypes{Kind::CommonTableExpr, 297};
  static constexpr Field<ListView> ctecoltypmods{Kind::CommonTableExpr, 298};
  static constexpr Field<ListView> ctecolcollations{Kind::CommonTableExpr, 299};
};

struct MergeWhenClause {
  static constexpr Field<bool> matched{Kind::MergeWhenClause, 300};
  static constexpr Field<CmdType> commandType{Kind::MergeWhenClause, 301};
  static constexpr Field<OverridingKind> override{Kind::MergeWhenClause, 302};
  static constexpr Field<Node> condition{Kind::MergeWhenClause, 303};
  static constexpr Field<ListView> targetList{Kind::MergeWhenClause, 304};
  static constexpr Field<ListView> values{Kind::MergeWhenClause, 305};
};

struct TriggerTransition {
  static constexpr Field<std::string_view> name{Kind::TriggerTransition, 306};
  static constexpr Field<bool> isNew{Kind::TriggerTransition, 307};
  static constexpr Field<bool> isTable{Kind::TriggerTransition, 308};
};

struct RawStmt {
  static constexpr Field<Node> stmt{Kind::RawStmt, 309};
  static constexpr Field<int> stmt_location{Kind::RawStmt, 310};
  static constexpr Field<int> stmt_len{Kind::RawStmt, 311};
};

struct InsertStmt {
  static constexpr Field<Node> relation{Kind::InsertStmt, 312};
  static constexpr Field<ListView> cols{Kind::InsertStmt, 313};
  static constexpr Field<Node> selectStmt{Kind::InsertStmt, 314};
  static constexpr Field<Node> onConflictClause{Kind::InsertStmt, 315};
  static constexpr Field<ListView> returningList{Kind::InsertStmt, 316};
  static constexpr Field<Node> withClause{Kind::InsertStmt, 317};
  static constexpr Field<OverridingKind> override{Kind::InsertStmt, 318};
};

struct DeleteStmt {
  static constexpr Field<Node> relation{Kind::DeleteStmt, 319};
  static constexpr Field<ListView> usingClause{Kind::DeleteStmt, 320};
  static constexpr Field<Node> whereClause{Kind::DeleteStmt, 321};
  static constexpr Field<ListView> returningList{Kind::DeleteStmt, 322};
  static constexpr Field<Node> withClause{Kind::DeleteStmt, 323};
};

struct UpdateStmt {
  static constexpr Field<Node> relation{Kind::UpdateStmt, 324};
  static constexpr Field<ListView> targetList{Kind::UpdateStmt, 325};
  static constexpr Field<Node> whereClause{Kind::UpdateStmt, 326};
  static constexpr Field<ListView> fromClause{Kind::UpdateStmt, 327};
  static constexpr Field<ListView> returningList{Kind::UpdateStmt, 328};
  static constexpr Field<Node> withClause{Kind::UpdateStmt, 329};
};

struct MergeStmt {
  static constexpr Field<Node> relation{Kind::MergeStmt, 330};
  static constexpr Field<Node> sourceRelation{Kind::MergeStmt, 331};
  static constexpr Field<Node> joinCondition{Kind::MergeStmt, 332};
  static constexpr Field<ListView> mergeWhenClauses{Kind::MergeStmt, 333};
  static constexpr Field<Node> withClause{Kind::MergeStmt, 334};
};

struct SelectStmt {
  static constexpr Field<ListView> distinctClause{Kind::SelectStmt, 335};
  static constexpr Field<Node> intoClause{Kind::SelectStmt, 336};
  static constexpr Field<ListView> targetList{Kind::SelectStmt, 337};
  static constexpr Field<ListView> fromClause{Kind::SelectStmt, 338};
  static constexpr Field<Node> whereClause{Kind::SelectStmt, 339};
  static constexpr Field<ListView> groupClause{Kind::SelectStmt, 340};
  static constexpr Field<bool> groupDistinct{Kind::SelectStmt, 341};
  static constexpr Field<Node> havingClause{Kind::SelectStmt, 342};
  static constexpr Field<ListView> windowClause{Kind::SelectStmt, 343};
  static constexpr Field<ListView> valuesLists{Kind::SelectStmt, 344};
  static constexpr Field<ListView> sortClause{Kind::SelectStmt, 345};
  static constexpr Field<Node> limitOffset{Kind::SelectStmt, 346};
  static constexpr Field<Node> limitCount{Kind::SelectStmt, 347};
  static constexpr Field<LimitOption> limitOption{Kind::SelectStmt, 348};
  static constexpr Field<ListView> lockingClause{Kind::SelectStmt, 349};
  static constexpr Field<Node> withClause{Kind::SelectStmt, 350};
  static constexpr Field<SetOperation> op{Kind::SelectStmt, 351};
  static constexpr Field<bool> all{Kind::SelectStmt, 352};
  static constexpr Field<Node> larg{Kind::SelectStmt, 353};
  static constexpr Field<Node> rarg{Kind::SelectStmt, 354};
};

struct ReturnStmt {
  static constexpr Field<Node> returnval{Kind::ReturnStmt, 355};
};

struct CreateSchemaStmt {
  static constexpr Field<std::string_view> schemaname{Kind::CreateSchemaStmt, 356};
  static constexpr Field<Node> authrole{Kind::CreateSchemaStmt, 357};
  static constexpr Field<ListView> schemaElts{Kind::CreateSchemaStmt, 358};
  static constexpr Field<bool> if_not_exists{Kind::CreateSchemaStmt, 359};
};

struct AlterTableStmt {
  static constexpr Field<Node> relation{Kind::AlterTableStmt, 360};
  static constexpr Field<ListView> cmds{Kind::AlterTableStmt, 361};
  static constexpr Field<ObjectType> objtype{Kind::AlterTableStmt, 362};
  static constexpr Field<bool> missing_ok{Kind::AlterTableStmt, 363};
};

struct ReplicaIdentityStmt {
  static constexpr Field<char> identity_type{Kind::ReplicaIdentityStmt, 364};
  static constexpr Field<std::string_view> name{Kind::ReplicaIdentityStmt, 365};
};

struct AlterTableCmd {
  static constexpr Field<AlterTableType> subtype{Kind::AlterTableCmd, 366};
  static constexpr Field<std::string_view> name{Kind::AlterTableCmd, 367};
  static constexpr Field<std::int16_t> num{Kind::AlterTableCmd, 368};
  static constexpr Field<Node> newowner{Kind::AlterTableCmd, 369};
  static constexpr Field<Node> def{Kind::AlterTableCmd, 370};
  static constexpr Field<DropBehavior> behavior{Kind::AlterTableCmd, 371};
  static constexpr Field<bool> missing_ok{Kind::AlterTableCmd, 372};
  static constexpr Field<bool> recurse{Kind::AlterTableCmd, 373};
};

struct AlterCollationStmt {
  static constexpr Field<ListView> collname{Kind::AlterCollationStmt, 374};
};

struct AlterDomainStmt {
  static constexpr Field<char> subtype{Kind::AlterDomainStmt, 375};
  static constexpr Field<ListView> typeName{Kind::AlterDomainStmt, 376};
  static constexpr Field<std::string_view> name{Kind::AlterDomainStmt, 377};
  static constexpr Field<Node> def{Kind::AlterDomainStmt, 378};
  static constexpr Field<DropBehavior> behavior{Kind::AlterDomainStmt, 379};
  static constexpr Field<bool> missing_ok{Kind::AlterDomainStmt, 380};
};

struct GrantStmt {
  static constexpr Field<bool> is_grant{Kind::GrantStmt, 381};
  static constexpr Field<GrantTargetType> targtype{Kind::GrantStmt, 382};
  static constexpr Field<ObjectType> objtype{Kind::GrantStmt, 383};
  static constexpr Field<ListView> objects{Kind::GrantStmt, 384};
  static constexpr Field<ListView> privileges{Kind::GrantStmt, 385};
  static constexpr Field<ListView> grantees{Kind::GrantStmt, 386};
  static constexpr Field<bool> grant_option{Kind::GrantStmt, 387};
  static constexpr Field<Node> grantor{Kind::GrantStmt, 388};
  static constexpr Field<DropBehavior> behavior{Kind::GrantStmt, 389};
};

struct ObjectWithArgs {
  static constexpr Field<ListView> objname{Kind::ObjectWithArgs, 390};
  static constexpr Field<ListView> objargs{Kind::ObjectWithArgs, 391};
  static constexpr Field<ListView> objfuncargs{Kind::ObjectWithArgs, 392};
  static constexpr Field<bool> args_unspecified{Kind::ObjectWithArgs, 393};
};

struct AccessPriv {
  static constexpr Field<std::string_view> priv_name{Kind::AccessPriv, 394};
  static constexpr Field<ListView> cols{Kind::AccessPriv, 395};
};

struct GrantRoleStmt {
  static constexpr Field<ListView> granted_roles{Kind::GrantRoleStmt, 396};
  static constexpr Field<ListView> grantee_roles{Kind::GrantRoleStmt, 397};
  static constexpr Field<bool> is_grant{Kind::GrantRoleStmt, 398};
  static constexpr Field<bool> admin_opt{Kind::GrantRoleStmt, 399};
  static constexpr Field<Node> grantor{Kind::GrantRoleStmt, 400};
  static constexpr Field<DropBehavior> behavior{Kind::GrantRoleStmt, 401};
};

struct AlterDefaultPrivilegesStmt {
  static constexpr Field<ListView> options{Kind::AlterDefaultPrivilegesStmt, 402};
  static constexpr Field<Node> action{Kind::AlterDefaultPrivilegesStmt, 403};
};

struct CopyStmt {
  static constexpr Field<Node> relation{Kind::CopyStmt, 404};
  static constexpr Field<Node> query{Kind::CopyStmt, 405};
  static constexpr Field<ListView> attlist{Kind::CopyStmt, 406};
  static constexpr Field<bool> is_from{Kind::CopyStmt, 407};
  static constexpr Field<bool> is_program{Kind::CopyStmt, 408};
  static constexpr Field<std::string_view> filename{Kind::CopyStmt, 409};
  static constexpr Field<ListView> options{Kind::CopyStmt, 410};
  static constexpr Field<Node> whereClause{Kind::CopyStmt, 411};
};

struct VariableSetStmt {
  static constexpr Field<VariableSetKind> kind{Kind::VariableSetStmt, 412};
  static constexpr Field<std::string_view> name{Kind::VariableSetStmt, 413};
  static constexpr Field<ListView> args{Kind::VariableSetStmt, 414};
  static constexpr Field<bool> is_local{Kind::VariableSetStmt, 415};
};

struct VariableShowStmt {
  static constexpr Field<std::string_view> name{Kind::VariableShowStmt, 416};
};

struct CreateStmt {
  static constexpr Field<Node> relation{Kind::CreateStmt, 417};
  static constexpr Field<ListView> tableElts{Kind::CreateStmt, 418};
  static constexpr Field<ListView> inhRelations{Kind::CreateStmt, 419};
  static constexpr Field<Node> partbound{Kind::CreateStmt, 420};
  static constexpr Field<Node> partspec{Kind::CreateStmt, 421};
  static constexpr Field<Node> ofTypename{Kind::CreateStmt, 422};
  static constexpr Field<ListView> constraints{Kind::CreateStmt, 423};
  static constexpr Field<ListView> options{Kind::CreateStmt, 424};
  static constexpr Field<OnCommitAction> oncommit{Kind::CreateStmt, 425};
  static constexpr Field<std::string_view> tablespacename{Kind::CreateStmt, 426};
  static constexpr Field<std::string_view> accessMethod{Kind::CreateStmt, 427};
  static constexpr Field<bool> if_not_exists{Kind::CreateStmt, 428};
};

struct Constraint {
  static constexpr Field<ConstrType> contype{Kind::Constraint, 429};
  static constexpr Field<std::string_view> conname{Kind::Constraint, 430};
  static constexpr Field<bool> deferrable{Kind::Constraint, 431};
  static constexpr Field<bool> initdeferred{Kind::Constraint, 432};
  static constexpr Field<int> location{Kind::Constraint, 433};
  static constexpr Field<bool> is_no_inherit{Kind::Constraint, 434};
  static constexpr Field<Node> raw_expr{Kind::Constraint, 435};
  static constexpr Field<std::string_view> cooked_expr{Kind::Constraint, 436};
  static constexpr Field<char> generated_when{Kind::Constraint, 437};
  static constexpr Field<bool> nulls_not_distinct{Kind::Constraint, 438};
  static constexpr Field<ListView> keys{Kind::Constraint, 439};
  static constexpr Field<ListView> including{Kind::Constraint, 440};
  static constexpr Field<ListView> exclusions{Kind::Constraint, 441};
  static constexpr Field<ListView> options{Kind::Constraint, 442};
  static constexpr Field<std::string_view> indexname{Kind::Constraint, 443};
  static constexpr Field<std::string_view> indexspace{Kind::Constraint, 444};
  static constexpr Field<bool> reset_default_tblspc{Kind::Constraint, 445};
  static constexpr Field<std::string_view> access_method{Kind::Constraint, 446};
  static constexpr Field<Node> where_clause{Kind::Constraint, 447};
  static constexpr Field<Node> pktable{Kind::Constraint, 448};
  static constexpr Field<ListView> fk_attrs{Kind::Constraint, 449};
  static constexpr Field<ListView> pk_attrs{Kind::Constraint, 450};
  static constexpr Field<char> fk_matchtype{Kind::Constraint, 451};
  static constexpr Field<char> fk_upd_action{Kind::Constraint, 452};
  static constexpr Field<char> fk_del_action{Kind::Constraint, 453};
  static constexpr Field<ListView> fk_del_set_cols{Kind::Constraint, 454};
  static constexpr Field<ListView> old_conpfeqop{Kind::Constraint, 455};
  static constexpr Field<std::uint32_t> old_pktable_oid{Kind::Constraint, 456};
  static constexpr Field<bool> skip_validation{Kind::Constraint, 457};
  static constexpr Field<bool> initially_valid{Kind::Constraint, 458};
};

struct CreateTableSpaceStmt {
  static constexpr Field<std::string_view> tablespacename{Kind::CreateTableSpaceStmt, 459};
  static constexpr Field<Node> owner{Kind::CreateTableSpaceStmt, 460};
  static constexpr Field<std::string_view> location{Kind::CreateTableSpaceStmt, 461};
  static constexpr Field<ListView> options{Kind::CreateTableSpaceStmt, 462};
};

struct DropTableSpaceStmt {
  static constexpr Field<std::string_view> tablespacename{Kind::DropTableSpaceStmt, 463};
  static constexpr Field<bool> missing_ok{Kind::DropTableSpaceStmt, 464};
};

struct AlterTableSpaceOptionsStmt {
  static constexpr Field<std::string_view> tablespacename{Kind::AlterTableSpaceOptionsStmt, 465};
  static constexpr Field<ListView> options{Kind::AlterTableSpaceOptionsStmt, 466};
  static constexpr Field<bool> isReset{Kind::AlterTableSpaceOptionsStmt, 467};
};

struct AlterTableMoveAllStmt {
  static constexpr Field<std::string_view> orig_tablespacename{Kind::AlterTableMoveAllStmt, 468};
  static constexpr Field<ObjectType> objtype{Kind::AlterTableMoveAllStmt, 469};
  static constexpr Field<ListView> roles{Kind::AlterTableMoveAllStmt, 470};
  static constexpr Field<std::string_view> new_tablespacename{Kind::AlterTableMoveAllStmt, 471};
  static constexpr Field<bool> nowait{Kind::AlterTableMoveAllStmt, 472};
};

struct CreateExtensionStmt {
  static constexpr Field<std::string_view> extname{Kind::CreateExtensionStmt, 473};
  static constexpr Field<bool> if_not_exists{Kind::CreateExtensionStmt, 474};
  static constexpr Field<ListView> options{Kind::CreateExtensionStmt, 475};
};

struct AlterExtensionStmt {
  static constexpr Field<std::string_view> extname{Kind::AlterExtensionStmt, 476};
  static constexpr Field<ListView> options{Kind::AlterExtensionStmt, 477};
};

struct AlterExtensionContentsStmt {
  static constexpr Field<std::string_view> extname{Kind::AlterExtensionContentsStmt, 478};
  static constexpr Field<int> action{Kind::AlterExtensionContentsStmt, 479};
  static constexpr Field<ObjectType> objtype{Kind::AlterExtensionContentsStmt, 480};
  static constexpr Field<Node> object{Kind::AlterExtensionContentsStmt, 481};
};

struct CreateFdwStmt {
  static constexpr Field<std::string_view> fdwname{Kind::CreateFdwStmt, 482};
  static constexpr Field<ListView> func_options{Kind::CreateFdwStmt, 483};
  static constexpr Field<ListView> options{Kind::CreateFdwStmt, 484};
};

struct AlterFdwStmt {
  static constexpr Field<std::string_view> fdwname{Kind::AlterFdwStmt, 485};
  static constexpr Field<ListView> func_options{Kind::AlterFdwStmt, 486};
  static constexpr Field<ListView> options{Kind::AlterFdwStmt, 487};
};

struct CreateForeignServerStmt {
  static constexpr Field<std::string_view> servername{Kind::CreateForeignServerStmt, 488};
  static constexpr Field<std::string_view> servertype{Kind::CreateForeignServerStmt, 489};
  static constexpr Field<std::string_view> version{Kind::CreateForeignServerStmt, 490};
  static constexpr Field<std::string_view> fdwname{Kind::CreateForeignServerStmt, 491};
  static constexpr Field<bool> if_not_exists{Kind::CreateForeignServerStmt, 492};
  static constexpr Field<ListView> options{Kind::CreateForeignServerStmt, 493};
};

struct AlterForeignServerStmt {
  static constexpr Field<std::string_view> servername{Kind::AlterForeignServerStmt, 494};
  static constexpr Field<std::string_view> version{Kind::AlterForeignServerStmt, 495};
  static constexpr Field<ListView> options{Kind::AlterForeignServerStmt, 496};
  static constexpr Field<bool> has_version{Kind::AlterForeignServerStmt, 497};
};

struct CreateForeignTableStmt {
  static constexpr Field<Node> base_relation{Kind::CreateForeignTableStmt, 498};
  static constexpr Field<ListView> base_tableElts{Kind::CreateForeignTableStmt, 499};
  static constexpr Field<ListView> base_inhRelations{Kind::CreateForeignTableStmt, 500};
  static constexpr Field<Node> base_partbound{Kind::CreateForeignTableStmt, 501};
  static constexpr Field<Node> base_partspec{Kind::CreateForeignTableStmt, 502};
  static constexpr Field<Node> base_ofTypename{Kind::CreateForeignTableStmt, 503};
  static constexpr Field<ListView> base_constraints{Kind::CreateForeignTableStmt, 504};
  static constexpr Field<ListView> base_options{Kind::CreateForeignTableStmt, 505};
  static constexpr Field<OnCommitAction> base_oncommit{Kind::CreateForeignTableStmt, 506};
  static constexpr Field<std::string_view> base_tablespacename{Kind::CreateForeignTableStmt, 507};
  static constexpr Field<std::string_view> base_accessMethod{Kind::CreateForeignTableStmt, 508};
  static constexpr Field<bool> base_if_not_exists{Kind::CreateForeignTableStmt, 509};
  static constexpr Field<std::string_view> servername{Kind::CreateForeignTableStmt, 510};
  static constexpr Field<ListView> options{Kind::CreateForeignTableStmt, 511};
};

struct CreateUserMappingStmt {
  static constexpr Field<Node> user{Kind::CreateUserMappingStmt, 512};
  static constexpr Field<std::string_view> servername{Kind::CreateUserMappingStmt, 513};
  static constexpr Field<bool> if_not_exists{Kind::CreateUserMappingStmt, 514};
  static constexpr Field<ListView> options{Kind::CreateUserMappingStmt, 515};
};

struct AlterUserMappingStmt {
  static constexpr Field<Node> user{Kind::AlterUserMappingStmt, 516};
  static constexpr Field<std::string_view> servername{Kind::AlterUserMappingStmt, 517};
  static constexpr Field<ListView> options{Kind::AlterUserMappingStmt, 518};
};

struct DropUserMappingStmt {
  static constexpr Field<Node> user{Kind::DropUserMappingStmt, 519};
  static constexpr Field<std::string_view> servername{Kind::DropUserMappingStmt, 520};
  static constexpr Field<bool> missing_ok{Kind::DropUserMappingStmt, 521};
};

struct ImportForeignSchemaStmt {
  static constexpr Field<std::string_view> server_name{Kind::ImportForeignSchemaStmt, 522};
  static constexpr Field<std::string_view> remote_schema{Kind::ImportForeignSchemaStmt, 523};
  static constexpr Field<std::string_view> local_schema{Kind::ImportForeignSchemaStmt, 524};
  static constexpr Field<ImportForeignSchemaType> list_type{Kind::ImportForeignSchemaStmt, 525};
  static constexpr Field<ListView> table_list{Kind::ImportForeignSchemaStmt, 526};
  static constexpr Field<ListView> options{Kind::ImportForeignSchemaStmt, 527};
};

struct CreatePolicyStmt {
  static constexpr Field<std::string_view> policy_name{Kind::CreatePolicyStmt, 528};
  static constexpr Field<Node> table{Kind::CreatePolicyStmt, 529};
  static constexpr Field<std::string_view> cmd_name{Kind::CreatePolicyStmt, 530};
  static constexpr Field<bool> permissive{Kind::CreatePolicyStmt, 531};
  static constexpr Field<ListView> roles{Kind::CreatePolicyStmt, 532};
  static constexpr Field<Node> qual{Kind::CreatePolicyStmt, 533};
  static constexpr Field<Node> with_check{Kind::CreatePolicyStmt, 534};
};

struct AlterPolicyStmt {
  static constexpr Field<std::string_view> policy_name{Kind::AlterPolicyStmt, 535};
  static constexpr Field<Node> table{Kind::AlterPolicyStmt, 536};
  static constexpr Field<ListView> roles{Kind::AlterPolicyStmt, 537};
  static constexpr Field<Node> qual{Kind::AlterPolicyStmt, 538};
  static constexpr Field<Node> with_check{Kind::AlterPolicyStmt, 539};
};

struct CreateAmStmt {
  static constexpr Field<std::string_view> amname{Kind::CreateAmStmt, 540};
  static constexpr Field<ListView> handler_name{Kind::CreateAmStmt, 541};
  static constexpr Field<char> amtype{Kind::CreateAmStmt, 542};
};

struct CreateTrigStmt {
  static constexpr Field<bool> replace{Kind::CreateTrigStmt, 543};
  static constexpr Field<bool> isconstraint{Kind::CreateTrigStmt, 544};
  static constexpr Field<std::string_view> trigname{Kind::CreateTrigStmt, 545};
  static constexpr Field<Node> relation{Kind::CreateTrigStmt, 546};
  static constexpr Field<ListView> funcname{Kind::CreateTrigStmt, 547};
  static constexpr Field<ListView> args{Kind::CreateTrigStmt, 548};
  static constexpr Field<bool> row{Kind::CreateTrigStmt, 549};
  static constexpr Field<std::int16_t> timing{Kind::CreateTrigStmt, 550};
  static constexpr Field<std::int16_t> events{Kind::CreateTrigStmt, 551};
  static constexpr Field<ListView> columns{Kind::CreateTrigStmt, 552};
  static constexpr Field<Node> whenClause{Kind::CreateTrigStmt, 553};
  static constexpr Field<ListView> transitionRels{Kind::CreateTrigStmt, 554};
  static constexpr Field<bool> deferrable{Kind::CreateTrigStmt, 555};
  static constexpr Field<bool> initdeferred{Kind::CreateTrigStmt, 556};
  static constexpr Field<Node> constrrel{Kind::CreateTrigStmt, 557};
};

struct CreateEventTrigStmt {
  static constexpr Field<std::string_view> trigname{Kind::CreateEventTrigStmt, 558};
  static constexpr Field<std::string_view> eventname{Kind::CreateEventTrigStmt, 559};
  static constexpr Field<ListView> whenclause{Kind::CreateEventTrigStmt, 560};
  static constexpr Field<ListView> funcname{Kind::CreateEventTrigStmt, 561};
};

struct AlterEventTrigStmt {
  static constexpr Field<std::string_view> trigname{Kind::AlterEventTrigStmt, 562};
  static constexpr Field<char> tgenabled{Kind::AlterEventTrigStmt, 563};
};

struct CreatePLangStmt {
  static constexpr Field<bool> replace{Kind::CreatePLangStmt, 564};
  static constexpr Field<std::string_view> plname{Kind::CreatePLangStmt, 565};
  static constexpr Field<ListView> plhandler{Kind::CreatePLangStmt, 566};
  static constexpr Field<ListView> plinline{Kind::CreatePLangStmt, 567};
  static constexpr Field<ListView> plvalidator{Kind::CreatePLangStmt, 568};
  static constexpr Field<bool> pltrusted{Kind::CreatePLangStmt, 569};
};

struct CreateRoleStmt {
  static constexpr Field<RoleStmtType> stmt_type{Kind::CreateRoleStmt, 570};
  static constexpr Field<std::string_view> role{Kind::CreateRoleStmt, 571};
  static constexpr Field<ListView> options{Kind::CreateRoleStmt, 572};
};

struct AlterRoleStmt {
  static constexpr Field<Node> role{Kind::AlterRoleStmt, 573};
  static constexpr Field<ListView> options{Kind::AlterRoleStmt, 574};
  static constexpr Field<int> action{Kind::AlterRoleStmt, 575};
};

struct AlterRoleSetStmt {
  static constexpr Field<Node> role{Kind::AlterRoleSetStmt, 576};
  static constexpr Field<std::string_view> database{Kind::AlterRoleSetStmt, 577};
  static constexpr Field<Node> setstmt{Kind::AlterRoleSetStmt, 578};
};

struct DropRoleStmt {
  static constexpr Field<ListView> roles{Kind::DropRoleStmt, 579};
  static constexpr Field<bool> missing_ok{Kind::DropRoleStmt, 580};
};

struct CreateSeqStmt {
  static constexpr Field<Node> sequence{Kind::CreateSeqStmt, 581};
  static constexpr Field<ListView> options{Kind::CreateSeqStmt, 582};
  static constexpr Field<std::uint32_t> ownerId{Kind::CreateSeqStmt, 583};
  static constexpr Field<bool> for_identity{Kind::CreateSeqStmt, 584};
  static constexpr Field<bool> if_not_exists{Kind::CreateSeqStmt, 585};
};

struct AlterSeqStmt {
  static constexpr Field<Node> sequence{Kind::AlterSeqStmt, 586};
  static constexpr Field<ListView> options{Kind::AlterSeqStmt, 587};
  static constexpr Field<bool> for_identity{Kind::AlterSeqStmt, 588};
  static constexpr Field<bool> missing_ok{Kind::AlterSeqStmt, 589};
};

struct DefineStmt {
  static constexpr Field<ObjectType> kind{Kind::DefineStmt, 590};
  static constexpr Field<bool> oldstyle{Kind::DefineStmt, 591};
  static constexpr Field<ListView> defnames{Kind::DefineStmt, 592};
  static constexpr Field<ListView> args{Kind::DefineStmt, 593};
  static constexpr Field<ListView> definition{Kind::DefineStmt, 594};
  static constexpr Field<bool> if_not_exists{Kind::DefineStmt, 595};
  static constexpr Field<bool> replace{Kind::DefineStmt, 596};
};

struct CreateDomainStmt {
  static constexpr Field<ListView> domainname{Kind::CreateDomainStmt, 597};
  static constexpr Field<Node> typeName{Kind::CreateDomainStmt, 598};
  static constexpr Field<Node> collClause{Kind::CreateDomainStmt, 599};
  static constexpr Field<ListView> constraints{Kind::CreateDomainStmt, 600};
};

struct CreateOpClassStmt {
  static constexpr Field<ListView> opclassname{Kind::CreateOpClassStmt, 601};
  static constexpr Field<ListView> opfamilyname{Kind::CreateOpClassStmt, 602};
  static constexpr Field<std::string_view> amname{Kind::CreateOpClassStmt, 603};
  static constexpr Field<Node> datatype{Kind::CreateOpClassStmt, 604};
  static constexpr Field<ListView> items{Kind::CreateOpClassStmt, 605};
  static constexpr Field<bool> isDefault{Kind::CreateOpClassStmt, 606};
};

struct CreateOpClassItem {
  static constexpr Field<int> itemtype{Kind::CreateOpClassItem, 607};
  static constexpr Field<Node> name{Kind::CreateOpClassItem, 608};
  static constexpr Field<int> number{Kind::CreateOpClassItem, 609};
  static constexpr Field<ListView> order_family{Kind::CreateOpClassItem, 610};
  static constexpr Field<ListView> class_args{Kind::CreateOpClassItem, 611};
  static constexpr Field<Node> storedtype{Kind::CreateOpClassItem, 612};
};

struct CreateOpFamilyStmt {
  static constexpr Field<ListView> opfamilyname{Kind::CreateOpFamilyStmt, 613};
  static constexpr Field<std::string_view> amname{Kind::CreateOpFamilyStmt, 614};
};

struct AlterOpFamilyStmt {
  static constexpr Field<ListView> opfamilyname{Kind::AlterOpFamilyStmt, 615};
  static constexpr Field<std::string_view> amname{Kind::AlterOpFamilyStmt, 616};
  static constexpr Field<bool> isDrop{Kind::AlterOpFamilyStmt, 617};
  static constexpr Field<ListView> items{Kind::AlterOpFamilyStmt, 618};
};

struct DropStmt {
  static constexpr Field<ListView> objects{Kind::DropStmt, 619};
  static constexpr Field<ObjectType> removeType{Kind::DropStmt, 620};
  static constexpr Field<DropBehavior> behavior{Kind::DropStmt, 621};
  static constexpr Field<bool> missing_ok{Kind::DropStmt, 622};
  static constexpr Field<bool> concurrent{Kind::DropStmt, 623};
};

struct TruncateStmt {
  static constexpr Field<ListView> relations{Kind::TruncateStmt, 624};
  static constexpr Field<bool> restart_seqs{Kind::TruncateStmt, 625};
  static constexpr Field<DropBehavior> behavior{Kind::TruncateStmt, 626};
};

struct CommentStmt {
  static constexpr Field<ObjectType> objtype{Kind::CommentStmt, 627};
  static constexpr Field<Node> object{Kind::CommentStmt, 628};
  static constexpr Field<std::string_view> comment{Kind::CommentStmt, 629};
};

struct SecLabelStmt {
  static constexpr Field<ObjectType> objtype{Kind::SecLabelStmt, 630};
  static constexpr Field<Node> object{Kind::SecLabelStmt, 631};
  static constexpr Field<std::string_view> provider{Kind::SecLabelStmt, 632};
  static constexpr Field<std::string_view> label{Kind::SecLabelStmt, 633};
};

struct DeclareCursorStmt {
  static constexpr Field<std::string_view> portalname{Kind::DeclareCursorStmt, 634};
  static constexpr Field<int> options{Kind::DeclareCursorStmt, 635};
  static constexpr Field<Node> query{Kind::DeclareCursorStmt, 636};
};

struct ClosePortalStmt {
  static constexpr Field<std::string_view> portalname{Kind::ClosePortalStmt, 637};
};

struct FetchStmt {
  static constexpr Field<FetchDirection> direction{Kind::FetchStmt, 638};
  static constexpr Field<std::int64_t> howMany{Kind::FetchStmt, 639};
  static constexpr Field<std::string_view> portalname{Kind::FetchStmt, 640};
  static constexpr Field<bool> ismove{Kind::FetchStmt, 641};
};

struct IndexStmt {
  static constexpr Field<std::string_view> idxname{Kind::IndexStmt, 642};
  static constexpr Field<Node> relation{Kind::IndexStmt, 643};
  static constexpr Field<std::string_view> accessMethod{Kind::IndexStmt, 644};
  static constexpr Field<std::string_view> tableSpace{Kind::IndexStmt, 645};
  static constexpr Field<ListView> indexParams{Kind::IndexStmt, 646};
  static constexpr Field<ListView> indexIncludingParams{Kind::IndexStmt, 647};
  static constexpr Field<ListView> options{Kind::IndexStmt, 648};
  static constexpr Field<Node> whereClause{Kind::IndexStmt, 649};
  static constexpr Field<ListView> excludeOpNames{Kind::IndexStmt, 650};
  static constexpr Field<std::string_view> idxcomment{Kind::IndexStmt, 651};
  static constexpr Field<std::uint32_t> indexOid{Kind::IndexStmt, 652};
  static constexpr Field<std::uint32_t> oldNode{Kind::IndexStmt, 653};
  static constexpr Field<std::uint32_t> oldCreateSubid{Kind::IndexStmt, 654};
  static constexpr Field<std::uint32_t> oldFirstRelfilenodeSubid{Kind::IndexStmt, 655};
  static constexpr Field<bool> unique{Kind::IndexStmt, 656};
  static constexpr Field<bool> nulls_not_distinct{Kind::IndexStmt, 657};
  static constexpr Field<bool> primary{Kind::IndexStmt, 658};
  static constexpr Field<bool> isconstraint{Kind::IndexStmt, 659};
  static constexpr Field<bool> deferrable{Kind::IndexStmt, 660};
  static constexpr Field<bool> initdeferred{Kind::IndexStmt, 661};
  static constexpr Field<bool> transformed{Kind::IndexStmt, 662};
  static constexpr Field<bool> concurrent{Kind::IndexStmt, 663};
  static constexpr Field<bool> if_not_exists{Kind::IndexStmt, 664};
  static constexpr Field<bool> reset_default_tblspc{Kind::IndexStmt, 665};
};

struct CreateStatsStmt {
  static constexpr Field<ListView> defnames{Kind::CreateStatsStmt, 666};
  static constexpr Field<ListView> stat_types{Kind::CreateStatsStmt, 667};
  static constexpr Field<ListView> exprs{Kind::CreateStatsStmt, 668};
  static constexpr Field<ListView> relations{Kind::CreateStatsStmt, 669};
  static constexpr Field<std::string_view> stxcomment{Kind::CreateStatsStmt, 670};
  static constexpr Field<bool> transformed{Kind::CreateStatsStmt, 671};
  static constexpr Field<bool> if_not_exists{Kind::CreateStatsStmt, 672};
};

struct StatsElem {
  static constexpr Field<std::string_view> name{Kind::StatsElem, 673};
  static constexpr Field<Node> expr{Kind::StatsElem, 674};
};

struct AlterStatsStmt {
  static constexpr Field<ListView> defnames{Kind::AlterStatsStmt, 675};
  static constexpr Field<int> stxstattarget{Kind::AlterStatsStmt, 676};
  static constexpr Field<bool> missing_ok{Kind::AlterStatsStmt, 677};
};

struct CreateFunctionStmt {
  static constexpr Field<bool> is_procedure{Kind::CreateFunctionStmt, 678};
  static constexpr Field<bool> replace{Kind::CreateFunctionStmt, 679};
  static constexpr Field<ListView> funcname{Kind::CreateFunctionStmt, 680};
  static constexpr Field<ListView> parameters{Kind::CreateFunctionStmt, 681};
  static constexpr Field<Node> returnType{Kind::CreateFunctionStmt, 682};
  static constexpr Field<ListView> options{Kind::CreateFunctionStmt, 683};
  static constexpr Field<Node> sql_body{Kind::CreateFunctionStmt, 684};
};

struct FunctionParameter {
  static constexpr Field<std::string_view> name{Kind::FunctionParameter, 685};
  static constexpr Field<Node> argType{Kind::FunctionParameter, 686};
  static constexpr Field<FunctionParameterMode> mode{Kind::FunctionParameter, 687};
  static constexpr Field<Node> defexpr{Kind::FunctionParameter, 688};
};

struct AlterFunctionStmt {
  static constexpr Field<ObjectType> objtype{Kind::AlterFunctionStmt, 689};
  static constexpr Field<Node> func{Kind::AlterFunctionStmt, 690};
  static constexpr Field<ListView> actions{Kind::AlterFunctionStmt, 691};
};

struct DoStmt {
  static constexpr Field<ListView> args{Kind::DoStmt, 692};
};

struct CallStmt {
  static constexpr Field<Node> funccall{Kind::CallStmt, 693};
  static constexpr Field<Node> funcexpr{Kind::CallStmt, 694};
  static constexpr Field<ListView> outargs{Kind::CallStmt, 695};
};

struct RenameStmt {
  static constexpr Field<ObjectType> renameType{Kind::RenameStmt, 696};
  static constexpr Field<ObjectType> relationType{Kind::RenameStmt, 697};
  static constexpr Field<Node> relation{Kind::RenameStmt, 698};
  static constexpr Field<Node> object{Kind::RenameStmt, 699};
  static constexpr Field<std::string_view> subname{Kind::RenameStmt, 700};
  static constexpr Field<std::string_view> newname{Kind::RenameStmt, 701};
  static constexpr Field<DropBehavior> behavior{Kind::RenameStmt, 702};
  static constexpr Field<bool> missing_ok{Kind::RenameStmt, 703};
};

struct AlterObjectDependsStmt {
  static constexpr Field<ObjectType> objectType{Kind::AlterObjectDependsStmt, 704};
  static constexpr Field<Node> relation{Kind::AlterObjectDependsStmt, 705};
  static constexpr Field<Node> object{Kind::AlterObjectDependsStmt, 706};
  static constexpr Field<Node> extname{Kind::AlterObjectDependsStmt, 707};
  static constexpr Field<bool> remove{Kind::AlterObjectDependsStmt, 708};
};

struct AlterObjectSchemaStmt {
  static constexpr Field<ObjectType> objectType{Kind::AlterObjectSchemaStmt, 709};
  static constexpr Field<Node> relation{Kind::AlterObjectSchemaStmt, 710};
  static constexpr Field<Node> object{Kind::AlterObjectSchemaStmt, 711};
  static constexpr Field<std::string_view> newschema{Kind::AlterObjectSchemaStmt, 712};
  static constexpr Field<bool> missing_ok{Kind::AlterObjectSchemaStmt, 713};
};

struct AlterOwnerStmt {
  static constexpr Field<ObjectType> objectType{Kind::AlterOwnerStmt, 714};
  static constexpr Field<Node> relation{Kind::AlterOwnerStmt, 715};
  static constexpr Field<Node> object{Kind::AlterOwnerStmt, 716};
  static constexpr Field<Node> newowner{Kind::AlterOwnerStmt, 717};
};

struct AlterOperatorStmt {
  static constexpr Field<Node> opername{Kind::AlterOperatorStmt, 718};
  static constexpr Field<ListView> options{Kind::AlterOperatorStmt, 719};
};

struct AlterTypeStmt {
  static constexpr Field<ListView> typeName{Kind::AlterTypeStmt, 720};
  static constexpr Field<ListView> options{Kind::AlterTypeStmt, 721};
};

struct RuleStmt {
  static constexpr Field<Node> relation{Kind::RuleStmt, 722};
  static constexpr Field<std::string_view> rulename{Kind::RuleStmt, 723};
  static constexpr Field<Node> whereClause{Kind::RuleStmt, 724};
  static constexpr Field<CmdType> event{Kind::RuleStmt, 725};
  static constexpr Field<bool> instead{Kind::RuleStmt, 726};
  static constexpr Field<ListView> actions{Kind::RuleStmt, 727};
  static constexpr Field<bool> replace{Kind::RuleStmt, 728};
};

struct NotifyStmt {
  static constexpr Field<std::string_view> conditionname{Kind::NotifyStmt, 729};
  static constexpr Field<std::string_view> payload{Kind::NotifyStmt, 730};
};

struct ListenStmt {
  static constexpr Field<std::string_view> conditionname{Kind::ListenStmt, 731};
};

struct UnlistenStmt {
  static constexpr Field<std::string_view> conditionname{Kind::UnlistenStmt, 732};
};

struct TransactionStmt {
  static constexpr Field<TransactionStmtKind> kind{Kind::TransactionStmt, 733};
  static constexpr Field<ListView> options{Kind::TransactionStmt, 734};
  static constexpr Field<std::string_view> savepoint_name{Kind::TransactionStmt, 735};
  static constexpr Field<std::string_view> gid{Kind::TransactionStmt, 736};
  static constexpr Field<bool> chain{Kind::TransactionStmt, 737};
};

struct CompositeTypeStmt {
  static constexpr Field<Node> typevar{Kind::CompositeTypeStmt, 738};
  static constexpr Field<ListView> coldeflist{Kind::CompositeTypeStmt, 739};
};

struct CreateEnumStmt {
  static constexpr Field<ListView> typeName{Kind::CreateEnumStmt, 740};
  static constexpr Field<ListView> vals{Kind::CreateEnumStmt, 741};
};

struct CreateRangeStmt {
  static constexpr Field<ListView> typeName{Kind::CreateRangeStmt, 742};
  static constexpr Field<ListView> params{Kind::CreateRangeStmt, 743};
};

struct AlterEnumStmt {
  static constexpr Field<ListView> typeName{Kind::AlterEnumStmt, 744};
  static constexpr Field<std::string_view> oldVal{Kind::AlterEnumStmt, 745};
  static constexpr Field<std::string_view> newVal{Kind::AlterEnumStmt, 746};
  static constexpr Field<std::string_view> newValNeighbor{Kind::AlterEnumStmt, 747};
  static constexpr Field<bool> newValIsAfter{Kind::AlterEnumStmt, 748};
  static constexpr Field<bool> skipIfNewValExists{Kind::AlterEnumStmt, 749};
};

struct ViewStmt {
  static constexpr Field<Node> view{Kind::ViewStmt, 750};
  static constexpr Field<ListView> aliases{Kind::ViewStmt, 751};
  static constexpr Field<Node> query{Kind::ViewStmt, 752};
  static constexpr Field<bool> replace{Kind::ViewStmt, 753};
  static constexpr Field<ListView> options{Kind::ViewStmt, 754};
  static constexpr Field<ViewCheckOption> withCheckOption{Kind::ViewStmt, 755};
};

struct LoadStmt {
  static constexpr Field<std::string_view> filename{Kind::LoadStmt, 756};
};

struct CreatedbStmt {
  static constexpr Field<std::string_view> dbname{Kind::CreatedbStmt, 757};
  static constexpr Field<ListView> options{Kind::CreatedbStmt, 758};
};

struct AlterDatabaseStmt {
  static constexpr Field<std::string_view> dbname{Kind::AlterDatabaseStmt, 759};
  static constexpr Field<ListView> options{Kind::AlterDatabaseStmt, 760};
};

struct AlterDatabaseRefreshCollStmt {
  static constexpr Field<std::string_view> dbname{Kind::AlterDatabaseRefreshCollStmt, 761};
};

struct AlterDatabaseSetStmt {
  static constexpr Field<std::string_view> dbname{Kind::AlterDatabaseSetStmt, 762};
  static constexpr Field<Node> setstmt{Kind::AlterDatabaseSetStmt, 763};
};

struct DropdbStmt {
  static constexpr Field<std::string_view> dbname{Kind::DropdbStmt, 764};
  static constexpr Field<bool> missing_ok{Kind::DropdbStmt, 765};
  static constexpr Field<ListView> options{Kind::DropdbStmt, 766};
};

struct AlterSystemStmt {
  static constexpr Field<Node> setstmt{Kind::AlterSystemStmt, 767};
};

struct ClusterStmt {
  static constexpr Field<Node> relation{Kind::ClusterStmt, 768};
  static constexpr Field<std::string_view> indexname{Kind::ClusterStmt, 769};
  static constexpr Field<ListView> params{Kind::ClusterStmt, 770};
};

struct VacuumStmt {
  static constexpr Field<ListView> options{Kind::VacuumStmt, 771};
  static constexpr Field<ListView> rels{Kind::VacuumStmt, 772};
  static constexpr Field<bool> is_vacuumcmd{Kind::VacuumStmt, 773};
};

struct VacuumRelation {
  static constexpr Field<Node> relation{Kind::VacuumRelation, 774};
  static constexpr Field<std::uint32_t> oid{Kind::VacuumRelation, 775};
  static constexpr Field<ListView> va_cols{Kind::VacuumRelation, 776};
};

struct ExplainStmt {
  static constexpr Field<Node> query{Kind::ExplainStmt, 777};
  static constexpr Field<ListView> options{Kind::ExplainStmt, 778};
};

struct CreateTableAsStmt {
  static constexpr Field<Node> query{Kind::CreateTableAsStmt, 779};
  static constexpr Field<Node> into{Kind::CreateTableAsStmt, 780};
  static constexpr Field<ObjectType> objtype{Kind::CreateTableAsStmt, 781};
  static constexpr Field<bool> is_select_into{Kind::CreateTableAsStmt, 782};
  static constexpr Field<bool> if_not_exists{Kind::CreateTableAsStmt, 783};
};

struct RefreshMatViewStmt {
  static constexpr Field<bool> concurrent{Kind::RefreshMatViewStmt, 784};
  static constexpr Field<bool> skipData{Kind::RefreshMatViewStmt, 785};
  static constexpr Field<Node> relation{Kind::RefreshMatViewStmt, 786};
};

struct CheckPointStmt {};

struct DiscardStmt {
  static constexpr Field<DiscardMode> target{Kind::DiscardStmt, 787};
};

struct LockStmt {
  static constexpr Field<ListView> relations{Kind::LockStmt, 788};
  static constexpr Field<int> mode{Kind::LockStmt, 789};
  static constexpr Field<bool> nowait{Kind::LockStmt, 790};
};

struct ConstraintsSetStmt {
  static constexpr Field<ListView> constraints{Kind::ConstraintsSetStmt, 791};
  static constexpr Field<bool> deferred{Kind::ConstraintsSetStmt, 792};
};

struct ReindexStmt {
  static constexpr Field<ReindexObjectType> kind{Kind::ReindexStmt, 793};
  static constexpr Field<Node> relation{Kind::ReindexStmt, 794};
  static constexpr Field<std::string_view> name{Kind::ReindexStmt, 795};
  static constexpr Field<ListView> params{Kind::ReindexStmt, 796};
};

struct CreateConversionStmt {
  static constexpr Field<ListView> conversion_name{Kind::CreateConversionStmt, 797};
  static constexpr Field<std::string_view> for_encoding_name{Kind::CreateConversionStmt, 798};
  static constexpr Field<std::string_view> to_encoding_name{Kind::CreateConversionStmt, 799};
  static constexpr Field<ListView> func_name{Kind::CreateConversionStmt, 800};
  static constexpr Field<bool> def{Kind::CreateConversionStmt, 801};
};

struct CreateCastStmt {
  static constexpr Field<Node> sourcetype{Kind::CreateCastStmt, 802};
  static constexpr Field<Node> targettype{Kind::CreateCastStmt, 803};
  static constexpr Field<Node> func{Kind::CreateCastStmt, 804};
  static constexpr Field<CoercionContext> context{Kind::CreateCastStmt, 805};
  static constexpr Field<bool> inout{Kind::CreateCastStmt, 806};
};

struct CreateTransformStmt {
  static constexpr Field<bool> replace{Kind::CreateTransformStmt, 807};
  static constexpr Field<Node> type_name{Kind::CreateTransformStmt, 808};
  static constexpr Field<std::string_view> lang{Kind::CreateTransformStmt, 809};
  static constexpr Field<Node> fromsql{Kind::CreateTransformStmt, 810};
  static constexpr Field<Node> tosql{Kind::CreateTransformStmt, 811};
};

struct PrepareStmt {
  static constexpr Field<std::string_view> name{Kind::PrepareStmt, 812};
  static constexpr Field<ListView> argtypes{Kind::PrepareStmt, 813};
  static constexpr Field<Node> query{Kind::PrepareStmt, 814};
};

struct ExecuteStmt {
  static constexpr Field<std::string_view> name{Kind::ExecuteStmt, 815};
  static constexpr Field<ListView> params{Kind::ExecuteStmt, 816};
};

struct DeallocateStmt {
  static constexpr Field<std::string_view> name{Kind::DeallocateStmt, 817};
};

struct DropOwnedStmt {
  static constexpr Field<ListView> roles{Kind::DropOwnedStmt, 818};
  static constexpr Field<DropBehavior> behavior{Kind::DropOwnedStmt, 819};
};

struct ReassignOwnedStmt {
  static constexpr Field<ListView> roles{Kind::ReassignOwnedStmt, 820};
  static constexpr Field<Node> newrole{Kind::ReassignOwnedStmt, 821};
};

struct AlterTSDictionaryStmt {
  static constexpr Field<ListView> dictname{Kind::AlterTSDictionaryStmt, 822};
  static constexpr Field<ListView> options{Kind::AlterTSDictionaryStmt, 823};
};

struct AlterTSConfigurationStmt {
  static constexpr Field<AlterTSConfigType> kind{Kind::AlterTSConfigurationStmt, 824};
  static constexpr Field<ListView> cfgname{Kind::AlterTSConfigurationStmt, 825};
  static constexpr Field<ListView> tokentype{Kind::AlterTSConfigurationStmt, 826};
  static constexpr Field<ListView> dicts{Kind::AlterTSConfigurationStmt, 827};
  static constexpr Field<bool> override{Kind::AlterTSConfigurationStmt, 828};
  static constexpr Field<bool> replace{Kind::AlterTSConfigurationStmt, 829};
  static constexpr Field<bool> missing_ok{Kind::AlterTSConfigurationStmt, 830};
};

struct PublicationTable {
  static constexpr Field<Node> relation{Kind::PublicationTable, 831};
  static constexpr Field<Node> whereClause{Kind::PublicationTable, 832};
  static constexpr Field<ListView> columns{Kind::PublicationTable, 833};
};

struct PublicationObjSpec {
  static constexpr Field<PublicationObjSpecType> pubobjtype{Kind::PublicationObjSpec, 834};
  static constexpr Field<std::string_view> name{Kind::PublicationObjSpec, 835};
  static constexpr Field<Node> pubtable{Kind::PublicationObjSpec, 836};
  static constexpr Field<int> location{Kind::PublicationObjSpec, 837};
};

struct CreatePublicationStmt {
  static constexpr Field<std::string_view> pubname{Kind::CreatePublicationStmt, 838};
  static constexpr Field<ListView> options{Kind::CreatePublicationStmt, 839};
  static constexpr Field<ListView> pubobjects{Kind::CreatePublicationStmt, 840};
  static constexpr Field<bool> for_all_tables{Kind::CreatePublicationStmt, 841};
};

struct AlterPublicationStmt {
  static constexpr Field<std::string_view> pubname{Kind::AlterPublicationStmt, 842};
  static constexpr Field<ListView> options{Kind::AlterPublicationStmt, 843};
  static constexpr Field<ListView> pubobjects{Kind::AlterPublicationStmt, 844};
  static constexpr Field<bool> for_all_tables{Kind::AlterPublicationStmt, 845};
  static constexpr Field<AlterPublicationAction> action{Kind::AlterPublicationStmt, 846};
};

struct CreateSubscriptionStmt {
  static constexpr Field<std::string_view> subname{Kind::CreateSubscriptionStmt, 847};
  static constexpr Field<std::string_view> conninfo{Kind::CreateSubscriptionStmt, 848};
  static constexpr Field<ListView> publication{Kind::CreateSubscriptionStmt, 849};
  static constexpr Field<ListView> options{Kind::CreateSubscriptionStmt, 850};
};

struct AlterSubscriptionStmt {
  static constexpr Field<AlterSubscriptionType> kind{Kind::AlterSubscriptionStmt, 851};
  static constexpr Field<std::string_view> subname{Kind::AlterSubscriptionStmt, 852};
  static constexpr Field<std::string_view> conninfo{Kind::AlterSubscriptionStmt, 853};
  static constexpr Field<ListView> publication{Kind::AlterSubscriptionStmt, 854};
  static constexpr Field<ListView> options{Kind::AlterSubscriptionStmt, 855};
};

struct DropSubscriptionStmt {
  static constexpr Field<std::string_view> subname{Kind::DropSubscriptionStmt, 856};
  static constexpr Field<bool> missing_ok{Kind::DropSubscriptionStmt, 857};
  static constexpr Field<DropBehavior> behavior{Kind::DropSubscriptionStmt, 858};
};

}  // namespace bulkhead::rewrite::ast::f
