"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useRouter } from "next/navigation";
import { useForm } from "react-hook-form";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { showServerError } from "@/components/ui/server-error";
import { TextInput } from "@/components/ui/text-input";
import { toast } from "@/components/ui/toast";
import { changePasswordAction } from "@/lib/account/actions";
import { changePasswordSchema } from "@/lib/account/schema";

const EMPTY = { currentPassword: "", newPassword: "" };

/** @param email for password managers, which otherwise would not know whose password this is. */
export function PasswordForm({ email }: { email: string }) {
  const { slug } = usePlace();
  const router = useRouter();
  const form = useForm({ resolver: zodResolver(changePasswordSchema), defaultValues: EMPTY });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await changePasswordAction(slug, values);
    if (!result.ok) return showServerError(form, result.error);
    form.reset(EMPTY);
    toast.done({
      title: "Your password is changed",
      description: "Every other browser was signed out.",
    });
    router.refresh();
  });
  return (
    <form method="post" noValidate onSubmit={submit} className="flex max-w-sm flex-col gap-3">
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field label="Present password" error={errors.currentPassword?.message}>
        <TextInput type="password" autoComplete="current-password" {...form.register("currentPassword")} />
      </Field>
      <Field label="New password" hint="At least 10 characters." error={errors.newPassword?.message}>
        <TextInput type="password" autoComplete="new-password" {...form.register("newPassword")} />
      </Field>
      <FormError message={errors.root?.server?.message} />
      <div>
        <Button type="submit" look="primary" busy={isSubmitting}>
          Change the password
        </Button>
      </div>
    </form>
  );
}
