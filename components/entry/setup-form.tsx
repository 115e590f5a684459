"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { showServerError } from "@/components/ui/server-error";
import { TextInput } from "@/components/ui/text-input";
import { setupAction } from "@/lib/workspaces/actions";
import { setupSchema } from "@/lib/workspaces/schema";

export function SetupForm({ token }: { token: string }) {
  const form = useForm({
    resolver: zodResolver(setupSchema),
    defaultValues: { token, name: "", email: "", password: "", workspaceName: "" },
  });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await setupAction(values);
    if (!result.ok) return showServerError(form, result.error);
    // A full load: the session cookie is new and every page depends on it.
    window.location.assign(`/${result.value.slug}`);
    // Busy until the next page is there.
    await new Promise(() => {});
  });
  return (
    <form method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      <Field label="Your name" error={errors.name?.message}>
        <TextInput autoComplete="name" autoFocus {...form.register("name")} />
      </Field>
      <Field
        label="Mail address"
        hint="You sign in with it. Nothing is sent there."
        error={errors.email?.message}
      >
        <TextInput type="email" autoComplete="username" {...form.register("email")} />
      </Field>
      <Field label="Password" hint="At least 10 characters." error={errors.password?.message}>
        <TextInput type="password" autoComplete="new-password" {...form.register("password")} />
      </Field>
      <Field
        label="Workspace"
        hint="A team's endpoints, jobs and members. For example the name of your team."
        error={errors.workspaceName?.message}
      >
        <TextInput autoComplete="organization" {...form.register("workspaceName")} />
      </Field>
      <FormError message={errors.root?.server?.message} />
      <Button type="submit" look="primary" busy={isSubmitting}>
        Set up Jobdeck
      </Button>
    </form>
  );
}
