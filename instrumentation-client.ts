import { config } from "zod";

/**
 * Runs before any page code. Zod would otherwise probe `new Function`, which the CSP forbids and reports, even though
 * zod catches the error and goes on without it.
 */
config({ jitless: true });
