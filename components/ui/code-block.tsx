import { cx } from "@/components/ui/class-names";
import { CopyButton } from "@/components/ui/copy-button";

type CodeBlockProps = {
  text: string;
  what: string;
  label: string;
  className?: string;
  wrap?: boolean;
  /** What is copied, where it is more than what is shown. */
  copies?: string;
};

/** Plain text in mono, never interpreted. Focusable, so that the keyboard can scroll it. */
export function CodeBlock({ text, what, label, className, wrap, copies = text }: CodeBlockProps) {
  return (
    <div className="group relative min-w-0">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        aria-label={label}
        className={cx("max-h-128 overflow-auto rounded-lg bg-sunken p-3 pr-10", className)}
      >
        <pre className={cx("font-mono text-xs leading-5", wrap && "break-words whitespace-pre-wrap")}>
          {text}
        </pre>
      </section>
      <CopyButton text={copies} what={what} className="absolute top-1.5 right-1.5 bg-sunken" />
    </div>
  );
}
