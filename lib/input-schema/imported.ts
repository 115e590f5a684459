import type { JsonObject } from "@/lib/input-schema/json-value";

/** A schema from somewhere else, with what whoever takes it over should know, in sentences. */
export type Imported = { schema: JsonObject; notices: string[] };
export type ReadSchema = ({ ok: true } & Imported) | { ok: false; message: string };

/** Fields whose values must not be shown or repeated. */
const SECRET_NAME =
  /(?:^|[_\W])(?:api_?key|secret(?:_?key)?|token|password|passwd|access_?key|credentials?)$/i;
export const isSecretName = (key: string): boolean =>
  SECRET_NAME.test(key.replace(/([a-z\d])([A-Z])/g, "$1_$2"));
