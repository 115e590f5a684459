import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseSlug } from "@/lib/workspaces/slug";

describe("a workspace's path segment", () => {
  it.each<[name: string, workspace: string, taken: string[], slug: string]>([
    ["from a plain name", "Image Lab", [], "image-lab"],
    ["without accents", "Café Über Ñandú", [], "cafe-uber-nandu"],
    ["without signs at its ends", "  --R&D: 2026!! ", [], "r-d-2026"],
    ["from a name without letters", "工房 🎨", [], "workspace"],
    ["from dots and slashes", "../../etc/passwd", [], "etc-passwd"],
    ["cut at 40, not ending in a hyphen", `${"a".repeat(39)} b`, [], "a".repeat(39)],
    ["numbered when taken", "Lab", ["lab"], "lab-2"],
    ["numbered on", "Lab", ["lab", "lab-2", "lab-3"], "lab-4"],
    ["never a page's own segment", "Setup", [], "setup-2"],
    ["never a machine's path", "API", [], "api-2"],
    ["never the path of local endpoints", "local", ["local-2"], "local-3"],
  ])("is made %s", (_name, workspace, taken, slug) =>
    expect(chooseSlug(workspace, new Set(taken))).toBe(slug),
  );

  it("law: is a safe segment of at most 44 characters that nobody has", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string()), (name, others) => {
        const taken = new Set([...others, chooseSlug(name, new Set())]);
        const slug = chooseSlug(name, taken);
        expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(slug.length).toBeLessThanOrEqual(44);
        expect(taken.has(slug)).toBe(false);
      }),
    );
  });
});
