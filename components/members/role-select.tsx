"use client";

import { roleNote } from "@/components/members/role-words";
import { usePlace } from "@/components/shell/place";
import { Select } from "@/components/ui/select";
import { mayAssign, ROLES, type Role } from "@/lib/auth/permissions";

type RoleSelectProps = {
  value: Role;
  onChange: (role: Role) => void;
  label?: string;
  disabled?: boolean;
  className?: string;
};

/** Offers the roles that the viewer may give. */
export function RoleSelect({ value, onChange, label, disabled, className }: RoleSelectProps) {
  const { role: own } = usePlace();
  return (
    <Select
      label={label}
      value={value}
      onChange={onChange}
      disabled={disabled}
      className={className}
      options={ROLES.map((role) => ({
        value: role,
        label: role,
        note: roleNote(role),
        disabled: !mayAssign(own, role),
      }))}
    />
  );
}
