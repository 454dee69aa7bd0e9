-- pgbench's own tables with a tenant column, as an application that became multi-tenant would have them: the keys start with
-- it. Nothing else differs from what `pgbench -i` makes, so that the built-in scripts run unchanged.
CREATE TABLE pgbench_branches (org_id bigint NOT NULL, bid int NOT NULL, bbalance int, filler char(88), PRIMARY KEY (org_id, bid))
  WITH (fillfactor = 100);
CREATE TABLE pgbench_tellers (org_id bigint NOT NULL, tid int NOT NULL, bid int, tbalance int, filler char(84),
  PRIMARY KEY (org_id, tid)) WITH (fillfactor = 100);
CREATE TABLE pgbench_accounts (org_id bigint NOT NULL, aid int NOT NULL, bid int, abalance int, filler char(84),
  PRIMARY KEY (org_id, aid)) WITH (fillfactor = 100);
CREATE TABLE pgbench_history (org_id bigint NOT NULL DEFAULT current_setting('app.org_id', true)::bigint,
  tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));

ALTER TABLE pgbench_branches ENABLE ROW LEVEL SECURITY;
ALTER TABLE pgbench_tellers ENABLE ROW LEVEL SECURITY;
ALTER TABLE pgbench_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE pgbench_history ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pgbench_branches USING (org_id = current_setting('app.org_id')::bigint);
CREATE POLICY tenant ON pgbench_tellers USING (org_id = current_setting('app.org_id')::bigint);
CREATE POLICY tenant ON pgbench_accounts USING (org_id = current_setting('app.org_id')::bigint);
CREATE POLICY tenant ON pgbench_history USING (org_id = current_setting('app.org_id')::bigint);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app_rw;
