import { byteWords } from "@/components/ui/byte-words";
import type { JobDetail } from "@/lib/jobs/schema";

/** The collector reads an output that is over the limit no further than this many limits, to say how large it was. */
const READ_ON = 4;

/** "Output of 312 MB": of what was not read to its end, the least that it has. */
export function sizeWords({ outputBytes, outputLimitBytes }: Sizes): string {
  if (outputBytes === null) return "The output";
  const isLeast = outputLimitBytes !== null && outputBytes >= READ_ON * outputLimitBytes;
  return `Output of ${isLeast ? "at least " : ""}${byteWords(outputBytes)}`;
}

type Sizes = Pick<JobDetail, "outputBytes" | "outputLimitBytes">;

export const notKeptWords = (sizes: Sizes): string =>
  sizes.outputLimitBytes === null
    ? `${sizeWords(sizes)} was larger than this installation kept`
    : `${sizeWords(sizes)} is over this installation's limit of ${byteWords(sizes.outputLimitBytes)}`;
