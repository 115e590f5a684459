"use server";

import { z } from "zod";
import { findPerson } from "@/lib/auth/context";
import { defineAction, definePublicAction } from "@/lib/auth/define-action";
import { signIn, signOut } from "@/lib/workspaces/accounts";
import {
  acceptInviteSchema,
  changeRoleSchema,
  createInviteSchema,
  inviteIdSchema,
  removeMemberSchema,
  setupSchema,
  signInSchema,
} from "@/lib/workspaces/schema";
import { acceptInvite, changeRole, createInvite, removeMember, revokeInvite } from "@/lib/workspaces/service";
import { setUp } from "@/lib/workspaces/setup";

/** Admitted by the setup token. */
export const setupAction = definePublicAction({
  input: setupSchema,
  run: async (input, headers) => {
    const made = await setUp(input);
    await signIn(input, headers);
    return made;
  },
});

export const signInAction = definePublicAction({
  input: signInSchema,
  run: async (input, headers) => {
    await signIn(input, headers);
    return null;
  },
});

export const signOutAction = definePublicAction({
  input: z.object({}).optional(),
  run: async (_input, headers) => {
    await signOut(headers);
    return null;
  },
});

/** Admitted by the invite token. */
export const acceptInviteAction = definePublicAction({
  input: acceptInviteSchema,
  run: async (input, headers) => {
    const person = await findPerson(headers);
    const joined = await acceptInvite(person, input);
    if (!person && input.account) await signIn(input.account, headers);
    return joined;
  },
});

export const createInviteAction = defineAction({
  permission: "members:edit",
  input: createInviteSchema,
  run: createInvite,
});
export const revokeInviteAction = defineAction({
  permission: "members:edit",
  input: inviteIdSchema,
  run: revokeInvite,
});
export const changeRoleAction = defineAction({
  permission: "members:edit",
  input: changeRoleSchema,
  run: changeRole,
});
export const removeMemberAction = defineAction({
  permission: "members:edit",
  input: removeMemberSchema,
  run: removeMember,
});
