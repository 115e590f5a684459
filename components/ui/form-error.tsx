import { Notice } from "@/components/ui/notice";

/** The message of a form that belongs to none of its fields. */
export function FormError({ message }: { message: string | undefined }) {
  return message ? (
    <Notice tone="danger" role="alert">
      {message}
    </Notice>
  ) : null;
}
