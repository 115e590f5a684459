import type { Field, Form } from "@/lib/input-schema/form-field";

function detail(field: Field): string {
  switch (field.kind) {
    case "text":
      return field.widget + (field.format ? ` ${field.format}` : "");
    case "number":
      return `${field.widget} ${field.min ?? ""}..${field.max ?? ""} by ${field.step ?? "any"}${field.step === null ? `/${field.handStep}` : ""}`;
    case "choice":
      return `${field.widget} ${field.options.length > 5 ? field.options.length : field.options.map((o) => o.label).join("|")}`;
    case "many":
      return field.options.map((option) => option.label).join("|");
    case "constant":
      return JSON.stringify(field.constant);
    case "list":
      return `${field.fixed > 0 ? `${field.fixed}+` : ""}${field.minItems}..${field.maxItems ?? ""} new ${JSON.stringify(field.newItem)}`;
    case "object":
      return field.isOpen ? `open new ${JSON.stringify(field.newValue)}` : "";
    case "file":
      return `${field.encodings.join("|")} ${field.accept ?? "any"}`;
    case "json":
      return field.reason;
    default:
      return "";
  }
}

/** A form in lines: place, kind, its facts; ! required, ? nullable, + not named by the schema; pickers in brackets. */
export const outlineOf = (form: Form): string[] =>
  [...form.byPath.values()].map((field) => {
    const marks = `${field.isRequired ? "!" : ""}${field.isNullable ? "?" : ""}${field.isExtra ? "+" : ""}`;
    const pickers = field.pickers.map(
      ({ options, selected }) =>
        `[${options.map((option, i) => (i === selected ? `*${option}` : option)).join(", ")}]`,
    );
    return [`${field.path}${marks}`, field.kind, detail(field), ...pickers].filter(Boolean).join(" ");
  });
