import type { Role } from "@/lib/auth/permissions";

const ROLE_NOTES: Record<Role, string> = {
  viewer: "Sees everything, changes nothing",
  submitter: "May send, cancel and retry jobs",
  editor: "May also change endpoints",
  admin: "May also manage members and API keys",
  owner: "May do everything",
};

export const roleNote = (role: Role): string => ROLE_NOTES[role];
