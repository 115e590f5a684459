/** The mark and the name. The mark is the same drawing as app/icon.svg. */
export function Logo() {
  return (
    <span className="flex items-center gap-2 text-base font-semibold tracking-tight">
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-5">
        <rect width="32" height="32" rx="7" className="fill-accent" />
        <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
          <path d="M8 11h16" opacity=".45" />
          <path d="M8 16h16" opacity=".75" />
          <path d="M8 21h9" />
          <path d="M20.5 21l2 2 4-4.2" />
        </g>
      </svg>
      Jobdeck
    </span>
  );
}
