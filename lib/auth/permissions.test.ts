import { describe, expect, it } from "vitest";
import {
  isRole,
  lowestRole,
  may,
  mayAssign,
  PERMISSIONS,
  type Permission,
  ROLES,
  type Role,
} from "@/lib/auth/permissions";

describe("what a role may do", () => {
  it.each<[permission: Permission, roles: Role[]]>([
    ["jobs:read", ["viewer", "submitter", "editor", "admin", "owner"]],
    ["endpoints:read", ["viewer", "submitter", "editor", "admin", "owner"]],
    ["members:read", ["viewer", "submitter", "editor", "admin", "owner"]],
    ["jobs:submit", ["submitter", "editor", "admin", "owner"]],
    ["jobs:cancel", ["submitter", "editor", "admin", "owner"]],
    ["endpoints:edit", ["editor", "admin", "owner"]],
    ["credentials:edit", ["admin", "owner"]],
    ["endpoints:custom", ["admin", "owner"]],
    ["members:edit", ["admin", "owner"]],
    ["workspace:edit", ["owner"]],
  ])("%s", (permission, roles) => expect(ROLES.filter((role) => may(role, permission))).toEqual(roles));

  it("law: a higher role may do all that a lower one may, and the lowest is the lowest", () => {
    for (const permission of PERMISSIONS) {
      const first = ROLES.findIndex((role) => may(role, permission));
      expect(ROLES.slice(first).every((role) => may(role, permission))).toBe(true);
      expect(lowestRole(permission)).toBe(ROLES[first]);
    }
  });
});

describe("who may give or take a role", () => {
  it.each<[actor: Role, targets: Role[]]>([
    ["viewer", []],
    ["submitter", []],
    ["editor", []],
    ["admin", ["viewer", "submitter", "editor", "admin"]],
    ["owner", ["viewer", "submitter", "editor", "admin", "owner"]],
  ])("%s", (actor, targets) => expect(ROLES.filter((target) => mayAssign(actor, target))).toEqual(targets));
});

it.each(["", "Owner", "root", "toString", "__proto__"])("“%s” is no role", (word) =>
  expect(isRole(word)).toBe(false),
);
