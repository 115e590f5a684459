import { randomBytes } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { z } from "zod";
import { env } from "@/lib/kernel/env";
import { HandlerRefusal } from "@/lib/local-endpoint/workers/handler";
import type { s3Config } from "@/lib/local-endpoint/workers/sample-image/input";
import { guardedDispatcher, guardedLookup } from "@/lib/upstream/transport";

/** As long as AWS allows, and as runpod-python's `rp_upload` does. */
const URL_LIFETIME_S = 7 * 24 * 3600;

/**
 * Put a PNG into the bucket that the request names and say where it is: a signed link for seven days, because the
 * bucket is probably private. The key is `{job id}/{8 hex digits}.png`, or `objectPath` as it stands.
 * @throws HandlerRefusal in words that carry no credential: an SDK's own message may quote the request.
 */
export async function uploadPng(
  png: Uint8Array,
  { jobId, s3 }: { jobId: string; s3: z.output<typeof s3Config> },
  signal: AbortSignal,
): Promise<{ image_url: string; image_key: string }> {
  const client = new S3Client({
    requestHandler: guardedAgents(s3.endpointUrl),
    endpoint: s3.endpointUrl,
    region: regionOf(s3.endpointUrl),
    credentials: { accessKeyId: s3.accessId, secretAccessKey: s3.accessSecret },
    // Every S3-compatible server knows the path style; bucket names as host names need DNS and certificates.
    forcePathStyle: true,
    maxAttempts: 3,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  const place = {
    Bucket: s3.bucketName,
    Key: s3.objectPath ?? `${jobId}/${randomBytes(4).toString("hex")}.png`,
  };
  try {
    await client.send(new PutObjectCommand({ ...place, Body: png, ContentType: "image/png" }), {
      abortSignal: signal,
    });
    const image_url = await getSignedUrl(client, new GetObjectCommand(place), { expiresIn: URL_LIFETIME_S });
    return { image_url, image_key: place.Key };
  } catch (error) {
    signal.throwIfAborted();
    const name = error instanceof Error ? error.name : "unknown error";
    throw new HandlerRefusal(
      `The picture was rendered but could not be uploaded to bucket "${s3.bucketName}" (${name}). Check s3Config: endpointUrl, bucketName, accessId and accessSecret.`,
    );
  } finally {
    client.destroy();
  }
}

/**
 * The address comes from a request, so the connection goes only where the operator lets outbound URLs go.
 * @throws HandlerRefusal for a forbidden address written as a number; a name is refused when it is looked up.
 */
function guardedAgents(endpointUrl: string) {
  const url = new URL(endpointUrl);
  try {
    guardedDispatcher(url);
  } catch {
    throw new HandlerRefusal(
      `s3Config: endpointUrl: ${url.hostname} is not an address that uploads may go to.`,
    );
  }
  const lookup = guardedLookup(env().allowPrivateAddresses, url.protocol === "http:");
  return url.protocol === "http:"
    ? { httpAgent: new HttpAgent({ lookup }) }
    : { httpsAgent: new HttpsAgent({ lookup }) };
}

/** The region in an AWS or DigitalOcean host name; other servers take any. */
function regionOf(endpointUrl: string): string {
  const host = new URL(endpointUrl).hostname;
  return (
    /\bs3[.-]([a-z0-9-]+)\.amazonaws\.com$/.exec(host)?.[1] ??
    /^([a-z0-9-]+)\.digitaloceanspaces/.exec(host)?.[1] ??
    "us-east-1"
  );
}
