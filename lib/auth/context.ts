import { and, asc, eq } from "drizzle-orm";
import { auth } from "@/lib/auth/auth";
import { isRole, lowestRole, may, type Permission, type Role } from "@/lib/auth/permissions";
import { requestHeaders } from "@/lib/auth/request-headers";
import { db } from "@/lib/db/client";
import { member, workspace } from "@/lib/db/tables/workspaces";
import { AppError } from "@/lib/kernel/errors";

export type Person = { id: string; name: string; email: string };

/** Who acts where. Every service function takes one, and every query carries its workspace id. */
export type Context = {
  person: Person;
  workspace: { id: string; slug: string; name: string };
  role: Role;
};

/** The signed-in person, or null. */
export async function findPerson(headers: Headers): Promise<Person | null> {
  const session = await auth().api.getSession({ headers });
  if (!session) return null;
  const { id, name, email } = session.user;
  return { id, name, email };
}

export async function requirePerson(headers: Headers): Promise<Person> {
  const person = await findPerson(headers);
  if (!person) throw new AppError("unauthenticated", "You are not signed in. Sign in and try again.");
  return person;
}

const noSuchWorkspace = () =>
  new AppError("not_found", "There is no such workspace, or you are not a member of it.");

/**
 * @throws AppError `unauthenticated` for nobody, `not_found` for people who are not members (whether the workspace
 *   exists is nobody else's business), `forbidden` when the role is too low.
 */
export async function requireContext(
  headers: Headers,
  slug: string,
  permission: Permission,
): Promise<Context> {
  const person = await requirePerson(headers);
  const [row] = await db()
    .select({ id: workspace.id, slug: workspace.slug, name: workspace.name, role: member.role })
    .from(workspace)
    .innerJoin(member, eq(member.workspaceId, workspace.id))
    .where(and(eq(workspace.slug, slug), eq(member.userId, person.id)));
  if (!row || !isRole(row.role)) throw noSuchWorkspace();
  requirePermission(row.role, permission);
  return { person, workspace: { id: row.id, slug: row.slug, name: row.name }, role: row.role };
}

/** For rights that depend on what is asked, checked inside a service. @throws AppError `forbidden`. */
export function requirePermission(role: Role, permission: Permission): void {
  if (may(role, permission)) return;
  throw new AppError(
    "forbidden",
    `Your role here is ${role}; this needs ${lowestRole(permission)} or higher. Ask an admin of the workspace.`,
  );
}

export type Membership = { slug: string; name: string; role: Role };

/** Workspaces of a person, oldest first. */
export async function listMemberships(personId: string): Promise<Membership[]> {
  const rows = await db()
    .select({ slug: workspace.slug, name: workspace.name, role: member.role })
    .from(member)
    .innerJoin(workspace, eq(member.workspaceId, workspace.id))
    .where(eq(member.userId, personId))
    .orderBy(asc(workspace.createdAt), asc(workspace.id));
  return rows.flatMap((row) => (isRole(row.role) ? [{ ...row, role: row.role }] : []));
}

/** For pages: the context of the request being rendered. */
export const getPageContext = async (slug: string, permission: Permission = "jobs:read"): Promise<Context> =>
  requireContext(await requestHeaders(), slug, permission);
