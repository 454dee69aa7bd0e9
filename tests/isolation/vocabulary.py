"""What the random statements are about: the tables of the shop and of extras.py, and values that are worth comparing with."""

import dataclasses

# Names are as SQL writes them: this one is 63 bytes long without its quotes.
ODD = '"Odd ""Table"", where Größe and select are columns of its own 63"'
# Types: n number, t text, d date, b boolean, j jsonb.
TABLES = {
    "organisations": {"org_id": "n", "name": "t", "plan": "t"},
    "users": {"org_id": "n", "id": "n", "email": "t", "full_name": "t", "role": "t"},
    "customers": {"org_id": "n", "id": "n", "name": "t", "country": "t", "credit": "n", "manager_id": "n"},
    "products": {"org_id": "n", "id": "n", "sku": "t", "name": "t", "price": "n", "attributes": "j"},
    "orders": {"org_id": "n", "id": "n", "customer_id": "n", "status": "t", "placed_on": "d", "note": "t"},
    "order_items": {"org_id": "n", "order_id": "n", "line_no": "n", "product_id": "n", "quantity": "n", "unit_price": "n"},
    "invoices": {"org_id": "n", "id": "n", "order_id": "n", "amount": "n", "paid": "b", "due": "d"},
    "tickets": {"org_id": "t", "id": "n", "title": "t", "opened": "d"},
    "visits": {"org_id": "n", "id": "n", "at": "d", "page": "t"},
    "visits_old": {"org_id": "n", "id": "n", "at": "d", "page": "t"},
    "assets": {"org_id": "n", "id": "n", "label": "t", "worth": "n"},
    "machines": {"org_id": "n", "id": "n", "label": "t", "worth": "n", "serial": "t"},
    "skills": {"org_id": "n", "id": "n", "name": "t", "level": "n", "scope": "t"},
    "memberships": {"organisation": "n", "id": "n", "org_id": "n", "role": "t"},
    ODD: {"id": "n", '"Größe"': "n", '"Org Id"': "t", '"select"': "t"},
    "ledger": {"org_id": "n", "id": "n", "line": "n", "words": "t", "amount": "n", "twice": "n"},
    "badges": {"org_id": "n", "id": "n", "label": "t", "worn": "t"},
}
ORG = {"memberships": "organisation", ODD: '"Org Id"'}  # tenant columns of another name
TEXT_ORG = ("tickets", ODD)                             # and those of texts
ORG_TYPES = {"tickets": "text", "visits": "int", "visits_old": "int", ODD: "varchar"}  # besides bigint
PARTITIONED = ("visits",)
WITHOUT_KEY = ("visits", "visits_old", "assets", "machines")  # (org_id, id) is no unique key of theirs
VIEWS = {"open_orders": {"org_id": "n", "id": "n", "customer_id": "n"}, "dear_products": {"org_id": "n", "id": "n", "name": "t", "price": "n"},
         "order_lines": {"org_id": "n", "id": "n", "status": "t", "quantity": "n"},
         "customer_totals": {"org_id": "n", "id": "n", "n": "n", "status": "t"}}
MATERIALISED = ("customer_totals",)
TENANT_COLUMNS = {**TABLES, **VIEWS}  # the columns of what has a tenant column
SHARED = {"countries": {"code": "t", "name": "t"}}
REFERENCES = [("customers", "manager_id", "users"), ("orders", "customer_id", "customers"), ("invoices", "order_id", "orders"),
              ("order_items", "order_id", "orders"), ("order_items", "product_id", "products")]
WRITABLE = {
    "users": {"email": "t", "full_name": "t", "role": "t"},
    "customers": {"name": "t", "country": "country", "credit": "n", "manager_id": "user"},
    "products": {"sku": "t", "name": "t", "price": "n"},
    "orders": {"customer_id": "customer", "status": "t", "placed_on": "d", "note": "t"},
    "invoices": {"order_id": "order", "amount": "n", "paid": "b", "due": "d"},
    "tickets": {"title": "t", "opened": "d"},
    "visits": {"at": "d", "page": "t"},
    "assets": {"label": "t", "worth": "n"},
    "machines": {"label": "t", "worth": "n", "serial": "t"},
    "skills": {"name": "t", "level": "n"},
    "memberships": {"org_id": "n", "role": "t"},
    ODD: {'"Größe"': "n", '"select"': "t"},
    "badges": {"label": "t", "worn": "t"},
}
LITERALS = {
    "n": ["0", "1", "2", "3", "5", "7", "16", "-1", "2.5", "100", "NULL::bigint"],
    "t": ["'open'", "'paid'", "'acme'", "'globex'", "'DE'", "'note 2-1'", "'sku-3'", "''", "NULL::text", "'O''Hara'", "'ü€'", "'1'", "'ticket 2-1'", "'page 1.2'", "'system'", "'skill 1'",
          "E'a\\'b'", "$q$it's$q$"],
    "d": ["'2024-03-11'::date", "date '2024-06-15'", "'2023-01-01'::date", "NULL::date"],
    "b": ["true", "false", "NULL::boolean"],
    "j": ["'{}'::jsonb", "'{\"weight\": 3}'::jsonb"],
}


def org_of(table):
    """Its tenant column."""
    return ORG.get(table, "org_id")


@dataclasses.dataclass
class Statement:
    text: str
    shape: str             # the constructs in it, for counting and for naming what is refused
    ordered: bool = False  # rows come in one order only
    writes: bool = False
    _: dataclasses.KW_ONLY
    script: bool = False   # several statements, to be sent in one Query message
    values: tuple = ()     # of $1…, as text
    types: tuple = ()      # and the names of their types
    role: str = ""         # of the user who says it: everything, or what extras.py has for it


@dataclasses.dataclass
class Source:
    """Something in FROM that columns can be taken from: by what name, of what types, and of which table if it is one."""
    alias: str
    columns: dict
    whole_row: bool = True  # the alias can stand for a row; an empty alias is for the merged columns of USING
    table: str = None
    alone: bool = False     # in its FROM: its columns need no alias
