import type pg from "pg";
import type { Program } from "@/faults/role";

/**
 * Watches every write to a job's lease inside the database, where nobody can be faster than the watcher: a collector that
 * writes to a row which another one holds at that moment has stolen it, or was not fenced.
 */
export type LeaseWatch = {
  /** Tells which collector this process is. It must have been started with its own JOBDECK_ROLE, see `nameOf`. */
  know(program: Program, name: string): Promise<string>;
  trespasses(): Promise<string[]>;
};

/** The name under which a collector's connections appear, so that a write can be told to be its. */
export const nameOf = (n: number) => `collector-${n}`;

/** @throws when the watch does not see a trespass that is made on purpose; call `trespasses` while leases are held once. */
export async function watchLeases(client: pg.ClientBase): Promise<LeaseWatch> {
  await client.query(`
    create table fault_owner (app text primary key, owner uuid not null);
    create table fault_trespass (job_id uuid, app text, op text, holder uuid);
    create function fault_note_trespass() returns trigger language plpgsql as $$
    begin
      if old.phase <> 'send' and old.lease_until > now()
        and current_setting('application_name') like 'jobdeck-collector-%'
        and old.lease_owner is distinct from
          (select owner from fault_owner where app = current_setting('application_name'))
      then
        insert into fault_trespass values (old.job_id, current_setting('application_name'), tg_op, old.lease_owner);
      end if;
      if tg_op = 'DELETE' then return old; end if;
      return new;
    end $$;
    create trigger fault_note_trespass before update or delete on job_watch
      for each row execute function fault_note_trespass();`);
  const count = async () =>
    (await client.query<{ n: number }>("select count(*)::int as n from fault_trespass")).rows[0]!.n;

  /** Trespass on purpose, in a transaction that comes to nothing. @returns whether there was a lease to try it on. */
  async function isAwake(): Promise<boolean> {
    await client.query("begin");
    try {
      await client.query("set local application_name = 'jobdeck-collector-nobody'");
      const { rowCount } = await client.query(
        "update job_watch set misses = misses where phase <> 'send' and lease_until > now()",
      );
      const seen = await count();
      if (rowCount && seen < rowCount) throw new Error("the watch over the leases sees nothing");
      return Boolean(rowCount);
    } finally {
      await client.query("rollback");
    }
  }
  let wasAwake = false;
  return {
    async know(program, name) {
      const { rows } = await client.query<{ id: string }>("select id from process where pid = $1", [
        program.pid,
      ]);
      const owner = rows[0]!.id;
      await client.query("insert into fault_owner values ($1, $2)", [`jobdeck-${name}`, owner]);
      return owner;
    },
    async trespasses() {
      wasAwake ||= await isAwake();
      const { rows } = await client.query<{ words: string }>(
        "select format('%s wrote (%s) to job %s, which %s held', app, op, job_id, holder) as words from fault_trespass",
      );
      if (rows.length === 0 && !wasAwake)
        throw new Error("the watch over the leases was never tried: call trespasses() while leases are held");
      return rows.map(({ words }) => words);
    },
  };
}
