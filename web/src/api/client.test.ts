// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, it, vi } from "vitest";
import { get, post, Refused, ServerAway } from "./client";

vi.stubGlobal("__API_URL__", "");

function answer(status: number, body: string): ReturnType<typeof vi.fn> {
  const asked = vi.fn(() => Promise.resolve(new Response(body, { status })));
  vi.stubGlobal("fetch", asked);
  return asked;
}

afterEach(() => {
  vi.stubGlobal("fetch", undefined);
});

it("encodes names in the path and in the query, and leaves out what is undefined", async () => {
  const asked = answer(200, "{}");
  const query = { service: "a&b", endpoint: "GET /x?y", host: undefined };
  await get("/v1/checks/{name}", { path: { name: "a/b c_ks" }, query });
  expect(asked.mock.calls[0]?.[0]).toBe(
    "/v1/checks/a%2Fb%20c_ks?service=a%26b&endpoint=GET+%2Fx%3Fy",
  );
});

it("sends a body as JSON", async () => {
  const asked = answer(201, "{}");
  await post("/v1/baselines", { body: { service: "s" } });
  expect(asked.mock.calls[0]?.[1]).toMatchObject({
    method: "POST",
    body: '{"service":"s"}',
    headers: { "Content-Type": "application/json" },
  });
});

it("a refusal says what the server said", async () => {
  answer(404, '{"title":"Not Found","status":404,"detail":"no events of s"}');
  await expect(get("/v1/services")).rejects.toEqual(new Refused(404, "no events of s"));
});

it.each([
  [503, '{"detail":"the database is not there"}', "the database is not there"],
  [502, "<html>Bad Gateway</html>", "502"],
])("a %d means that the server is away", async (status, body, message) => {
  answer(status, body);
  await expect(get("/v1/services")).rejects.toEqual(new ServerAway(message));
});

it("no answer at all means that the server is away", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  await expect(get("/v1/services")).rejects.toEqual(
    new ServerAway("The server cannot be reached."),
  );
});

it("a query that is no longer wanted is no trouble of the server", async () => {
  const controller = new AbortController();
  controller.abort();
  vi.stubGlobal("fetch", () => Promise.reject(new DOMException("gone", "AbortError")));
  await expect(get("/v1/services", { signal: controller.signal })).rejects.toMatchObject({
    name: "AbortError",
  });
});
