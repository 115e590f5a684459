"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { showServerError } from "@/components/ui/server-error";
import { TextInput } from "@/components/ui/text-input";
import { signInAction } from "@/lib/workspaces/actions";
import { signInSchema } from "@/lib/workspaces/schema";

/** @param next a path on this site, already checked by the page. */
export function SignInForm({ next }: { next: string }) {
  const form = useForm({ resolver: zodResolver(signInSchema), defaultValues: { email: "", password: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await signInAction(values);
    if (!result.ok) return showServerError(form, result.error);
    window.location.assign(next);
    // Busy until the next page is there.
    await new Promise(() => {});
  });
  return (
    <form method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <Field label="Mail address" error={errors.email?.message}>
        <TextInput type="email" autoComplete="username" autoFocus {...form.register("email")} />
      </Field>
      <Field label="Password" error={errors.password?.message}>
        <TextInput type="password" autoComplete="current-password" {...form.register("password")} />
      </Field>
      <FormError message={errors.root?.server?.message} />
      <Button type="submit" look="primary" busy={isSubmitting}>
        Sign in
      </Button>
    </form>
  );
}
