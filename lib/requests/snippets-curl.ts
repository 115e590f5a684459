import type { BodyPiece } from "@/lib/requests/snippets-body";
import { shellLiteral } from "@/lib/requests/snippets-literals";
import type { SnippetTarget } from "@/lib/requests/snippets-target";

/** Linux takes at most 128 KiB in one argument; a UTF-16 unit is at most 3 bytes, a quote becomes 4. */
const ARGUMENT_MAX_CHARACTERS = 30_000;

/**
 * For bash, zsh and sh. A short body is an argument, as people and other tools know it. A long one does not fit, and one
 * with secrets would show in the list of processes: those go through a pipe from the shell's own printf.
 */
export function curl(pieces: readonly BodyPiece[], { url }: SnippetTarget): string {
  const body = pieces
    .map((piece) => ("text" in piece ? shellLiteral(piece.text) : `'"'"$${piece.variable}"'"'`))
    .join("");
  // Brackets and braces in an address are patterns to curl.
  const request = `curl${/[[\]{}]/.test(url) ? " --globoff" : ""} -X POST ${shellLiteral(url)} \\
  -H "Authorization: Bearer $RUNPOD_API_KEY" \\
  -H 'Content-Type: application/json' \\
`;
  return pieces.length === 1 && body.length <= ARGUMENT_MAX_CHARACTERS
    ? `${request}  --data-raw ${body}\n`
    : `printf %s ${body} | ${request}  --data-binary @-\n`;
}
