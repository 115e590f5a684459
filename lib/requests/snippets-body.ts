import { jsonTokens } from "@/lib/requests/json-layout";
import type { RequestSpec } from "@/lib/requests/schema";
import { wireBody } from "@/lib/requests/wire";

/** Text as it stands, or a place where the value of an environment variable goes in as a JSON string. */
export type BodyPiece = { text: string } | { variable: string };

export const S3_VARIABLES = { accessId: "S3_ACCESS_KEY_ID", accessSecret: "S3_SECRET_ACCESS_KEY" } as const;

/**
 * The `/run` body for a program: to the letter what Jobdeck would send with the person's own webhook, but the S3 secrets
 * are places, never values.
 */
export function bodyPieces(spec: RequestSpec): BodyPiece[] {
  if (!spec.s3) return [{ text: wireBody(spec) }];
  const s3 = { ...spec.s3, accessId: "", accessSecret: "" };
  const body = wireBody({ ...spec, s3 });
  // s3Config stands last and its secrets first in it, so the input's own text cannot be mistaken for them.
  const start = body.lastIndexOf(',"s3Config":{');
  const id = body.indexOf('"accessId":', start) + '"accessId":'.length;
  const secret = body.indexOf('"accessSecret":', id) + '"accessSecret":'.length;
  return [
    { text: body.slice(0, id) },
    { variable: S3_VARIABLES.accessId },
    { text: body.slice(id + 2, secret) },
    { variable: S3_VARIABLES.accessSecret },
    { text: body.slice(secret + 2) },
  ];
}

/**
 * Whether a program that parses the body and prints it again, as an SDK does, may print a number in another spelling.
 * Long texts are not looked through: for them the answer is yes.
 */
export function mayRespell(inputText: string, language: "python" | "javascript"): boolean {
  if (inputText.length > 1_000_000) return true;
  for (const { token } of jsonTokens(inputText))
    if (/^[-\d]/.test(token) && respells(token, language)) return true;
  return false;
}

function respells(spelling: string, language: "python" | "javascript"): boolean {
  const isWhole = /^-?\d+$/.test(spelling);
  if (language === "python" && isWhole) return spelling === "-0";
  if (language === "python" && /^-?\d{1,15}\.0$/.test(spelling)) return false;
  return String(Number(spelling)) !== spelling || spelling.includes("e");
}
