"use server";

import { z } from "zod";
import { changePasswordSchema, sessionIdSchema } from "@/lib/account/schema";
import { changePassword, endOtherSessions, endSession } from "@/lib/account/service";
import { defineAction } from "@/lib/auth/define-action";

export const changePasswordAction = defineAction({
  permission: "account:own",
  input: changePasswordSchema,
  run: changePassword,
});
export const endSessionAction = defineAction({
  permission: "account:own",
  input: sessionIdSchema,
  run: endSession,
});
export const endOtherSessionsAction = defineAction({
  permission: "account:own",
  input: z.object({}),
  run: endOtherSessions,
});
