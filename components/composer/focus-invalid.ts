"use client";

/** The first field that is wrong gets the focus; settings that were folded away open for it. */
export function focusInvalid(within: HTMLElement | null): void {
  // After the errors are on the fields.
  setTimeout(() => {
    const field = within?.querySelector<HTMLElement>(
      ":is(button, input, [role=textbox]):is([aria-invalid=true], [data-invalid])",
    );
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  });
}
