import type { Form } from "@/lib/input-schema/form-field";
import type { Issue } from "@/lib/input-schema/issue";

/** Errors in the order of the fields they belong to, so that the first one is the one to focus. */
export function inFormOrder(issues: readonly Issue[], form: Form): Issue[] {
  const places = new Map([...form.byPath.keys()].map((path, i) => [path, i]));
  const placeOf = (path: string): number => {
    const place = places.get(path);
    if (place !== undefined || path === "") return place ?? 0;
    // A part of a field that is shown as a whole belongs to that field.
    return placeOf(path.slice(0, path.lastIndexOf("/")));
  };
  return issues
    .map((issue) => ({ issue, place: placeOf(issue.path) }))
    .sort((a, b) => a.place - b.place)
    .map(({ issue }) => issue);
}

/** The field that an error is to be shown at: its own, or the nearest around it. */
export function fieldPathOf({ path }: Issue, form: Form): string {
  let at = path;
  while (at !== "" && !form.byPath.has(at)) at = at.slice(0, at.lastIndexOf("/"));
  return at;
}
