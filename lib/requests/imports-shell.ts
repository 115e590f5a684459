import { refuse } from "@/lib/requests/imports-pasted";

/** One command of a script, quotes read and removed. Nothing is run; variables are known only when the script sets them. */
export type ShellCommand = {
  words: string[];
  /** What a here-document or here-string feeds it. */
  stdin: string | null;
  /** Its output goes into the next command. */
  isPiped: boolean;
  /** Variables that the script does not set; they stand in the words as written. */
  unknown: string[];
};

const MAX_EXPANDED = 4_000_000;
/** Each `$` may begin one, and looking for its end may go through the whole script. */
const MAX_SUBSTITUTIONS = 100;
const ANSI: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  E: "\u001b",
  f: "\f",
  v: "\v",
};

/** The text between the quotes of $'…'. */
function ansiText(source: string): string {
  return source.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([\s\S]))/g,
    (_, x?: string, u?: string, long?: string, octal?: string, mark?: string) => {
      const hex = x ?? u ?? long;
      const code = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : null;
      if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
      return ANSI[mark!] ?? (/["'\\?]/.test(mark!) ? mark! : `\\${mark}`);
    },
  );
}

/** A line end that the copying program escaped for the Windows command line or PowerShell, made one of bash. */
function asBash(text: string): string {
  const unix = text.replaceAll("\r\n", "\n");
  if (/\^\n/.test(unix))
    return unix.replace(/\^([\s\S])/g, (_, mark: string) => (mark === "\n" ? " " : mark));
  return /\bcurl(?:\.exe)?\b[^\n]*[ \t]`\n/.test(unix) ? unix.replace(/`\n/g, " ") : unix;
}

