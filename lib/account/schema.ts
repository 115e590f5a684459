import { z } from "zod";
import { passwordSchema } from "@/lib/workspaces/schema";

export const changePasswordSchema = z
  .object({
    currentPassword: z.string().min(1, "Enter your present password.").max(128),
    newPassword: passwordSchema,
  })
  .refine((value) => value.newPassword !== value.currentPassword, {
    path: ["newPassword"],
    message: "This is the password that you have already.",
  });

export const sessionIdSchema = z.object({ id: z.string().min(1).max(64) });

/** A browser that is signed in. */
export type SessionRow = {
  id: string;
  /** "Firefox on Linux", as far as the browser says. */
  device: string;
  address: string | null;
  /** ISO 8601 */
  signedInAt: string;
  isCurrent: boolean;
};
