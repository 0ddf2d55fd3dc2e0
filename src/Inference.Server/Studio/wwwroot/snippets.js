// A request as code to copy. A key is named, never written.

import { apiBase, hasKey } from "./api.js";

const FILE = "picture.png";

/** The languages there are: name and the code of a request. */
export const snippets = [
  { name: "curl", of: curl },
  { name: "C#", of: csharp },
  { name: "JavaScript", of: javascript },
];

const address = () => `${apiBase()}v1/images/generations`;

function curl(request) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  return [
    `curl -sS --fail-with-body ${quote(address())} \\`,
    "  -H 'content-type: application/json' -H 'accept: image/png' \\",
    ...(hasKey() ? ['  -H "authorization: Bearer $INFERENCE_API_KEY" \\'] : []),
    `  -d ${quote(JSON.stringify(request))} \\`,
    `  -o ${FILE}`,
  ].join("\n");
}

function csharp(request) {
  // JSON never has three quotation marks in a row, so a raw string holds it as it is.
  return [
    "using System.Text;",
    "",
    "using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };",
    'client.DefaultRequestHeaders.Accept.ParseAdd("image/png");',
    ...(hasKey() ? ['client.DefaultRequestHeaders.Authorization = new("Bearer", Environment.GetEnvironmentVariable("INFERENCE_API_KEY"));'] : []),
    `using var response = await client.PostAsync("${address()}", new StringContent("""`,
    JSON.stringify(request, null, 2).replace(/^/gm, "    "),
    '    """, Encoding.UTF8, "application/json"));',
    "if (!response.IsSuccessStatusCode)",
    "    throw new HttpRequestException(await response.Content.ReadAsStringAsync());",
    `await File.WriteAllBytesAsync("${FILE}", await response.Content.ReadAsByteArrayAsync());`,
  ].join("\n");
}

function javascript(request) {
  return [
    'import { writeFile } from "node:fs/promises";',
    "",
    `const response = await fetch("${address()}", {`,
    '  method: "POST",',
    `  headers: { "content-type": "application/json", accept: "image/png"${hasKey() ? ", authorization: `Bearer ${process.env.INFERENCE_API_KEY}`" : ""} },`,
    `  body: JSON.stringify(${JSON.stringify(request, null, 2).replaceAll("\n", "\n  ")}),`,
    "});",
    "if (!response.ok) throw new Error(await response.text());",
    `await writeFile("${FILE}", Buffer.from(await response.arrayBuffer()));`,
  ].join("\n");
}

/** Puts text on the clipboard, also where pages of insecure origins may not ask for it. */
export async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // Not allowed; the older way may be.
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("The browser does not allow copying; select the text instead.");
}
