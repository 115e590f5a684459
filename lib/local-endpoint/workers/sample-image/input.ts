import { z } from "zod";
import { PALETTES } from "@/lib/local-endpoint/workers/sample-image/palette";

const number = (low: number, high: number) =>
  z
    .number({ error: `must be a number from ${low} to ${high}` })
    .min(low, `must be at least ${low}`)
    .max(high, `must be at most ${high}`);
const whole = (low: number, high: number) =>
  number(low, high).refine(Number.isInteger, "must be a whole number");
const point = (what: string) =>
  z.tuple([number(-4, 4), number(-4, 4)], { error: `must be ${what}, two numbers from -4 to 4` });
const oneOf = (names: [string, ...string[]]) =>
  z.enum(names, { error: `must be one of ${names.join(", ")}` });

/** What `sample-image` reads of a job's input; other keys are left alone, so that requests for other models run too. */
export const imageInput = z.object(
  {
    width: whole(64, 2048).default(960),
    height: whole(64, 2048).default(640),
    /** Picks a place, a palette and a turn of the picture. Derived from the prompt when that is given instead. */
    seed: whole(0, 2 ** 32 - 1).optional(),
    prompt: z.string({ error: "must be text" }).max(8000, "must be at most 8000 characters long").optional(),
    fractal: oneOf(["mandelbrot", "julia"]).optional(),
    center: point("[re, im]").optional(),
    /** 1 shows the whole set; doubles end at about 1e12. */
    zoom: number(0.1, 1e12).optional(),
    /** Turn of the picture in radians. */
    turn: number(-7, 7).optional(),
    /** The constant of a Julia set. */
    c: point("[re, im]").optional(),
    iterations: whole(50, 20_000).optional(),
    palette: oneOf(Object.keys(PALETTES) as [string, ...string[]]).optional(),
  },
  { error: "must be an object" },
);

export type ImageInput = z.output<typeof imageInput>;

/** Where the picture goes when the request brought storage along (keys as on the wire). */
export const s3Config = z.object(
  {
    accessId: z.string({ error: "must be text" }).min(1, "must not be empty"),
    accessSecret: z.string({ error: "must be text" }).min(1, "must not be empty"),
    bucketName: z.string({ error: "must be text" }).min(1, "must not be empty"),
    endpointUrl: z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }),
    objectPath: z.string({ error: "must be text" }).min(1, "must not be empty").optional(),
  },
  { error: "must be an object" },
);
