import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** What reached the listener. */
export type Arrival = { url: string; authorization: string; contentType: string; body: string };

/** A listener on loopback that answers every request as `/run` does, and remembers it. */
export async function startListener(): Promise<{
  origin: string;
  arrivals: Arrival[];
  close: () => Promise<void>;
}> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      arrivals.push({
        url: request.url ?? "",
        authorization: request.headers.authorization ?? "",
        contentType: request.headers["content-type"] ?? "",
        body: Buffer.concat(chunks).toString("utf8"),
      });
      response.setHeader("content-type", "application/json");
      response.end('{"id":"job-1","status":"IN_QUEUE"}');
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    arrivals,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export const hasTool = (name: string, ...args: string[]): boolean => {
  try {
    execFileSync(name, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** Stands in for the `requests` package: the same call, over urllib. */
const REQUESTS = `
import urllib.request

class Answer:
    def __init__(self, status_code, text):
        self.status_code, self.text = status_code, text

def post(url, headers, data, timeout):
    request = urllib.request.Request(url, data=data, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return Answer(answer.status, answer.read().decode())
`;
/** Stands in for the \`runpod\` package as far as the snippet uses it, with its wrapping of bodies without input. */
const RUNPOD = `
import json, os, urllib.request
base = os.environ.get("RUNPOD_ENDPOINT_BASE_URL", "https://api.runpod.ai/v2")
api_key = None

class Job:
    job_id = "job-1"
    def output(self, timeout):
        return None

class Endpoint:
    def __init__(self, endpoint_id):
        self.url = base + "/" + endpoint_id + "/run"
    def run(self, body):
        if not body.get("input"):
            body = {"input": body}
        headers = {"Authorization": "Bearer " + api_key, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url, data=json.dumps(body).encode(), headers=headers, method="POST")
        urllib.request.urlopen(request).read()
        return Job()
`;
/** Stands in for the \`runpod-sdk\` package: the request object goes out as JSON.stringify prints it. */
const RUNPOD_SDK = `
export default (apiKey, { baseUrl }) => ({
  endpoint: (id) => ({
    run: async (body) => {
      const headers = { Authorization: "Bearer " + apiKey, "content-type": "application/json" };
      const response = await fetch(baseUrl + "/" + id + "/run", { method: "POST", headers, body: JSON.stringify(body) });
      return response.json();
    },
  }),
});
`;

/** Stands in for curl where there is none: the shell's part, the quoting, is real then too. */
const CURL = `#!/usr/bin/env node
import { readFileSync } from "node:fs";
const words = process.argv.slice(2);
const headers = {};
let method, url, body;
while (words.length > 0) {
  const word = words.shift();
  if (word === "-X") method = words.shift();
  else if (word === "-H") {
    const [, name, value] = /^([^:]+): (.*)$/.exec(words.shift());
    headers[name] = value;
  } else if (word === "--data-raw") body = words.shift();
  else if (word === "--data-binary" && words.shift() === "@-") body = readFileSync(0);
  else if (word !== "--globoff") url = word;
}
const answer = await fetch(url, { method, headers, body });
process.stdout.write(await answer.text());
`;

/** One process runs all files of a language one after the other: starting one for each would take minutes. */
const RUNNERS: Record<string, { command: string; file: string; text: string }> = {
  sh: { command: "bash", file: "all.sh", text: 'set -e\nfor f in "$@"; do . "$f"; done\n' },
  py: {
    command: "python3",
    file: "all.py",
    // Each run imports \`runpod\` anew, because it reads its base address then.
    text: "import runpy, sys\nfor f in sys.argv[1:]:\n    sys.modules.pop('runpod', None)\n    runpy.run_path(f)\n",
  },
  mjs: {
    command: process.execPath,
    file: "all.mjs",
    text: 'import { pathToFileURL } from "node:url";\nfor (const f of process.argv.slice(2)) await import(pathToFileURL(f));\n',
  },
  go: { command: "bash", file: "go.sh", text: 'set -e\nfor f in "$@"; do go run "$f"; done\n' },
};

export type Bench = {
  /** Run the programs in order, each a file of its own. Throws with what they wrote when one fails. */
  run: (extension: "sh" | "py" | "mjs" | "go", programs: readonly string[], env: object) => Promise<void>;
  clear: () => void;
};

export function openBench(): Bench {
  const folder = mkdtempSync(path.join(tmpdir(), "snippets-"));
  const put = (name: string, text: string, mode = 0o644) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  };
  if (!hasTool("curl", "--version")) put("stubs/curl", CURL, 0o755);
  put("stubs/requests.py", REQUESTS);
  put("stubs/runpod.py", RUNPOD);
  put("node_modules/runpod-sdk/package.json", '{"name":"runpod-sdk","type":"module","exports":"./index.js"}');
  put("node_modules/runpod-sdk/index.js", RUNPOD_SDK);
  let round = 0;
  return {
    async run(extension, programs, env) {
      const runner = RUNNERS[extension]!;
      round++;
      const files = programs.map((text, index) => put(`${round}-${index}.${extension}`, text));
      await promisify(execFile)(runner.command, [put(runner.file, runner.text), ...files], {
        cwd: folder,
        env: {
          ...process.env,
          PATH: `${path.join(folder, "stubs")}${path.delimiter}${process.env.PATH}`,
          PYTHONPATH: path.join(folder, "stubs"),
          PYTHONDONTWRITEBYTECODE: "1",
          ...env,
        },
        maxBuffer: 16 * 1024 * 1024,
        timeout: 60_000,
      });
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}
