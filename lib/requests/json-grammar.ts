const LITERALS: Record<number, string> = { 116: "true", 102: "false", 110: "null" };
const ESCAPES = new Set([...'"\\/bfnrt'].map((mark) => mark.charCodeAt(0)));
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number) => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;

type Wants =
  | "value"
  | "value or ]"
  | "key"
  | "key or }"
  | "colon"
  | "after"
  | "string"
  | "escape"
  | "hex"
  | "literal"
  | "number";
/** Where in a number: what may follow, by RFC 8259. */
type NumberPart = "minus" | "zero" | "whole" | "point" | "fraction" | "e" | "sign" | "exponent";
const ENDS: ReadonlySet<NumberPart> = new Set(["zero", "whole", "fraction", "exponent"]);

/**
 * Checks that bytes which come piece by piece spell one JSON value, without making that value: any depth and size, a few
 * nanoseconds per byte, one bit per open bracket. UTF-8 is the caller's concern.
 */
export class JsonGrammar {
  private wants: Wants = "value";
  private isKey = false;
  private hexLeft = 0;
  private literal = "";
  private part: NumberPart = "zero";
  private depth = 0;
  /** 1 for an object, 0 for a list. */
  private open = new Uint8Array(64);
  private isBroken = false;

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.isBroken; at++) {
      if (this.wants === "string") at = skipPlain(bytes, at);
      if (at < bytes.length) this.isBroken = !this.take(bytes[at]!);
    }
  }

  /** Whether all of it was one value. */
  end(): boolean {
    if (this.isBroken || this.depth > 0) return false;
    return this.wants === "after" || (this.wants === "number" && ENDS.has(this.part));
  }

  private take(byte: number): boolean {
    switch (this.wants) {
      case "string":
        if (byte === QUOTE) this.wants = this.isKey ? "colon" : "after";
        else if (byte === BACKSLASH) this.wants = "escape";
        else return false; // a control character
        return true;
      case "escape":
        this.wants = byte === 0x75 ? "hex" : "string";
        this.hexLeft = 4;
        return byte === 0x75 || ESCAPES.has(byte);
      case "hex":
        if (--this.hexLeft === 0) this.wants = "string";
        return isHex(byte);
      case "literal": {
        const fits = this.literal.charCodeAt(0) === byte;
        this.literal = this.literal.slice(1);
        if (this.literal === "") this.wants = "after";
        return fits;
      }
      case "number":
        if (this.number(byte)) return true;
        if (!ENDS.has(this.part)) return false;
        this.wants = "after";
        return this.take(byte);
      default:
        return isBlank(byte) || this.mark(byte);
    }
  }

  private mark(byte: number): boolean {
    const { wants } = this;
    if (wants === "colon") {
      this.wants = "value";
      return byte === 0x3a;
    }
    if (wants === "after") {
      if (byte === 0x2c && this.depth > 0) this.wants = this.isInObject() ? "key" : "value";
      else return this.close(byte);
      return true;
    }
    if (wants === "key" || wants === "key or }") {
      if (byte === QUOTE) return this.string(true);
      return wants === "key or }" && this.close(byte);
    }
    if (wants === "value or ]" && byte === 0x5d) return this.close(byte);
    return this.value(byte);
  }

  private value(byte: number): boolean {
    if (byte === QUOTE) return this.string(false);
    if (byte === 0x7b || byte === 0x5b) return this.enter(byte === 0x7b);
    if (byte === MINUS || isDigit(byte)) {
      this.wants = "number";
      this.part = byte === MINUS ? "minus" : byte === ZERO ? "zero" : "whole";
      return true;
    }
    this.literal = LITERALS[byte]?.slice(1) ?? "";
    this.wants = "literal";
    return this.literal !== "";
  }

  private string(isKey: boolean): true {
    this.isKey = isKey;
    this.wants = "string";
    return true;
  }

  private enter(isObject: boolean): true {
    const byte = this.depth >> 3;
    if (byte >= this.open.length) {
      const more = new Uint8Array(this.open.length * 2);
      more.set(this.open);
      this.open = more;
    }
    const bit = 1 << (this.depth & 7);
    this.open[byte] = isObject ? this.open[byte]! | bit : this.open[byte]! & ~bit;
    this.depth++;
    this.wants = isObject ? "key or }" : "value or ]";
    return true;
  }

  private isInObject(): boolean {
    const last = this.depth - 1;
    return (this.open[last >> 3]! & (1 << (last & 7))) !== 0;
  }

  private close(byte: number): boolean {
    if (this.depth === 0 || byte !== (this.isInObject() ? 0x7d : 0x5d)) return false;
    this.depth--;
    this.wants = "after";
    return true;
  }

  /** @returns false when the byte is not the number's any more. */
  private number(byte: number): boolean {
    const next = this.numberPart(byte);
    if (next) this.part = next;
    return next !== null;
  }

  private numberPart(byte: number): NumberPart | null {
    const { part } = this;
    if (isDigit(byte)) {
      if (part === "minus") return byte === ZERO ? "zero" : "whole";
      if (part === "point") return "fraction";
      if (part === "e" || part === "sign") return "exponent";
      return part === "zero" ? null : part;
    }
    if (byte === POINT) return part === "zero" || part === "whole" ? "point" : null;
    if ((byte | 0x20) === 0x65)
      return part === "zero" || part === "whole" || part === "fraction" ? "e" : null;
    return (byte === PLUS || byte === MINUS) && part === "e" ? "sign" : null;
  }
}

/** First byte from `at` on that may not stand in a string as it is: most of a large output is passed here. */
function skipPlain(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length) {
    const byte = bytes[i]!;
    if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break;
    i++;
  }
  return i;
}
