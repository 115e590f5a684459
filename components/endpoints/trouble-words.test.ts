import { expect, it } from "vitest";
import { sentence } from "@/components/endpoints/trouble-words";

it.each<[words: string, said: string]>([
  ["HTTP 503: busy", "HTTP 503: busy."],
  ["No answer in time.", "No answer in time."],
  ["why? ", "why?"],
])("%s ends as a sentence does", (words, said) => expect(sentence(words)).toBe(said));
