import {
  isWordCharacter,
  PatternFault,
  type PatternNode,
  parsePattern,
} from "@/lib/input-schema/pattern-syntax";
import { spend, type Work } from "@/lib/input-schema/work";

type Step =
  | { kind: "set"; has: (codePoint: number) => boolean }
  | { kind: "fork"; to: number[] }
  | { kind: "place"; place: "start" | "end" | "edge" | "no edge" }
  | { kind: "ahead"; program: Program; isNegated: boolean }
  | { kind: "match" };
/** Steps run on to the next one, but for forks. */
type Program = Step[];

export type Pattern = {
  /**
   * Whether the pattern occurs in the text. The time grows with their lengths multiplied, never faster: all ways to match
   * are followed at once, instead of one after the other as engines do that backtrack.
   * @throws WorkSpent when the work does not suffice
   */
  occursIn: (text: string, work: Work) => boolean;
};
export type ReadPattern = { ok: true; pattern: Pattern } | { ok: false; message: string };

/** For all patterns of one schema together. */
export const PATTERN_ROOM = 20_000;

/**
 * @param room how many steps the pattern may take when it is written out; what it takes is subtracted
 * @returns on failure a message that completes "the pattern …"
 */
export function readPattern(source: string, room = { left: PATTERN_ROOM }): ReadPattern {
  try {
    const program = compile(parsePattern(source), room);
    return {
      ok: true,
      pattern: { occursIn: (text, work) => run(program, text, 0, false, work) },
    };
  } catch (error) {
    if (error instanceof PatternFault) return { ok: false, message: error.message };
    throw error;
  }
}

function compile(node: PatternNode, room: { left: number }): Program {
  const program: Program = [];
  const takeRoom = () => {
    if (--room.left < 0) throw new PatternFault("repeats too much to be checked in bounded time");
  };
  const emit = (step: Step) => {
    takeRoom();
    program.push(step);
  };
  const fork = () => {
    const to: number[] = [];
    emit({ kind: "fork", to });
    return to;
  };
  const write = (part: PatternNode): void => {
    if (part.kind === "set" || part.kind === "place") emit(part);
    else if (part.kind === "ahead")
      emit({ kind: "ahead", program: compile(part.node, room), isNegated: part.isNegated });
    else if (part.kind === "sequence") part.nodes.forEach(write);
    else if (part.kind === "choice") {
      const to = fork();
      const ends = part.nodes.map((way) => {
        to.push(program.length);
        write(way);
        return fork();
      });
      for (const end of ends) end.push(program.length);
    } else {
      for (let i = 0; i < part.min; i++) {
        takeRoom(); // an empty group takes no other
        write(part.node);
      }
      if (part.max === Number.POSITIVE_INFINITY) {
        const start = program.length;
        const to = fork();
        to.push(program.length);
        write(part.node);
        fork().push(start);
        to.push(program.length);
      } else {
        const exits: number[][] = [];
        for (let i = part.min; i < part.max; i++) {
          const to = fork();
          to.push(program.length);
          exits.push(to);
          write(part.node);
        }
        for (const to of exits) to.push(program.length);
      }
    }
  };
  write(node);
  emit({ kind: "match" });
  return program;
}

const isWordAt = (text: string, at: number) =>
  at >= 0 && at < text.length && isWordCharacter(text.charCodeAt(at));

function isPlace(place: "start" | "end" | "edge" | "no edge", text: string, at: number): boolean {
  if (place === "start") return at === 0;
  if (place === "end") return at === text.length;
  return (isWordAt(text, at - 1) !== isWordAt(text, at)) === (place === "edge");
}

function run(program: Program, text: string, from: number, isAnchored: boolean, work: Work): boolean {
  /** The position at which a step was last entered: each is followed once per position. */
  const entered = new Int32Array(program.length).fill(-1);
  let threads: number[] = [];
  /** Follows what consumes nothing. @returns whether a match is reached */
  const enter = (first: number, at: number, into: number[]): boolean => {
    const stack = [first];
    for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
      if (entered[step] === at) continue;
      entered[step] = at;
      spend(work, 1);
      const now = program[step]!;
      if (now.kind === "match") return true;
      if (now.kind === "set") into.push(step);
      else if (now.kind === "fork") stack.push(...now.to);
      else if (now.kind === "place") {
        if (isPlace(now.place, text, at)) stack.push(step + 1);
      } else if (run(now.program, text, at, true, work) !== now.isNegated) stack.push(step + 1);
    }
    return false;
  };
  for (let at = from; ; ) {
    if ((at === from || !isAnchored) && enter(0, at, threads)) return true;
    if (at === text.length || (isAnchored && threads.length === 0)) return false;
    const code = text.codePointAt(at)!;
    const after = at + (code > 0xffff ? 2 : 1);
    const next: number[] = [];
    spend(work, threads.length + 1);
    for (const step of threads) {
      const now = program[step]!;
      if (now.kind === "set" && now.has(code) && enter(step + 1, after, next)) return true;
    }
    threads = next;
    at = after;
  }
}
