import type { BodyPiece } from "@/lib/requests/snippets-body";
import { javaScriptLiteral } from "@/lib/requests/snippets-literals";
import type { SnippetTarget } from "@/lib/requests/snippets-target";

const body = (pieces: readonly BodyPiece[]): string =>
  pieces
    .map((piece) =>
      "text" in piece ? javaScriptLiteral(piece.text) : `JSON.stringify(process.env.${piece.variable})`,
    )
    .join(" + ");

/** With `fetch`: the body goes out to the letter. */
export function javaScriptFetch(pieces: readonly BodyPiece[], { url, statusUrl }: SnippetTarget): string {
  return `// Node.js 18 or newer, saved as request.mjs
const body = ${body(pieces)};

const response = await fetch(${javaScriptLiteral(url)}, {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${process.env.RUNPOD_API_KEY}\`,
    "Content-Type": "application/json",
  },
  body,
});
// The answer names the job. Its status and result: GET ${statusUrl}
console.log(response.status, await response.text());
`;
}

/** With the `runpod-sdk` package. */
export function javaScriptSdk(pieces: readonly BodyPiece[], target: SnippetTarget): string {
  const options = target.isDefaultBase ? "" : `, { baseUrl: ${javaScriptLiteral(target.baseUrl)} }`;
  return `// Node.js 18 or newer, saved as request.mjs
import runpodSdk from "runpod-sdk"; // npm install runpod-sdk

const body = ${body(pieces)};

const runpod = runpodSdk(process.env.RUNPOD_API_KEY${options});
const endpoint = runpod.endpoint(${javaScriptLiteral(target.endpointId)});
const job = await endpoint.run(JSON.parse(body));
console.log(job); // later: await endpoint.status(job.id)
`;
}
