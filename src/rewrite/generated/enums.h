// Written by tools/gen_ast.py from the PostgreSQL 15 server headers. Do not edit.
#pragma once

namespace bulkhead::rewrite::ast {

enum class A_Expr_Kind : int {
  AEXPR_OP = 0,
  AEXPR_OP_ANY = 1,
  AEXPR_OP_ALL = 2,
  AEXPR_DISTINCT = 3,
  AEXPR_NOT_DISTINCT = 4,
  AEXPR_NULLIF = 5,
  AEXPR_IN = 6,
  AEXPR_LIKE = 7,
  AEXPR_ILIKE = 8,
  AEXPR_SIMILAR = 9,
  AEXPR_BETWEEN = 10,
  AEXPR_NOT_BETWEEN = 11,
  AEXPR_BETWEEN_SYM = 12,
  AEXPR_NOT_BETWEEN_SYM = 13,
};

enum class AlterPublicationAction : int {
  AP_AddObjects = 0,
  AP_DropObjects = 1,
  AP_SetObjects = 2,
};

enum class AlterSubscriptionType : int {
  ALTER_SUBSCRIPTION_OPTIONS = 0,
  ALTER_SUBSCRIPTION_CONNECTION = 1,
  ALTER_SUBSCRIPTION_SET_PUBLICATION = 2,
  ALTER_SUBSCRIPTION_ADD_PUBLICATION = 3,
  ALTER_SUBSCRIPTION_DROP_PUBLICATION = 4,
  ALTER_SUBSCRIPTION_REFRESH = 5,
  ALTER_SUBSCRIPTION_ENABLED = 6,
  ALTER_SUBSCRIPTION_SKIP = 7,
};

enum class AlterTSConfigType : int {
  ALTER_TSCONFIG_ADD_MAPPING = 0,
  ALTER_TSCONFIG_ALTER_MAPPING_FOR_TOKEN = 1,
  ALTER_TSCONFIG_REPLACE_DICT = 2,
  ALTER_TSCONFIG_REPLACE_DICT_FOR_TOKEN = 3,
  ALTER_TSCONFIG_DROP_MAPPING = 4,
};

enum class AlterTableType : int {
  AT_AddColumn = 0,
  AT_AddColumnRecurse = 1,
  AT_AddColumnToView = 2,
  AT_ColumnDefault = 3,
  AT_CookedColumnDefault = 4,
  AT_DropNotNull = 5,
  AT_SetNotNull = 6,
  AT_DropExpression = 7,
  AT_CheckNotNull = 8,
  AT_SetStatistics = 9,
  AT_SetOptions = 10,
  AT_ResetOptions = 11,
  AT_SetStorage = 12,
  AT_SetCompression = 13,
  AT_DropColumn = 14,
  AT_DropColumnRecurse = 15,
  AT_AddIndex = 16,
  AT_ReAddIndex = 17,
  AT_AddConstraint = 18,
  AT_AddConstraintRecurse = 19,
  AT_ReAddConstraint = 20,
  AT_ReAddDomainConstraint = 21,
  AT_AlterConstraint = 22,
  AT_ValidateConstraint = 23,
  AT_ValidateConstraintRecurse = 24,
  AT_AddIndexConstraint = 25,
  AT_DropConstraint = 26,
  AT_DropConstraintRecurse = 27,
  AT_ReAddComment = 28,
  AT_AlterColumnType = 29,
  AT_AlterColumnGenericOptions = 30,
  AT_ChangeOwner = 31,
  AT_ClusterOn = 32,
  AT_DropCluster = 33,
  AT_SetLogged = 34,
  AT_SetUnLogged = 35,
  AT_DropOids = 36,
  AT_SetAccessMethod = 37,
  AT_SetTableSpace = 38,
  AT_SetRelOptions = 39,
  AT_ResetRelOptions = 40,
  AT_ReplaceRelOptions = 41,
  AT_EnableTrig = 42,
  AT_EnableAlwaysTrig = 43,
  AT_EnableReplicaTrig = 44,
  AT_DisableTrig = 45,
  AT_EnableTrigAll = 46,
  AT_DisableTrigAll = 47,
  AT_EnableTrigUser = 48,
  AT_DisableTrigUser = 49,
  AT_EnableRule = 50,
  AT_EnableAlwaysRule = 51,
  AT_EnableReplicaRule = 52,
  AT_DisableRule = 53,
  AT_AddInherit = 54,
  AT_DropInherit = 55,
  AT_AddOf = 56,
  AT_DropOf = 57,
  AT_ReplicaIdentity = 58,
  AT_EnableRowSecurity = 59,
  AT_DisableRowSecurity = 60,
  AT_ForceRowSecurity = 61,
  AT_NoForceRowSecurity = 62,
  AT_GenericOptions = 63,
  AT_AttachPartition = 64,
  AT_DetachPartition = 65,
  AT_DetachPartitionFinalize = 66,
  AT_AddIdentity = 67,
  AT_SetIdentity = 68,
  AT_DropIdentity = 69,
  AT_ReAddStatistics = 70,
};

enum class BoolExprType : int {
  AND_EXPR = 0,
  OR_EXPR = 1,
  NOT_EXPR = 2,
};

enum class BoolTestType : int {
  IS_TRUE = 0,
  IS_NOT_TRUE = 1,
  IS_FALSE = 2,
  IS_NOT_FALSE = 3,
  IS_UNKNOWN = 4,
  IS_NOT_UNKNOWN = 5,
};

enum class CTEMaterialize : int {
  CTEMaterializeDefault = 0,
  CTEMaterializeAlways = 1,
  CTEMaterializeNever = 2,
};

enum class CmdType : int {
  CMD_UNKNOWN = 0,
  CMD_SELECT = 1,
  CMD_UPDATE = 2,
  CMD_INSERT = 3,
  CMD_DELETE = 4,
  CMD_MERGE = 5,
  CMD_UTILITY = 6,
  CMD_NOTHING = 7,
};

enum class CoercionContext : int {
  COERCION_IMPLICIT = 0,
  COERCION_ASSIGNMENT = 1,
  COERCION_PLPGSQL = 2,
  COERCION_EXPLICIT = 3,
};

enum class CoercionForm : int {
  COERCE_EXPLICIT_CALL = 0,
  COERCE_EXPLICIT_CAST = 1,
  COERCE_IMPLICIT_CAST = 2,
  COERCE_SQL_SYNTAX = 3,
};

enum class ConstrType : int {
  CONSTR_NULL = 0,
  CONSTR_NOTNULL = 1,
  CONSTR_DEFAULT = 2,
  CONSTR_IDENTITY = 3,
  CONSTR_GENERATED = 4,
  CONSTR_CHECK = 5,
  CONSTR_PRIMARY = 6,
  CONSTR_UNIQUE = 7,
  CONSTR_EXCLUSION = 8,
  CONSTR_FOREIGN = 9,
  CONSTR_ATTR_DEFERRABLE = 10,
  CONSTR_ATTR_NOT_DEFERRABLE = 11,
  CONSTR_ATTR_DEFERRED = 12,
  CONSTR_ATTR_IMMEDIATE = 13,
};

enum class DefElemAction : int {
  DEFELEM_UNSPEC = 0,
  DEFELEM_SET = 1,
  DEFELEM_ADD = 2,
  DEFELEM_DROP = 3,
};

enum class DiscardMode : int {
  DISCARD_ALL = 0,
  DISCARD_PLANS = 1,
  DISCARD_SEQUENCES = 2,
  DISCARD_TEMP = 3,
};

enum class DropBehavior : int {
  DROP_RESTRICT = 0,
  DROP_CASCADE = 1,
};

enum class FetchDirection : int {
  FETCH_FORWARD = 0,
  FETCH_BACKWARD = 1,
  FETCH_ABSOLUTE = 2,
  FETCH_RELATIVE = 3,
};

enum class FunctionParameterMode : int {
  FUNC_PARAM_IN = 105,
  FUNC_PARAM_OUT = 111,
  FUNC_PARAM_INOUT = 98,
  FUNC_PARAM_VARIADIC = 118,
  FUNC_PARAM_TABLE = 116,
  FUNC_PARAM_DEFAULT = 100,
};

enum class GrantTargetType : int {
  ACL_TARGET_OBJECT = 0,
  ACL_TARGET_ALL_IN_SCHEMA = 1,
  ACL_TARGET_DEFAULTS = 2,
};

enum class GroupingSetKind : int {
  GROUPING_SET_EMPTY = 0,
  GROUPING_SET_SIMPLE = 1,
  GROUPING_SET_ROLLUP = 2,
  GROUPING_SET_CUBE = 3,
  GROUPING_SET_SETS = 4,
};

enum class ImportForeignSchemaType : int {
  FDW_IMPORT_SCHEMA_ALL = 0,
  FDW_IMPORT_SCHEMA_LIMIT_TO = 1,
  FDW_IMPORT_SCHEMA_EXCEPT = 2,
};

enum class JoinType : int {
  JOIN_INNER = 0,
  JOIN_LEFT = 1,
  JOIN_FULL = 2,
  JOIN_RIGHT = 3,
  JOIN_SEMI = 4,
  JOIN_ANTI = 5,
  JOIN_UNIQUE_OUTER = 6,
  JOIN_UNIQUE_INNER = 7,
};

enum class LimitOption : int {
  LIMIT_OPTION_DEFAULT = 0,
  LIMIT_OPTION_COUNT = 1,
  LIMIT_OPTION_WITH_TIES = 2,
};

enum class LockClauseStrength : int {
  LCS_NONE = 0,
  LCS_FORKEYSHARE = 1,
  LCS_FORSHARE = 2,
  LCS_FORNOKEYUPDATE = 3,
  LCS_FORUPDATE = 4,
};

enum class LockWaitPolicy : int {
  LockWaitBlock = 0,
  LockWaitSkip = 1,
  LockWaitError = 2,
};

enum class MinMaxOp : int {
  IS_GREATEST = 0,
  IS_LEAST = 1,
};

enum class NullTestType : int {
  IS_NULL = 0,
  IS_NOT_NULL = 1,
};

enum class ObjectType : int {
  OBJECT_ACCESS_METHOD = 0,
  OBJECT_AGGREGATE = 1,
  OBJECT_AMOP = 2,
  OBJECT_AMPROC = 3,
  OBJECT_ATTRIBUTE = 4,
  OBJECT_CAST = 5,
  OBJECT_COLUMN = 6,
  OBJECT_COLLATION = 7,
  OBJECT_CONVERSION = 8,
  OBJECT_DATABASE = 9,
  OBJECT_DEFAULT = 10,
  OBJECT_DEFACL = 11,
  OBJECT_DOMAIN = 12,
  OBJECT_DOMCONSTRAINT = 13,
  OBJECT_EVENT_TRIGGER = 14,
  OBJECT_EXTENSION = 15,
  OBJECT_FDW = 16,
  OBJECT_FOREIGN_SERVER = 17,
  OBJECT_FOREIGN_TABLE = 18,
  OBJECT_FUNCTION = 19,
  OBJECT_INDEX = 20,
  OBJECT_LANGUAGE = 21,
  OBJECT_LARGEOBJECT = 22,
  OBJECT_MATVIEW = 23,
  OBJECT_OPCLASS = 24,
  OBJECT_OPERATOR = 25,
  OBJECT_OPFAMILY = 26,
  OBJECT_PARAMETER_ACL = 27,
  OBJECT_POLICY = 28,
  OBJECT_PROCEDURE = 29,
  OBJECT_PUBLICATION = 30,
  OBJECT_PUBLICATION_NAMESPACE = 31,
  OBJECT_PUBLICATION_REL = 32,
  OBJECT_ROLE = 33,
  OBJECT_ROUTINE = 34,
  OBJECT_RULE = 35,
  OBJECT_SCHEMA = 36,
  OBJECT_SEQUENCE = 37,
  OBJECT_SUBSCRIPTION = 38,
  OBJECT_STATISTIC_EXT = 39,
  OBJECT_TABCONSTRAINT = 40,
  OBJECT_TABLE = 41,
  OBJECT_TABLESPACE = 42,
  OBJECT_TRANSFORM = 43,
  OBJECT_TRIGGER = 44,
  OBJECT_TSCONFIGURATION = 45,
  OBJECT_TSDICTIONARY = 46,
  OBJECT_TSPARSER = 47,
  OBJECT_TSTEMPLATE = 48,
  OBJECT_TYPE = 49,
  OBJECT_USER_MAPPING = 50,
  OBJECT_VIEW = 51,
};

enum class OnCommitAction : int {
  ONCOMMIT_NOOP = 0,
  ONCOMMIT_PRESERVE_ROWS = 1,
  ONCOMMIT_DELETE_ROWS = 2,
  ONCOMMIT_DROP = 3,
};

enum class OnConflictAction : int {
  ONCONFLICT_NONE = 0,
  ONCONFLICT_NOTHING = 1,
  ONCONFLICT_UPDATE = 2,
};

enum class OverridingKind : int {
  OVERRIDING_NOT_SET = 0,
  OVERRIDING_USER_VALUE = 1,
  OVERRIDING_SYSTEM_VALUE = 2,
};

enum class PartitionRangeDatumKind : int {
  PARTITION_RANGE_DATUM_MINVALUE = -1,
  PARTITION_RANGE_DATUM_VALUE = 0,
  PARTITION_RANGE_DATUM_MAXVALUE = 1,
};

enum class PublicationObjSpecType : int {
  PUBLICATIONOBJ_TABLE = 0,
  PUBLICATIONOBJ_TABLES_IN_SCHEMA = 1,
  PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA = 2,
  PUBLICATIONOBJ_CONTINUATION = 3,
};

enum class ReindexObjectType : int {
  REINDEX_OBJECT_INDEX = 0,
  REINDEX_OBJECT_TABLE = 1,
  REINDEX_OBJECT_SCHEMA = 2,
  REINDEX_OBJECT_SYSTEM = 3,
  REINDEX_OBJECT_DATABASE = 4,
};

enum class RoleSpecType : int {
  ROLESPEC_CSTRING = 0,
  ROLESPEC_CURRENT_ROLE = 1,
  ROLESPEC_CURRENT_USER = 2,
  ROLESPEC_SESSION_USER = 3,
  ROLESPEC_PUBLIC = 4,
};

enum class RoleStmtType : int {
  ROLESTMT_ROLE = 0,
  ROLESTMT_USER = 1,
  ROLESTMT_GROUP = 2,
};

enum class SQLValueFunctionOp : int {
  SVFOP_CURRENT_DATE = 0,
  SVFOP_CURRENT_TIME = 1,
  SVFOP_CURRENT_TIME_N = 2,
  SVFOP_CURRENT_TIMESTAMP = 3,
  SVFOP_CURRENT_TIMESTAMP_N = 4,
  SVFOP_LOCALTIME = 5,
  SVFOP_LOCALTIME_N = 6,
  SVFOP_LOCALTIMESTAMP = 7,
  SVFOP_LOCALTIMESTAMP_N = 8,
  SVFOP_CURRENT_ROLE = 9,
  SVFOP_CURRENT_USER = 10,
  SVFOP_USER = 11,
  SVFOP_SESSION_USER = 12,
  SVFOP_CURRENT_CATALOG = 13,
  SVFOP_CURRENT_SCHEMA = 14,
};

enum class SetOperation : int {
  SETOP_NONE = 0,
  SETOP_UNION = 1,
  SETOP_INTERSECT = 2,
  SETOP_EXCEPT = 3,
};

enum class SortByDir : int {
  SORTBY_DEFAULT = 0,
  SORTBY_ASC = 1,
  SORTBY_DESC = 2,
  SORTBY_USING = 3,
};

enum class SortByNulls : int {
  SORTBY_NULLS_DEFAULT = 0,
  SORTBY_NULLS_FIRST = 1,
  SORTBY_NULLS_LAST = 2,
};

enum class SubLinkType : int {
  EXISTS_SUBLINK = 0,
  ALL_SUBLINK = 1,
  ANY_SUBLINK = 2,
  ROWCOMPARE_SUBLINK = 3,
  EXPR_SUBLINK = 4,
  MULTIEXPR_SUBLINK = 5,
  ARRAY_SUBLINK = 6,
  CTE_SUBLINK = 7,
};

enum class TransactionStmtKind : int {
  TRANS_STMT_BEGIN = 0,
  TRANS_STMT_START = 1,
  TRANS_STMT_COMMIT = 2,
  TRANS_STMT_ROLLBACK = 3,
  TRANS_STMT_SAVEPOINT = 4,
  TRANS_STMT_RELEASE = 5,
  TRANS_STMT_ROLLBACK_TO = 6,
  TRANS_STMT_PREPARE = 7,
  TRANS_STMT_COMMIT_PREPARED = 8,
  TRANS_STMT_ROLLBACK_PREPARED = 9,
};

enum class VariableSetKind : int {
  VAR_SET_VALUE = 0,
  VAR_SET_DEFAULT = 1,
  VAR_SET_CURRENT = 2,
  VAR_SET_MULTI = 3,
  VAR_RESET = 4,
  VAR_RESET_ALL = 5,
};

enum class ViewCheckOption : int {
  NO_CHECK_OPTION = 0,
  LOCAL_CHECK_OPTION = 1,
  CASCADED_CHECK_OPTION = 2,
};

enum class XmlExprOp : int {
  IS_XMLCONCAT = 0,
  IS_XMLELEMENT = 1,
  IS_XMLFOREST = 2,
  IS_XMLPARSE = 3,
  IS_XMLPI = 4,
  IS_XMLROOT = 5,
  IS_XMLSERIALIZE = 6,
  IS_DOCUMENT = 7,
};

enum class XmlOptionType : int {
  XMLOPTION_DOCUMENT = 0,
  XMLOPTION_CONTENT = 1,
};

}  // namespace bulkhead::rewrite::ast
