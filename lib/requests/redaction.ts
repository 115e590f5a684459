/** Names under which people keep secrets in inputs. `max_tokens` is not one. */
const SECRET_NAME =
  /(^|[_-])(secret|password|passwd|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credentials?|token)$|secret/i;
/** camelCase names count as their snake_case form. */
const snake = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");

export const isSecretName = (name: string): boolean => SECRET_NAME.test(snake(name));

const SUMMARY_LENGTH = 160;
const VALUE_LENGTH = 60;

function shortValue(name: string, value: unknown): string {
  if (isSecretName(name)) return "•••";
  if (typeof value === "string") {
    const flat = value.slice(0, VALUE_LENGTH * 2).replace(/[\s\p{Cc}]+/gu, " ");
    return flat.length > VALUE_LENGTH ? `${flat.slice(0, VALUE_LENGTH)}…` : flat;
  }
  if (Array.isArray(value)) return `[${value.length}]`;
  if (typeof value === "object" && value !== null) return "{…}";
  return String(value);
}

/** One line for lists: the first three fields, shortened, values under secret-looking names covered. ≤ 160 characters. */
export function summarizeInput(input: Record<string, unknown>): string {
  const parts = Object.entries(input)
    .slice(0, 3)
    .map(([name, value]) => `${name.slice(0, 40).replace(/\p{Cc}/gu, " ")}: ${shortValue(name, value)}`);
  const line = parts.join(" · ");
  return line.length > SUMMARY_LENGTH ? `${line.slice(0, SUMMARY_LENGTH - 1)}…` : line;
}

/** Shorter ones would cover ordinary words. */
const SECRET_MIN_LENGTH = 8;

/** A stranger's words with the given secrets covered: servers echo what they refuse, headers and bodies included. */
export function coverSecrets(text: string, secrets: readonly string[]): string {
  let covered = text;
  for (const secret of secrets)
    if (secret.length >= SECRET_MIN_LENGTH)
      for (const spelling of [secret, JSON.stringify(secret).slice(1, -1)])
        covered = covered.replaceAll(spelling, "•••");
  return covered;
}
