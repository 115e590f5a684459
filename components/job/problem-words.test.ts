import { expect, it } from "vitest";
import { problemWords, readError } from "@/components/job/problem-words";

it.each<[name: string, error: string, message: string, detail: string | null]>([
  ["plain words stay", "job timed out after 1 retries", "job timed out after 1 retries", null],
  [
    "the Python worker's JSON becomes a sentence and a trace",
    JSON.stringify({
      error_type: "<class 'ValueError'>",
      error_message: "boom",
      error_traceback: "Traceback…",
    }),
    "ValueError: boom",
    "Traceback…",
  ],
  ["JSON without a message stays as it is", '{"code":7}', '{"code":7}', null],
  ["a JSON string stays as it is", '"boom"', '"boom"', null],
])("%s", (_name, error, message, detail) => expect(readError(error)).toEqual({ message, detail }));

it("a provider's word that is also an object's property is not an explanation", () => {
  expect(problemWords("constructor")).toBeNull();
  expect(problemWords("COMPLETED")).toBeNull();
});
