export type Person = { email: string; password: string; slug: string };

export const OWNER: Person = {
  email: "owner@example.com",
  password: "canary-password-of-the-owner",
  slug: "workspace",
};

/** Somebody with a workspace of their own, who has nothing to do with the owner's. */
export const STRANGER: Person = {
  email: "stranger@example.com",
  password: "password-of-a-stranger",
  slug: "elsewhere",
};
