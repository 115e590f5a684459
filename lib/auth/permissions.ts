/** Lowest first: each role may do all that the ones before it may. */
export const ROLES = ["viewer", "submitter", "editor", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** The lowest role that holds each permission. This table is the only place where rights are decided. */
const LOWEST_ROLE = {
  /** One's own password and sessions. */
  "account:own": "viewer",
  "jobs:read": "viewer",
  "endpoints:read": "viewer",
  "members:read": "viewer",
  "jobs:submit": "submitter",
  "jobs:cancel": "submitter",
  "endpoints:edit": "editor",
  "credentials:edit": "admin",
  /** Endpoints at addresses other than the provider's. */
  "endpoints:custom": "admin",
  "members:edit": "admin",
  "workspace:edit": "owner",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof LOWEST_ROLE;
export const PERMISSIONS = Object.keys(LOWEST_ROLE) as Permission[];

export const isRole = (value: string): value is Role => (ROLES as readonly string[]).includes(value);

export const lowestRole = (permission: Permission): Role => LOWEST_ROLE[permission];

export const may = (role: Role, permission: Permission): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(LOWEST_ROLE[permission]);

/** Whether `actor` may give, take or change `target`: never above oneself, and only owners touch owners. */
export const mayAssign = (actor: Role, target: Role): boolean =>
  may(actor, "members:edit") && ROLES.indexOf(target) <= ROLES.indexOf(actor);
