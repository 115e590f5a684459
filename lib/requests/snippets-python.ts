import type { BodyPiece } from "@/lib/requests/snippets-body";
import { pythonLiteral } from "@/lib/requests/snippets-literals";
import type { SnippetTarget } from "@/lib/requests/snippets-target";

const body = (pieces: readonly BodyPiece[]): string =>
  pieces
    .map((piece) =>
      "text" in piece
        ? pythonLiteral(piece.text)
        : `json.dumps(os.environ[${pythonLiteral(piece.variable)}])`,
    )
    .join(" + ");

/** With the `requests` package: the body goes out to the letter. */
export function pythonRequests(pieces: readonly BodyPiece[], { url, statusUrl }: SnippetTarget): string {
  const imports = pieces.length > 1 ? "import json\nimport os" : "import os";
  return `${imports}

import requests  # pip install requests

body = ${body(pieces)}

response = requests.post(
    ${pythonLiteral(url)},
    headers={
        "Authorization": "Bearer " + os.environ["RUNPOD_API_KEY"],
        "Content-Type": "application/json",
    },
    data=body.encode("utf-8"),
    timeout=60,
)
# The answer names the job. Its status and result: GET ${statusUrl}
print(response.status_code, response.text)
`;
}

/** With the `runpod` package, which reads its base address from the environment while it is imported. */
export function pythonSdk(pieces: readonly BodyPiece[], target: SnippetTarget): string {
  const base = target.isDefaultBase
    ? ""
    : `os.environ["RUNPOD_ENDPOINT_BASE_URL"] = ${pythonLiteral(target.baseUrl)}  # read by the import below\n`;
  return `import json
import os

${base}import runpod  # pip install runpod

body = ${body(pieces)}

runpod.api_key = os.environ["RUNPOD_API_KEY"]
endpoint = runpod.Endpoint(${pythonLiteral(target.endpointId)})
job = endpoint.run(json.loads(body))
print(job.job_id, job.output(timeout=600))  # waits up to 10 minutes
`;
}
