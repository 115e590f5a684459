import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { connect } from "@/e2e/connecting";
import { withDatabase } from "@/e2e/database";
import { SLUG, test } from "@/e2e/fixtures";

const JOBS = 50;
/** The provider's minute lasts fifteen seconds. */
const SCALE = 4;

test("50 jobs, the browser closed, results that live a minute: all of them are kept", async ({
  page,
  context,
  provider,
}) => {
  // No webhooks: nothing reminds the collector.
  const upstream = await provider({
    retentionMs: 60_000,
    scale: SCALE,
    webhooks: { ...WEBHOOKS_ON, enabled: false },
  });
  const endpointId = await connect(page, upstream, "Forgets within a minute");
  const answers = await Promise.all(
    Array.from({ length: JOBS }, (_, i) =>
      page.request.post(`/api/w/${SLUG}/jobs`, {
        headers: { origin: process.env.E2E_URL! },
        data: { clientKey: randomUUID(), endpointId, request: { inputText: `{"marker":"kept-${i}"}` } },
      }),
    ),
  );
  expect(answers.map((answer) => answer.status())).toEqual(Array(JOBS).fill(200));
  await context.close();

  await expect.poll(() => upstream.counters().completed, { timeout: 30_000 }).toBe(JOBS);
  await new Promise((resolve) => setTimeout(resolve, 60_000 / SCALE + 2000));
  const [job] = upstream.jobs();
  const gone = await fetch(`${upstream.url}/ep1/status/${job!.id}`, {
    headers: { authorization: `Bearer ${upstream.key}` },
  });
  expect(gone.status, "the provider has forgotten them by now").toBe(404);

  const kept = await withDatabase(async (client) => {
    const rows = await client.query<{ status: string; output: string }>(
      `select j.status, convert_from(string_agg(c.data, ''::bytea order by c.seq), 'UTF8') as output
       from job j left join job_output_chunk c on c.output_id = j.output_id where j.endpoint_id = $1 group by j.id`,
      [endpointId],
    );
    return rows.rows;
  });
  expect(kept.map((row) => row.status)).toEqual(Array(JOBS).fill("COMPLETED"));
  const markers = kept.map((row) => (JSON.parse(row.output) as { echo: { marker: string } }).echo.marker);
  expect(new Set(markers)).toEqual(new Set(Array.from({ length: JOBS }, (_, i) => `kept-${i}`)));
  expect(upstream.duplicates().size).toBe(0);
});
