import { EditorView } from "@codemirror/view";

/** The editor in the tokens of the theme; token colours are in globals.css, by class. */
export const editorLook = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "transparent", color: "var(--color-ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "20px", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--color-ink)" },
  ".cm-cursor": { borderLeftColor: "var(--color-ink)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--color-faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 4px 0 8px", minWidth: "28px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--color-hover) 60%, transparent)" },
  ".cm-placeholder": { color: "var(--color-faint)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--color-pressed)" },
  ".cm-tooltip": {
    backgroundColor: "var(--color-raised)",
    border: "1px solid var(--color-line)",
    borderRadius: "6px",
    color: "var(--color-ink)",
  },
  ".cm-diagnostic-error": { borderLeftColor: "var(--color-danger-ink)" },
});
