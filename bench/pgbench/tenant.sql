-- One tenant's rows at scale 1: psql -v org=N
INSERT INTO pgbench_branches (org_id, bid, bbalance) VALUES (:org, 1, 0);
INSERT INTO pgbench_tellers (org_id, tid, bid, tbalance) SELECT :org, g, 1, 0 FROM generate_series(1, 10) g;
INSERT INTO pgbench_accounts (org_id, aid, bid, abalance, filler) SELECT :org, g, 1, 0, '' FROM generate_series(1, 100000) g;
