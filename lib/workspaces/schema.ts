import { z } from "zod";
import { ROLES } from "@/lib/auth/permissions";

const personName = z
  .string()
  .trim()
  .min(1, "Tell us your name.")
  .max(80, "A name may have at most 80 characters.")
  .regex(/^[^\p{Cc}]*$/u, "A name may not contain control characters.");
const email = z.string().trim().toLowerCase().pipe(z.email("This is not a mail address.").max(254));
/** The same bounds as better-auth is given in lib/auth/auth.ts. */
export const passwordSchema = z
  .string()
  .min(10, "A password needs at least 10 characters.")
  .max(128, "A password may have at most 128 characters.");
const token = z.string().min(1).max(200);

export const workspaceNameSchema = z
  .string()
  .trim()
  .min(1, "Name the workspace.")
  .max(60, "A workspace name may have at most 60 characters.")
  .regex(/^[^\p{Cc}]*$/u, "A name may not contain control characters.");

export const setupSchema = z.object({
  token,
  name: personName,
  email,
  password: passwordSchema,
  workspaceName: workspaceNameSchema,
});
export type Setup = z.output<typeof setupSchema>;

export const signInSchema = z.object({ email, password: z.string().min(1, "Enter your password.").max(128) });

/** Signed in already: only the token. Else the account to make. */
export const acceptInviteSchema = z.object({
  token,
  account: z.object({ name: personName, email, password: passwordSchema }).optional(),
});

const role = z.enum(ROLES);
export const createInviteSchema = z.object({
  role,
  note: z
    .string()
    .trim()
    .max(120)
    .regex(/^[^\p{Cc}]*$/u, "A note may not contain control characters.")
    .default(""),
});
export const inviteIdSchema = z.object({ id: z.uuid() });
export const changeRoleSchema = z.object({ userId: z.string().min(1).max(64), role });
export const removeMemberSchema = z.object({ userId: z.string().min(1).max(64) });

export const memberRowSchema = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  joinedAt: z.string(),
});
export type MemberRow = z.output<typeof memberRowSchema>;

export const inviteRowSchema = z.object({
  id: z.uuid(),
  role,
  note: z.string(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
});
export type InviteRow = z.output<typeof inviteRowSchema>;

/** What an invite link says before it is used. */
export type InviteInfo =
  | { state: "open"; workspaceName: string; role: (typeof ROLES)[number] }
  | { state: "closed" };
export type SetupState = "open" | "done" | "wrong_token";
