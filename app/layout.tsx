import "./globals.css";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { NonceProvider } from "@/components/shell/nonce";
import { Providers } from "@/components/shell/providers";
import { parseTheme, THEME_COOKIE } from "@/components/shell/theme";

export const metadata: Metadata = {
  title: { default: "Jobdeck", template: "%s · Jobdeck" },
  description: "Compose, send, watch and keep the jobs of your serverless GPU endpoints.",
  robots: { index: false, follow: false },
  // Ids and counts are not telephone numbers.
  formatDetection: { telephone: false, email: false, address: false, date: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#111114" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [nonce, theme] = [(await headers()).get("x-nonce") ?? "", (await cookies()).get(THEME_COOKIE)?.value];
  return (
    <html
      lang="en"
      data-theme={parseTheme(theme)}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      // The theme may have been switched in this tab before React takes over.
      suppressHydrationWarning
    >
      <body>
        <NonceProvider nonce={nonce}>
          <Providers>{children}</Providers>
        </NonceProvider>
      </body>
    </html>
  );
}
