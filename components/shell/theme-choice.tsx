"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { parseTheme, THEME_COOKIE, type Theme } from "@/components/shell/theme";
import { MenuChoice } from "@/components/ui/menu";

const YEAR_SECONDS = 365 * 24 * 3600;

/** The server renders the chosen theme from this cookie, so a page never flashes in the other one. */
function applyTheme(theme: Theme): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every supported browser.
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  document.documentElement.dataset.theme = theme;
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(() => parseTheme(document.documentElement.dataset.theme));
  return (
    <MenuChoice
      label="Theme"
      value={theme}
      onChange={(next) => {
        setTheme(next);
        applyTheme(next);
      }}
      options={[
        {
          value: "system",
          label: (
            <>
              <Monitor aria-hidden /> System
            </>
          ),
        },
        {
          value: "light",
          label: (
            <>
              <Sun aria-hidden /> Light
            </>
          ),
        },
        {
          value: "dark",
          label: (
            <>
              <Moon aria-hidden /> Dark
            </>
          ),
        },
      ]}
    />
  );
}
