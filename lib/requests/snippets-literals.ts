/** Text as a literal of each language: whatever the text, the program that holds the literal says exactly that text. */

/** Characters that a reader cannot see, or that an editor, a clipboard or a compiler changes on the way. */
const FRAGILE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to look for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/;

const unicodeEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** JSON's own escapes are understood by Python, JavaScript and Go alike; a lone surrogate becomes what UTF-8 makes of it. */
const quoted = (text: string): string =>
  JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd"))
    .replace(new RegExp(FRAGILE, "g"), unicodeEscape)
    // Inside an HTML page these would end or comment out the script.
    .replace(/<(?=\/script|!--)/gi, "\\u003c");

const isPlain = (text: string): boolean => !FRAGILE.test(text) && !/\p{Surrogate}/u.test(text);

/** Single quotes keep everything but themselves. */
export const shellLiteral = (text: string): string =>
  `'${text.replace(/\p{Surrogate}/gu, "\ufffd").replaceAll("'", "'\\''")}'`;

/** JSON never has three quotes in a row, so a raw string in triple quotes shows it as it is. */
export function pythonLiteral(text: string): string {
  const canBeRaw = isPlain(text) && !text.includes('"""') && !/["\\]$/.test(text) && !text.startsWith('"');
  return canBeRaw && /["\n]/.test(text) ? `r"""${text}"""` : quoted(text);
}

export function javaScriptLiteral(text: string): string {
  const canBeRaw = isPlain(text) && !/`|\$\{|<\/script|<!--|\\$/i.test(text);
  return canBeRaw && /["\n]/.test(text) ? `String.raw\`${text}\`` : quoted(text);
}

export function goLiteral(text: string): string {
  return isPlain(text) && !text.includes("`") && /["\n]/.test(text) ? `\`${text}\`` : quoted(text);
}
