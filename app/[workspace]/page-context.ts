import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { type Context, getPageContext } from "@/lib/auth/context";
import { AppError } from "@/lib/kernel/errors";

/** Once per request, however many parts of the page ask. */
export const findContext = cache((slug: string): Promise<Context> => getPageContext(slug));

/**
 * The context of a page, or the way out: to the sign-in for nobody, "nothing here" for people who are not members.
 * @param path of the page, to come back to after signing in.
 */
export async function pageContext(slug: string, path: string): Promise<Context> {
  try {
    return await findContext(slug);
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated")
      redirect(`/sign-in?next=${encodeURIComponent(`/${slug}${path}`)}`);
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}

/** What is read, or "nothing here" when there is no such thing in this workspace. */
export async function orNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isId = (value: unknown): value is string => typeof value === "string" && UUID.test(value);
