-- Jobs per (workspace, endpoint, status), kept by statement-level triggers so that every writer keeps them and a batch
-- costs one upsert. Writers of jobs bump workspace.rev first, which serialises them per workspace, so the upserts
-- below cannot deadlock with each other.
CREATE FUNCTION job_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO job_counter AS c (workspace_id, endpoint_id, status, count)
  SELECT workspace_id, endpoint_id, status, count(*) FROM new_rows GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (workspace_id, endpoint_id, status) DO UPDATE SET count = c.count + excluded.count;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION job_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE job_counter c SET count = c.count - d.n
  FROM (SELECT workspace_id, endpoint_id, status, count(*) AS n FROM old_rows GROUP BY 1, 2, 3) d
  WHERE c.workspace_id = d.workspace_id AND c.endpoint_id = d.endpoint_id AND c.status = d.status;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION job_count_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO job_counter AS c (workspace_id, endpoint_id, status, count)
  SELECT workspace_id, endpoint_id, status, sum(n) FROM (
    SELECT n.workspace_id, n.endpoint_id, n.status, 1 AS n FROM new_rows n JOIN old_rows o USING (id) WHERE o.status <> n.status
    UNION ALL
    SELECT o.workspace_id, o.endpoint_id, o.status, -1 FROM new_rows n JOIN old_rows o USING (id) WHERE o.status <> n.status
  ) changes GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3
  ON CONFLICT (workspace_id, endpoint_id, status) DO UPDATE SET count = c.count + excluded.count;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER job_count_inserted AFTER INSERT ON job REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION job_count_inserted();
--> statement-breakpoint
CREATE TRIGGER job_count_deleted AFTER DELETE ON job REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION job_count_deleted();
--> statement-breakpoint
CREATE TRIGGER job_count_updated AFTER UPDATE ON job REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION job_count_updated();
--> statement-breakpoint
-- Progress and other frequent updates stay on the page (HOT); the watch table is rewritten all the time.
ALTER TABLE job SET (fillfactor = 85);
--> statement-breakpoint
ALTER TABLE job_watch SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);
