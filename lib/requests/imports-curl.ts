import { readJobAddress } from "@/lib/requests/imports-address";
import { requestOfBody } from "@/lib/requests/imports-body";
import { DROPPED_KEY, type PastedRequest, refuse } from "@/lib/requests/imports-pasted";
import { readShell, type ShellCommand } from "@/lib/requests/imports-shell";

/** A line that starts with curl, a prompt or a program that feeds it. */
export const looksLikeCurl = (text: string): boolean =>
  /(?:^|[\n|;&(])[ \t]*(?:[$>%#][ \t]+)?(?:[^\s|;&(]*\/)?curl(?:\.exe)?[ \t\\`^\r\n]/.test(
    text.slice(0, 20_000),
  ) || /\|[ \t\\\r\n]*curl[ \t]/.test(text.slice(-5000));

/** Options that take a value and say nothing about the request, so that the value is not taken for the address. */
const VALUED = new Set(
  "user-agent cookie cookie-jar output form form-string upload-file max-time connect-timeout write-out proxy cacert cert key retry retry-delay retry-max-time resolve interface config range referer limit-rate ciphers url-query dump-header trace trace-ascii stderr capath unix-socket noproxy connect-to proxy-user proxy-header".split(
    " ",
  ),
);
const SHORT: Record<string, string> = {
  d: "data",
  H: "header",
  X: "request",
  u: "user",
  A: "user-agent",
  b: "cookie",
  c: "cookie-jar",
  e: "referer",
  F: "form",
  o: "output",
  T: "upload-file",
  m: "max-time",
  w: "write-out",
  x: "proxy",
  K: "config",
  E: "cert",
  r: "range",
  D: "dump-header",
};
const READ = [
  "data",
  "data-ascii",
  "data-raw",
  "data-binary",
  "data-urlencode",
  "json",
  "header",
  "request",
  "url",
  "user",
  "oauth2-bearer",
];

type Option = { name: string; value: string };

/** Options and the addresses that stand among them. */
function readOptions(words: readonly string[]): { options: Option[]; addresses: string[] } {
  const options: Option[] = [];
  const addresses: string[] = [];
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (word.startsWith("--") && word.length > 2) {
      const name = word.slice(2);
      if (READ.includes(name) || VALUED.has(name)) options.push({ name, value: words[++i] ?? "" });
      else options.push({ name, value: "" });
    } else if (word.startsWith("-") && word.length > 1) {
      for (let j = 1; j < word.length; j++) {
        const name = SHORT[word[j]!];
        if (!name) {
          options.push({ name: word[j]!, value: "" });
          continue;
        }
        // The value is the rest of the word (-XPOST), else the next one.
        options.push({ name, value: j + 1 < word.length ? word.slice(j + 1) : (words[++i] ?? "") });
        break;
      }
    } else addresses.push(word);
  }
  for (const { name, value } of options) if (name === "url") addresses.push(value);
  return { options, addresses };
}

/** What the command in front of a pipe would print, as far as that can be known without running it. */
function printed(command: ShellCommand | undefined): string | null {
  const [program, ...args] = command?.words ?? [];
  if (program === "cat") return command!.stdin;
  const texts = args.filter((word) => !/^-[neE]+$/.test(word));
  if (program === "echo") return `${texts.join(" ")}\n`;
  if (program === "printf")
    return (texts[0] ?? "").startsWith("%s") ? texts.slice(1).join("") : (texts[0] ?? null);
  return null;
}

const isData = (name: string) => /^(data|data-ascii|data-raw|data-binary|json)$/.test(name);

function readData({ name, value }: Option, stdin: string | null): string {
  if (!value.startsWith("@") || name === "data-raw") return value;
  const file = value.slice(1);
  if (file !== "-" && file !== "/dev/stdin")
    refuse(`This command reads its body from the file ${file.slice(0, 80)}. Paste what the file holds.`);
  if (stdin === null) refuse("This command reads its body from another program. Paste the body itself.");
  return name === "data" || name === "data-ascii" ? stdin.replace(/[\r\n]/g, "") : stdin;
}

/** The first curl call of a script that carries a request. @throws AppError with the reason when there is none. */
export function readCurl(script: string): PastedRequest {
  const commands = readShell(script.replace(/^[ \t]*[$>%#][ \t]+(?=\S*curl)/gm, ""));
  const index = commands.findIndex(({ words }) => words.some(isCurl));
  const found = commands[index];
  if (!found) refuse("There is no curl command in this that can be read.");
  const command = { ...found, words: found.words.slice(found.words.findIndex(isCurl)) };
  const before = commands[index - 1];
  const stdin = command.stdin ?? (before?.isPiped ? printed(before) : null);
  const { options, addresses } = readOptions(command.words);
  const forms = options.filter(({ name }) => /^(form|form-string|upload-file|data-urlencode)$/.test(name));
  if (forms.length > 0)
    refuse("This command sends a form or a file, while a job request is JSON. Paste its JSON body.");
  const data = options.filter(({ name }) => isData(name));
  const urls = addresses.map((url) => ({ url, to: readJobAddress(url) }));
  const to = urls.find((each) => each.to !== null)?.to ?? null;
  if (data.length === 0)
    refuse(
      to
        ? "This curl command has no body, so there is no input in it."
        : "This curl command sends nothing to a /run or /runsync address.",
    );
  const join = data.every(({ name }) => name === "json") ? "" : "&";
  const body = data.map((each) => readData(each, stdin)).join(join);
  if (!to && !/"input"\s*:/.test(body))
    refuse("This curl command calls neither /run nor /runsync, and its body has no input.");
  return requestOfBody(body, {
    to,
    notes: notesOf(options, [...command.unknown, ...(before?.isPiped ? before.unknown : [])], body),
  });
}

const isCurl = (word: string): boolean => /^(?:.*\/)?curl(?:\.exe)?$/.test(word);

function notesOf(options: readonly Option[], unknown: readonly string[], body: string): string[] {
  const notes: string[] = [];
  const headers = options.flatMap(({ name, value }) =>
    name === "header" ? [value.split(":")[0]!.trim()] : [],
  );
  const isSecret = (header: string) => /^(authorization|cookie|x-api-key|proxy-authorization)$/i.test(header);
  if (headers.some(isSecret) || options.some(({ name }) => /^(user|oauth2-bearer|cookie)$/.test(name)))
    notes.push(DROPPED_KEY);
  const others = headers.filter((header) => !isSecret(header) && !USUAL_HEADER.test(header));
  if (others.length > 0)
    notes.push(
      `Headers are not part of a job and were left out: ${[...new Set(others)].slice(0, 6).join(", ")}.`,
    );
  const inBody = [...new Set(unknown)].filter(
    (name) => body.includes(`$${name}`) || body.includes(`\${${name}}`),
  );
  if (inBody.length > 0)
    notes.push(
      `The paste does not say what ${inBody.map((name) => `$${name}`).join(", ")} is; it stands in the input as written.`,
    );
  return notes;
}

/** What every client sends and nobody misses. */
const USUAL_HEADER =
  /^(content-type|content-length|accept.*|user-agent|host|origin|referer|connection|cache-control|pragma|priority|dnt|sec-.*|te|)$/i;
