/**
 * What a form shows. A form is built for a schema and a value together (`buildForm`), because conditions, branches and
 * the lengths of lists depend on the value; build it anew when the value changes.
 */
export type Form = {
  root: Field;
  /** All fields in the order in which they stand, inner ones behind their outer one. */
  byPath: ReadonlyMap<string, Field>;
};

export type FieldBase = {
  /** JSON pointer into the value; also what errors carry. */
  path: string;
  /** The last part of the path: a key, or the number of an item. Empty for the root. */
  key: string;
  /** The title, else the key. */
  label: string;
  description: string;
  isRequired: boolean;
  /** null may stand here besides what the kind says. */
  isNullable: boolean;
  /** Whether the value has something here. What is absent is not sent. */
  isPresent: boolean;
  /** What is there now; undefined when nothing is. */
  value: unknown;
  /** What to set when the field is added, and what the worker takes when it is left out. Undefined without a default. */
  defaultValue: unknown;
  /** To be shown as hints, never set by themselves. */
  examples: unknown[];
  isReadOnly: boolean;
  isDeprecated: boolean;
  /** Rarely needed, says the schema (`x-advanced`). To be folded away. */
  isAdvanced: boolean;
  /** A key that the schema does not name; it can be removed. */
  isExtra: boolean;
  /** Choices between branches of the schema, to be shown above the field. The field is built with the chosen ones. */
  pickers: Picker[];
};

/** A `oneOf` or `anyOf`. */
export type Picker = {
  /** To be handed to `buildForm` in `chosen` when a person chooses; lasts as long as the schema. */
  id: string;
  options: string[];
  selected: number;
};

export type Option = { value: unknown; label: string; description: string };

export type Field = FieldBase & Kind;

export type Kind =
  | {
      kind: "text";
      /** One line, several, or one whose text is not shown. */
      widget: "line" | "area" | "secret";
      format: string | null;
      minLength: number;
      maxLength: number | null;
      pattern: string | null;
    }
  | {
      kind: "number";
      /** A slider when both bounds are known and the steps between them can be told apart by hand. */
      widget: "box" | "slider";
      isInteger: boolean;
      min: number | null;
      max: number | null;
      /** The distance of allowed values; null when any is allowed. */
      step: number | null;
      /** For the slider and the arrow keys: `step`, or a round hundredth of the range. */
      handStep: number;
    }
  | { kind: "boolean" }
  | {
      kind: "choice";
      options: Option[];
      /** Up to 4 options are radio buttons, more a select, more than 12 a list that can be searched. */
      widget: "radio" | "select" | "search";
    }
  /** Any of the options, each once; the value is a list. */
  | { kind: "many"; options: Option[]; minItems: number; maxItems: number | null }
  | { kind: "constant"; constant: unknown }
  | {
      kind: "list";
      items: Field[];
      /** How many of the first items are fixed places of a tuple: they can neither be removed nor moved. */
      fixed: number;
      minItems: number;
      maxItems: number | null;
      isUnique: boolean;
      /** What a new item starts with. */
      newItem: unknown;
    }
  | {
      kind: "object";
      fields: Field[];
      /** Whether the schema invites keys of one's own. Others may still be allowed: `additionalProperties` is open by default. */
      isOpen: boolean;
      /** What a value under a new key starts with. */
      newValue: unknown;
      /** A pattern that new keys must match. */
      keyPattern: string | null;
      minEntries: number;
      maxEntries: number | null;
    }
  | {
      kind: "file";
      /** How the file may be written, best first. */
      encodings: ("url" | "data-uri" | "base64")[];
      /** For a file chooser: "image/*", "audio/*", ".zip"; null for any. */
      accept: string | null;
    }
  /** Text in JSON: for what no other field fits. */
  | { kind: "json"; reason: string };
