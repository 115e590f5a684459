"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { Button, ButtonLink } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { showServerError } from "@/components/ui/server-error";
import { TextInput } from "@/components/ui/text-input";
import { acceptInviteAction } from "@/lib/workspaces/actions";
import { acceptInviteSchema } from "@/lib/workspaces/schema";

type AcceptInviteFormProps = {
  token: string /** Who is signed in, or null: then an account is made. */;
  signedInAs: string | null;
};

export function AcceptInviteForm({ token, signedInAs }: AcceptInviteFormProps) {
  const form = useForm({
    resolver: zodResolver(acceptInviteSchema),
    defaultValues: signedInAs ? { token } : { token, account: { name: "", email: "", password: "" } },
  });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const result = await acceptInviteAction(values);
    if (!result.ok) return showServerError(form, result.error);
    window.location.assign(`/${result.value.slug}`);
    // Busy until the next page is there.
    await new Promise(() => {});
  });
  return (
    <form method="post" noValidate onSubmit={submit} className="flex flex-col gap-4">
      {!signedInAs && (
        <>
          <Field label="Your name" error={errors.account?.name?.message}>
            <TextInput autoComplete="name" autoFocus {...form.register("account.name")} />
          </Field>
          <Field
            label="Mail address"
            hint="You sign in with it. Nothing is sent there."
            error={errors.account?.email?.message}
          >
            <TextInput type="email" autoComplete="username" {...form.register("account.email")} />
          </Field>
          <Field label="Password" hint="At least 10 characters." error={errors.account?.password?.message}>
            <TextInput type="password" autoComplete="new-password" {...form.register("account.password")} />
          </Field>
        </>
      )}
      <FormError message={errors.root?.server?.message} />
      <Button type="submit" look="primary" busy={isSubmitting}>
        {signedInAs ? `Join as ${signedInAs}` : "Make my account and join"}
      </Button>
      {!signedInAs && (
        <p className="text-sm text-muted">
          Already have an account here?{" "}
          <ButtonLink look="quiet" size="sm" href={`/sign-in?next=${encodeURIComponent(`/invite/${token}`)}`}>
            Sign in first
          </ButtonLink>
        </p>
      )}
    </form>
  );
}
