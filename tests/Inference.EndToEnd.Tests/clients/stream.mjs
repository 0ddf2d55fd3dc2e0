// Streams pictures with the official client and prints each event as a line of JSON.
// node stream.mjs BASE_URL REQUEST_JSON [PICTURE_FILE]; with a file it is an edit.
import { createReadStream } from "node:fs";
import OpenAI from "openai";

const [, , baseURL, request, picture] = process.argv;
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
try {
  const body = { ...JSON.parse(request), stream: true };
  const stream = picture ? await client.images.edit({ ...body, image: createReadStream(picture) }) : await client.images.generate(body);
  for await (const event of stream) console.log(JSON.stringify(event));
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.log(JSON.stringify({ thrown: error.constructor.name, status: error.status ?? null, code: error.code, param: error.param, message: error.message }));
}
