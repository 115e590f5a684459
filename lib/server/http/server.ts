import http, {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { getRequestListener } from "@hono/node-server";
import { CLIENT_ADDRESS_HEADER } from "@/lib/auth/auth";
import { carriesOurCookie } from "@/lib/auth/session-cookie";
import { env } from "@/lib/kernel/env";
import { toPublicError } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import { clientAddress } from "@/lib/server/http/client-address";
import { machineApp } from "@/lib/server/http/machine-app";
import { type CreatePages, createPages } from "@/lib/server/http/pages";
import { refuse } from "@/lib/server/http/refuse";
import {
  contentSecurityPolicy,
  isSameOrigin,
  isWrite,
  newNonce,
  setPageHeaders,
  setSecurityHeaders,
} from "@/lib/server/http/security";

/** The largest body that a page's action may have; above Next's own limit nothing reaches it. */
const PAGE_BODY_MAX_BYTES = 12 * 1024 * 1024;
/** Signing in, the setup and an invite need less; a stranger's megabytes would keep Next from everybody else's requests. */
const STRANGER_BODY_MAX_BYTES = 64 * 1024;

/** Paths that machines call all day: answered natively, before Next. */
const isMachinePath = (path: string): boolean => /^\/(api|hooks|local\/v2)\/|^\/(healthz|readyz)$/.test(path);
/** Machine paths that a browser calls with its cookies. */
const usesCookies = (path: string): boolean => !/^\/(hooks|local)\//.test(path);

/** Percent signs that spell no text, or the one character that no text here can hold, name nothing. */
function isReadable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes("\0");
  } catch {
    return false;
  }
}

/** Headers that only the front may set, so that nobody can claim them from outside. */
const OWN_HEADERS = [CLIENT_ADDRESS_HEADER, "x-nonce", "content-security-policy"] as const;
const FORWARDED_HEADERS = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-real-ip",
];

/**
 * The one HTTP server: machine paths by Hono, everything else by Next, both behind the same front.
 * Not yet listening; Next loads in the background, so machine paths answer at once.
 */
export async function createWebServer({
  dev,
  pages: startPages = createPages,
}: {
  dev: boolean;
  pages?: CreatePages;
}): Promise<Server> {
  const machine = getRequestListener(machineApp().fetch, { overrideGlobalObjects: false });
  const server = http.createServer({
    requestTimeout: 120_000,
    headersTimeout: 20_000,
    keepAliveTimeout: 65_000,
  });
  const pages = startPages({ dev, server });
  server.on("request", (request, response) => {
    try {
      front(request, response, { dev, machine, pages: pages.handle });
    } catch (error) {
      log.error({ err: error }, "the front failed");
      const { code, message } = toPublicError(error);
      refuse(response, code, message);
    }
  });
  // Nothing here speaks WebSocket; only the development server's reload does.
  if (!dev)
    server.on("upgrade", (_request, socket) =>
      socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"),
    );
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  });
  return server;
}

type Faces = { dev: boolean; machine: RequestListener; pages: RequestListener };

function front(request: IncomingMessage, response: ServerResponse, faces: Faces): unknown {
  const { publicUrl, trustProxy } = env();
  setSecurityHeaders(response, publicUrl?.startsWith("https:") ?? false);
  const target = request.url ?? "";
  // Absolute-form ("GET http://elsewhere/"), "*" and "//host" are how proxies are spoken to; we are none.
  if (!/^\/(?![/\\])/.test(target) || /[\\\s]/.test(target))
    return refuse(response, "invalid", "The request target must be a plain path.");
  if (request.headers.upgrade && !faces.dev)
    return refuse(response, "invalid", "Upgrades are not spoken here.");

  const { address, viaTrustedProxy } = clientAddress(
    request.socket.remoteAddress,
    request.headers["x-forwarded-for"]?.toString(),
    trustProxy,
  );
  const host = viaTrustedProxy
    ? (request.headers["x-forwarded-host"]?.toString() ?? request.headers.host)
    : request.headers.host;
  for (const name of OWN_HEADERS) delete request.headers[name];
  if (!viaTrustedProxy) for (const name of FORWARDED_HEADERS) delete request.headers[name];
  request.headers[CLIENT_ADDRESS_HEADER] = address;
  keepRawHeadersInStep(request);

  const path = new URL(target, "http://front").pathname;
  if (!isReadable(path)) return refuse(response, "invalid", "The path cannot be read.");
  const isMachine = isMachinePath(path);
  if (
    isWrite(request) &&
    (!isMachine || usesCookies(path)) &&
    !isSameOrigin(request.headers.origin, host, publicUrl)
  )
    return refuse(
      response,
      "forbidden",
      "This write does not come from Jobdeck's own pages: its Origin header is missing or names another site.",
    );
  if (isMachine) return faces.machine(request, response);
  if (isWrite(request) && !hasAllowedLength(request, response)) return undefined;

  const nonce = newNonce();
  const policy = contentSecurityPolicy(nonce, faces.dev);
  request.headers["x-nonce"] = nonce;
  request.headers["content-security-policy"] = policy;
  setPageHeaders(response, policy);
  // Built files carry a hash in their name; Next marks them immutable when nobody else has decided.
  if (path.startsWith("/_next/static/")) response.removeHeader("cache-control");
  return faces.pages(request, response);
}

/** @hono/node-server reads the raw list, so what the front changed must be in there too. */
function keepRawHeadersInStep(request: IncomingMessage): void {
  request.rawHeaders = Object.entries(request.headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [name, one])),
  );
}

/** Browsers always say how long a body is; one that does not say cannot be limited before Next reads it. */
function hasAllowedLength(request: IncomingMessage, response: ServerResponse): boolean {
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (Number.isNaN(length)) {
    refuse(response, "invalid", "The request must say its Content-Length.", 411);
    return false;
  }
  if (length > STRANGER_BODY_MAX_BYTES && !carriesOurCookie(request.headers.cookie)) {
    refuse(response, "too_large", "You are not signed in, so this is too large. Sign in and try again.");
    return false;
  }
  if (length > PAGE_BODY_MAX_BYTES) {
    refuse(
      response,
      "too_large",
      "The request is larger than 12 MB. The provider takes at most 10 MB; pass large files as a URL.",
    );
    return false;
  }
  return true;
}
