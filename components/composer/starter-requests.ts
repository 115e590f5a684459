import type { ComposeStart } from "@/components/composer/compose-values";
import type { EndpointRow } from "@/lib/endpoints/schema";

/** Good first requests for the endpoints that come with Jobdeck. */
export const STARTER_INPUTS: Record<"sample-image" | "sample-text", string> = {
  "sample-image": `{
  "fractal": "mandelbrot",
  "center": [-0.743643887, 0.131825904],
  "zoom": 1400,
  "iterations": 1500,
  "palette": "aurora",
  "width": 1024,
  "height": 640
}`,
  "sample-text": `{
  "prompt": "The lazy brown fox jumps over the",
  "max_tokens": 120,
  "temperature": 0.8
}`,
};

export const EMPTY_INPUT = '{\n  "prompt": ""\n}';

/** What the form starts with for an endpoint: a sample's good request, else an empty one. */
export const startWith = (endpoint: EndpointRow | undefined): ComposeStart => ({
  endpointId: endpoint?.id ?? null,
  request: { inputText: endpoint?.sample ? STARTER_INPUTS[endpoint.sample] : EMPTY_INPUT },
});
