// SPDX-License-Identifier: Apache-2.0
import { QueryObserver, type QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { ServerAway } from "./client";
import { freshnessOf } from "./freshness";
import { makeQueryClient } from "./polling";

/** Looks at a query as a view does, until its answer is there. */
async function watch(
  client: QueryClient,
  key: string,
  answer: () => Promise<unknown>,
  at = 0,
): Promise<() => void> {
  const observer = new QueryObserver(client, {
    queryKey: [key],
    queryFn: answer,
    refetchInterval: false,
  });
  const stop = observer.subscribe(() => undefined);
  await observer.refetch();
  if (at) client.setQueryData([key], "data", { updatedAt: at });
  return stop;
}

it("waits while nothing has been asked", () => {
  expect(freshnessOf(makeQueryClient().getQueryCache())).toEqual({ state: "waiting" });
});

it("is as old as the oldest answer on screen", async () => {
  const client = makeQueryClient();
  await watch(client, "a", () => Promise.resolve(1), 1000);
  await watch(client, "b", () => Promise.resolve(1), 2000);
  expect(freshnessOf(client.getQueryCache())).toEqual({ state: "live", updatedAt: 1000 });
});

it("does not ask about what nobody looks at any more", async () => {
  const client = makeQueryClient();
  const stop = await watch(client, "a", () => Promise.resolve(1), 1000);
  await watch(client, "b", () => Promise.resolve(1), 2000);
  stop();
  expect(freshnessOf(client.getQueryCache())).toEqual({ state: "live", updatedAt: 2000 });
});

it("does not count what is asked for seldom", async () => {
  const client = makeQueryClient();
  await watch(client, "a", () => Promise.resolve(1), 5000);
  const seldom = new QueryObserver(client, {
    queryKey: ["b"],
    queryFn: () => Promise.resolve(1),
    refetchInterval: false,
    meta: { seldom: true },
  });
  seldom.subscribe(() => undefined);
  await seldom.refetch();
  client.setQueryData(["b"], "data", { updatedAt: 1000 });
  expect(freshnessOf(client.getQueryCache())).toEqual({ state: "live", updatedAt: 5000 });
});

it("says that the server is away, and how old the last answer is", async () => {
  const client = makeQueryClient();
  await watch(client, "a", () => Promise.resolve(1), 1000);
  await watch(client, "b", () => Promise.reject(new ServerAway("The server cannot be reached.")));
  expect(freshnessOf(client.getQueryCache())).toMatchObject({
    state: "away",
    updatedAt: 1000,
    reason: "The server cannot be reached.",
  });
});
