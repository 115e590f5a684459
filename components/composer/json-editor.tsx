"use client";

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";
import { editorLook } from "@/components/composer/editor-look";
import { useNonce } from "@/components/shell/nonce";
import { mayHoldRequest } from "@/lib/requests/imports-hint";
import { findJsonFault } from "@/lib/requests/json-fault";

export type JsonEditorProps = {
  value: string;
  onChange: (value: string) => void;
  /** Ctrl/Cmd+Enter inside the editor. */
  onSend: () => void;
  /** A paste that may be a whole request. It is not in the text yet: `insert` puts it there. */
  onPaste: (text: string, insert: () => void) => void;
  label: string;
  /** Id of the element that explains how to leave the editor and what is wrong. */
  describedBy: string;
  invalid: boolean;
};

/** The first fault as a mark at its place; an empty editor is not nagged. */
const lintJson = linter(
  (view): Diagnostic[] => {
    const text = view.state.doc.toString();
    const fault = text.trim() === "" ? null : findJsonFault(text);
    if (!fault) return [];
    const from = Math.min(fault.offset, text.length);
    return [
      { from, to: Math.min(from + 1, text.length), severity: "error", message: `Expected ${fault.expected}` },
    ];
  },
  { delay: 250 },
);

/**
 * The JSON editor. Tab indents, so leaving it by keyboard is Esc, then Tab (CodeMirror's own rule); the hint that
 * `describedBy` names says so.
 */
export default function JsonEditor({
  value,
  onChange,
  onSend,
  onPaste,
  label,
  describedBy,
  invalid,
}: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const nonce = useNonce();
  const changed = useEffectEvent((text: string) => onChange(text));
  const initial = useEffectEvent(() => value);
  const sendFromEditor = useEffectEvent(() => {
    onSend();
    return true;
  });

  /** What may hold an API key must not touch the text, which is saved as it is written. */
  const paste = useEffectEvent((event: ClipboardEvent, view: EditorView) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!mayHoldRequest(text)) return false;
    onPaste(text, () => {
      view.dispatch(view.state.replaceSelection(text), { userEvent: "input.paste", scrollIntoView: true });
      view.focus();
    });
    return true;
  });

  useEffect(() => {
    const view = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: initial(),
        extensions: [
          EditorView.cspNonce.of(nonce),
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: sendFromEditor }])),
          keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
          [lineNumbers(), history(), bracketMatching(), indentOnInput(), highlightActiveLine()],
          [indentUnit.of("  "), EditorState.tabSize.of(2), EditorView.lineWrapping],
          [json(), syntaxHighlighting(classHighlighter), lintJson, lintGutter(), editorLook],
          EditorView.domEventHandlers({ paste: (event, view) => paste(event, view) }),
          placeholder('{ "prompt": "…" }'),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, [nonce]);

  useEffect(() => {
    const content = editor.current?.contentDOM;
    content?.setAttribute("aria-label", label);
    content?.setAttribute("aria-describedby", describedBy);
    content?.setAttribute("aria-invalid", String(invalid));
  }, [label, describedBy, invalid]);

  useEffect(() => {
    const view = editor.current;
    // Typing already changed the editor; only a value from elsewhere (a draft, Format) has to be put in.
    if (view && view.state.doc.toString() !== value)
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} className="json-editor contents" />;
}