/** Split a script into its commands, as bash would read it. */
export function readShell(script: string): ShellCommand[] {
  const text = asBash(script);
  const commands: ShellCommand[] = [];
  const variables = new Map<string, string>();
  let command: ShellCommand = { words: [], stdin: null, isPiped: false, unknown: [] };
  /** null between words, so that '' is a word of its own. */
  let word: string | null = null;
  let expanded = 0;
  let substitutions = 0;
  const waiting: { end: string; isLiteral: boolean; isIndented: boolean; command: ShellCommand }[] = [];
  let redirect: "heredoc" | "string" | "file" | null = null;
  let isQuoted = false;
  let at = 0;

  const add = (piece: string) => {
    expanded += piece.length;
    if (expanded > MAX_EXPANDED) refuse("This script says too much to read it here. Paste the body alone.");
    word = (word ?? "") + piece;
  };
  const endWord = () => {
    if (word === null) return;
    if (redirect === "string") command.stdin = `${word}\n`;
    else if (redirect === "heredoc") {
      const isIndented = word.startsWith("-") && !isQuoted;
      waiting.push({ end: isIndented ? word.slice(1) : word, isLiteral: isQuoted, isIndented, command });
    } else if (redirect === null) {
      const assigned = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word);
      if (assigned && (command.words.length === 0 || /^(export|local|declare)$/.test(command.words[0]!)))
        variables.set(assigned[1]!, assigned[2]!);
      else command.words.push(word);
    }
    redirect = null;
    isQuoted = false;
    word = null;
  };
  const endCommand = (isPiped: boolean) => {
    endWord();
    command.isPiped = isPiped;
    if (command.words.length > 0 || command.stdin !== null) commands.push(command);
    command = { words: [], stdin: null, isPiped: false, unknown: [] };
  };
  /** `$name`, `${name}`: its value when the script set it, else as written. */
  const expand = (source: string, from: number): number => {
    const inner = substitutions++ < MAX_SUBSTITUTIONS ? catHeredoc(source, from) : null;
    if (inner) {
      add(inner.text);
      return inner.end;
    }
    VARIABLE.lastIndex = from;
    const found = VARIABLE.exec(source);
    if (!found) {
      add("$");
      return from + 1;
    }
    const name = (found[1] ?? found[2])!;
    const value = variables.get(name);
    if (value === undefined) command.unknown.push(name);
    add(value ?? found[0]);
    return VARIABLE.lastIndex;
  };
  /** Text in which only $, \ and ` mean something; ends at `stop`. */
  const soft = (source: string, from: number, stop: '"' | null): number => {
    let i = from;
    add("");
    while (i < source.length && source[i] !== stop) {
      SOFT.lastIndex = i;
      SOFT.test(source);
      if (SOFT.lastIndex > i) add(source.slice(i, SOFT.lastIndex));
      i = SOFT.lastIndex;
      const mark = source[i];
      if (mark === "\\") {
        const next = source[i + 1] ?? "";
        if (next !== "\n") add(/[$`\\]/.test(next) || next === stop ? next : `\\${next}`);
        i += 2;
      } else if (mark === "$") i = expand(source, i);
      else if (mark !== undefined && mark !== stop) {
        add(mark);
        i++;
      }
    }
    return i;
  };
  const readHeredocs = () => {
    for (const { end, isLiteral, isIndented, command: owner } of waiting.splice(0)) {
      const lines: string[] = [];
      while (at < text.length) {
        const stop = text.indexOf("\n", at);
        const line = text.slice(at, stop === -1 ? text.length : stop);
        at = stop === -1 ? text.length : stop + 1;
        const bare = isIndented ? line.replace(/^\t+/, "") : line;
        if (bare.trimEnd() === end) break;
        lines.push(`${bare}\n`);
      }
      const body = lines.join("");
      if (isLiteral) owner.stdin = body;
      else {
        soft(body, 0, null);
        owner.stdin = word ?? "";
        owner.unknown.push(...(owner === command ? [] : command.unknown.splice(0)));
        word = null;
      }
    }
  };

  while (at < text.length) {
    const mark = text[at]!;
    if (mark === "\\") {
      if (text[at + 1] !== "\n") add(text[at + 1] ?? "");
      at += 2;
    } else if (mark === "'" || (mark === "$" && text[at + 1] === "'")) {
      const isAnsi = mark === "$";
      const from = at + (isAnsi ? 2 : 1);
      let end = text.indexOf("'", from);
      while (isAnsi && end !== -1 && slashesBefore(text, end, from) % 2 === 1)
        end = text.indexOf("'", end + 1);
      if (end === -1) refuse("A single quote in this command is never closed. Was the end of it copied too?");
      add(isAnsi ? ansiText(text.slice(from, end)) : text.slice(from, end));
      isQuoted = true;
      at = end + 1;
    } else if (mark === '"') {
      at = soft(text, at + 1, '"');
      if (text[at] !== '"')
        refuse("A double quote in this command is never closed. Was the end of it copied too?");
      isQuoted = true;
      at++;
    } else if (mark === "\n") {
      endCommand(false);
      at++;
      readHeredocs();
    } else if (mark === " " || mark === "\t") {
      endWord();
      at++;
    } else if (mark === "#" && word === null) {
      const stop = text.indexOf("\n", at);
      at = stop === -1 ? text.length : stop;
    } else if (mark === "|" || mark === ";" || mark === "&") {
      const isDouble = text[at + 1] === mark;
      endCommand(mark === "|" && !isDouble);
      at += isDouble ? 2 : 1;
    } else if (mark === "<" || mark === ">") {
      endWord();
      const isHere = mark === "<" && text[at + 1] === "<";
      redirect = isHere ? (text[at + 2] === "<" ? "string" : "heredoc") : "file";
      at += redirect === "string" ? 3 : isHere || text[at + 1] === ">" ? 2 : 1;
      if (redirect === "heredoc" && text[at] === "-") {
        add("-");
        at++;
      }
    } else if (mark === "$") at = expand(text, at);
    else {
      HARD.lastIndex = at;
      HARD.test(text);
      add(text.slice(at, HARD.lastIndex));
      at = HARD.lastIndex;
    }
  }
  endCommand(false);
  return commands;
}

const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/y;
const CAT = /\$\([ \t]*cat[ \t]*<<-?[ \t]*(['"]?)([A-Za-z_]\w*)\1[ \t]*\n/y;
const SOFT = /[^"\\$]*/y;
const HARD = /[^\s'"\\$|;&<>]+|[\s\S]/y;

/** `$(cat <<'EOF' … EOF )`, as people write long bodies: its text, without the newlines at its end. */
function catHeredoc(source: string, from: number): { text: string; end: number } | null {
  CAT.lastIndex = from;
  const found = CAT.exec(source);
  if (!found) return null;
  const stop = source.indexOf(`\n${found[2]}\n`, CAT.lastIndex - 1);
  const close = stop === -1 ? -1 : source.indexOf(")", stop);
  if (close === -1) return null;
  return { text: source.slice(CAT.lastIndex, stop).replace(/\n+$/, ""), end: close + 1 };
}

function slashesBefore(text: string, at: number, from: number): number {
  let count = 0;
  while (at - 1 - count >= from && text[at - 1 - count] === "\\") count++;
  return count;
}
