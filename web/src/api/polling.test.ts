// SPDX-License-Identifier: Apache-2.0
// @vitest-environment jsdom
import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeQueryClient } from "./polling";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watch(answer: () => Promise<string>) {
  const client = makeQueryClient();
  const observer = new QueryObserver(client, { queryKey: ["/v1/overview"], queryFn: answer });
  const end = observer.subscribe(() => undefined);
  return { observer, end };
}

it("asks at once and then every five seconds", async () => {
  const answer = vi.fn(() => Promise.resolve("fine"));
  const { end } = watch(answer);
  await vi.advanceTimersByTimeAsync(4999);
  expect(answer).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(answer).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(answer).toHaveBeenCalledTimes(7);
  end();
});

it("goes on asking while the server is away, and keeps the last answer", async () => {
  const answer = vi.fn(() => Promise.resolve("fine"));
  const { observer, end } = watch(answer);
  await vi.advanceTimersByTimeAsync(0);
  answer.mockRejectedValue(new Error("away"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(answer).toHaveBeenCalledTimes(3);
  expect(observer.getCurrentResult()).toMatchObject({ data: "fine", isError: true });
  answer.mockResolvedValue("back");
  await vi.advanceTimersByTimeAsync(5000);
  expect(observer.getCurrentResult()).toMatchObject({ data: "back", isError: false });
  end();
});
