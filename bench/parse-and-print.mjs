// The obvious way to take an output, as B9's peer: fetch the answer, parse it, print it prettily. Runs under the same stall
// meter as the product's processes. Its parent says what to fetch, and when.
process.on("message", async (message) => {
  const { type, url, key } = /** @type {{ type?: string, url?: string, key?: string }} */ (message ?? {});
  if (type !== "take" || url === undefined) return;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const { output } = JSON.parse(await answer.text());
  process.send?.({ type: "took", length: JSON.stringify(output, null, 2).length });
});
process.send?.({ type: "ready" });
