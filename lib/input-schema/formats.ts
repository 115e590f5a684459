/**
 * Formats that are checked, with the words for what is expected. A format that is not here is a hint only, as the
 * specification has it. Every pattern here is linear: no repetition within a repetition over the same characters.
 */
type Format = { words: string; accepts: (text: string) => boolean };

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || !month || !day || month > 12) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && isLeap ? 29 : DAYS[month - 1]!);
}

function isTime(text: string): boolean {
  const found = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|([+-])(\d\d):(\d\d))$/.exec(text);
  if (!found) return false;
  const [hour, minute, second] = found.slice(1, 4).map(Number) as [number, number, number];
  const [offsetHour, offsetMinute] = [Number(found[5] ?? 0), Number(found[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  // A leap second ends a day in UTC.
  const offset = (offsetHour * 60 + offsetMinute) * (found[4] === "-" ? -1 : 1);
  return (((hour * 60 + minute - offset) % 1440) + 1440) % 1440 === 1439;
}

const isDateTime = (text: string) =>
  /^.{10}[tT]/.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11));

const isHostname = (text: string) =>
  text.length > 0 &&
  text.length <= 253 &&
  text.split(".").every((label) => /^[A-Za-z\d](?:[A-Za-z\d-]{0,61}[A-Za-z\d])?$/.test(label));

const isIpv4 = (text: string) =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) &&
  text.split(".").every((part) => String(Number(part)) === part && Number(part) < 256);

function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[\da-fA-F:.]+$/.test(text)) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const hasIpv4 = last?.includes(".") ?? false;
  if (hasIpv4 && (!isIpv4(last!) || text.endsWith("::"))) return false;
  const plain = hasIpv4 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return false;
  const count = plain.length + (hasIpv4 ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at < 1 || at > 64) return false;
  const name = text.slice(0, at);
  const host = text.slice(at + 1);
  const isNameOk =
    /^[A-Za-z\d!#$%&'*+/=?^_`{|}~.-]+$/.test(name) &&
    !name.startsWith(".") &&
    !name.endsWith(".") &&
    !name.includes("..");
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/.exec(host)?.[1];
  return isNameOk && (isHostname(host) || (literal !== undefined && (isIpv4(literal) || isIpv6(literal))));
}

/** A data URI may be megabytes; its first characters say enough. */
const START = 8_000;
const startOf = (text: string) => (text.length > START ? text.slice(0, START).replace(/%.?$/, "") : text);
const URI_MARKS = /^(?:[A-Za-z\d\-._~:/?#[\]@!$&'()*+,;=]|%[\da-fA-F]{2})*$/;
const isUri = (text: string) => /^[A-Za-z][A-Za-z\d+.-]*:./.test(text) && URI_MARKS.test(startOf(text));
const isIri = (text: string) =>
  /^[A-Za-z][A-Za-z\d+.-]*:./.test(text) && !/[\s<>"{}|\\^`]/.test(startOf(text));

function isDuration(text: string): boolean {
  if (text.length > 100) return false;
  const found =
    /^P(?:\d+W|(?:(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?))$/.exec(
      text,
    );
  return found !== null && text !== "P";
}

const FORMATS = new Map<string, Format>([
  ["date", { words: "a date such as 2026-01-31", accepts: isDate }],
  ["time", { words: "a time with its zone, such as 14:30:00Z", accepts: isTime }],
  [
    "date-time",
    { words: "a date and time with its zone, such as 2026-01-31T14:30:00Z", accepts: isDateTime },
  ],
  ["duration", { words: "a duration such as PT1H30M", accepts: isDuration }],
  ["email", { words: "a mail address", accepts: isEmail }],
  ["hostname", { words: "a host name", accepts: isHostname }],
  ["ipv4", { words: "an IPv4 address such as 192.0.2.1", accepts: isIpv4 }],
  ["ipv6", { words: "an IPv6 address such as 2001:db8::1", accepts: isIpv6 }],
  ["uri", { words: "a complete address such as https://example.com/a", accepts: isUri }],
  ["url", { words: "a complete address such as https://example.com/a", accepts: isUri }],
  ["iri", { words: "a complete address such as https://example.com/a", accepts: isIri }],
  [
    "uri-reference",
    { words: "an address or a part of one", accepts: (text) => URI_MARKS.test(startOf(text)) },
  ],
  [
    "uuid",
    {
      words: "a UUID such as 123e4567-e89b-12d3-a456-426614174000",
      accepts: (text) => /^[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}$/.test(text),
    },
  ],
  [
    "json-pointer",
    {
      words: "a JSON pointer such as /a/0",
      accepts: (text) => (text === "" || text[0] === "/") && !/~(?![01])/.test(text),
    },
  ],
]);

/** What the text should have been, when it is not of this format; null when it is, or when nobody knows the format. */
export function formatFault(format: string, text: string): string | null {
  const known = FORMATS.get(format);
  return known && !known.accepts(text) ? known.words : null;
}

/** Whether text has this format, as far as anybody here can tell. */
export const hasFormat = (format: string, text: string): boolean =>
  FORMATS.get(format)?.accepts(text) ?? false;
