import { encode } from "fast-png";
import { type Handler, HandlerRefusal } from "@/lib/local-endpoint/workers/handler";
import { parseInput } from "@/lib/local-endpoint/workers/parse-input";
import { imageInput, s3Config } from "@/lib/local-endpoint/workers/sample-image/input";
import { renderView } from "@/lib/local-endpoint/workers/sample-image/render";
import { resolveView, type View } from "@/lib/local-endpoint/workers/sample-image/view";

/** Base64 makes four characters of three bytes, and a result over 10 MB is refused by the platform. */
const MAX_INLINE_BYTES = 7_000_000;
/** A progress update per this many percent: enough to see it move, few enough not to matter. */
const PROGRESS_STEP = 5;

export const renderImage: Handler = async (job, { signal, progress }) => {
  const input = parseInput(imageInput, job.input);
  const s3 = job.s3Config == null ? undefined : parseInput(s3Config, job.s3Config, "s3Config");
  const view = resolveView(input);

  let reported = -1;
  const pixels = await renderView(view, {
    signal,
    onProgress: (done) => {
      const percent = Math.floor((done * 100) / PROGRESS_STEP) * PROGRESS_STEP;
      if (percent > reported) progress({ progress: percent });
      reported = percent;
    },
  });
  const { width, height } = view;
  const png = encode({ width, height, data: pixels, channels: 3, depth: 8 }, { zlib: { level: 6 } });

  if (s3) {
    // Loaded when first needed: the AWS SDK takes longer to load than a picture to render.
    const { uploadPng } = await import("@/lib/local-endpoint/workers/sample-image/upload");
    return { ...(await uploadPng(png, { jobId: job.id, s3 }, signal)), ...describe(view, png) };
  }
  if (png.length > MAX_INLINE_BYTES)
    throw new HandlerRefusal(
      `The picture is ${(png.length / 1e6).toFixed(1)} MB, too large for a job's result (7 MB as PNG). Ask for a smaller width or height, or send s3Config and get a link.`,
    );
  return { image: `data:image/png;base64,${Buffer.from(png).toString("base64")}`, ...describe(view, png) };
};

/** All that is needed to ask for the same picture again, under the names that the input has. */
function describe(view: View, png: Uint8Array) {
  return {
    width: view.width,
    height: view.height,
    seed: view.seed,
    fractal: view.formula.kind,
    center: view.center,
    zoom: view.zoom,
    ...(view.formula.kind === "julia" && { c: view.formula.c }),
    turn: view.turn,
    iterations: view.iterations,
    palette: view.palette,
    bytes: png.length,
  };
}
