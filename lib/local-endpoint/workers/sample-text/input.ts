import { z } from "zod";

const number = (low: number, high: number) =>
  z
    .number({ error: `must be a number from ${low} to ${high}` })
    .min(low, `must be at least ${low}`)
    .max(high, `must be at most ${high}`);
const whole = (low: number, high: number) =>
  number(low, high).refine(Number.isInteger, "must be a whole number");

/** What `sample-text` reads of a job's input; other keys are left alone, so that requests for other models run too. */
export const textInput = z.object(
  {
    /** The text to go on with. */
    prompt: z
      .string({ error: 'must be text, for example "The lazy brown fox jumps over the"' })
      .max(8000, "must be at most 8000 characters long"),
    /** About how many words and marks to write; the sentence is finished. */
    max_tokens: whole(1, 2000).default(80),
    /** 0 always takes the likeliest word, 1 draws as the text does, above that rare words gain. */
    temperature: number(0, 2).default(0.8),
    /** The same seed gives the same text. Drawn by lot when it is left out, and told in the output. */
    seed: whole(0, 2 ** 32 - 1).optional(),
    /** Pace of the stream; 0 is as fast as the queue takes the tokens. */
    tokens_per_second: number(0, 1000).default(40),
  },
  { error: "must be an object with a prompt" },
);
