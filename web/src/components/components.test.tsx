// SPDX-License-Identifier: Apache-2.0
// @vitest-environment jsdom
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { AlarmBadge } from "./AlarmBadge";
import { CategoryBars } from "./CategoryBars";
import { ChartFrame } from "./ChartFrame";
import { HeatMap } from "./HeatMap";
import { Loaded } from "./Loaded";
import { Name } from "./Name";
import { barPath, Sparkline } from "./Sparkline";
import { VerdictBadge } from "./VerdictBadge";

afterEach(cleanup);

it.each([
  ["ok", "OK"],
  ["fail", "Fail"],
  ["insufficient", "Not enough data"],
] as const)("a verdict of %s is a word, not only a colour", (state, word) => {
  render(<VerdictBadge state={state} />);
  expect(screen.getByText(word)).toBeTruthy();
});

it.each([
  ["firing", "Firing"],
  ["pending", "Pending"],
  ["resolved", "Resolved"],
  ["ok", "No alarm"],
  ["insufficient_data", "Not enough data"],
  [null, "Not evaluated"],
] as const)("an alarm that is %s is a word, not only a colour", (state, word) => {
  render(<AlarmBadge state={state} />);
  expect(screen.getByText(word)).toBeTruthy();
});

it("a name is text, isolated from the text around it, and never nothing", () => {
  const { container } = render(
    <>
      <Name>{"<b>x</b>"}</Name>
      <Name>{""}</Name>
    </>,
  );
  expect([...container.querySelectorAll("bdi")].map((element) => element.textContent)).toEqual([
    "<b>x</b>",
    "(empty)",
  ]);
});

it("a chart turns into its table and back", async () => {
  render(
    <ChartFrame title="Latency" summary="All is well." table={() => <p>the table</p>}>
      drawn
    </ChartFrame>,
  );
  expect(screen.getByRole("img", { name: "All is well." })).toBeTruthy();
  const button = screen.getByRole("button", { name: "Table" });
  await userEvent.click(button);
  expect(screen.getByText("the table")).toBeTruthy();
  expect(button.getAttribute("aria-pressed")).toBe("true");
  await userEvent.click(button);
  expect(screen.queryByText("the table")).toBeNull();
});

it("categories say their shares in text, and what is new", () => {
  render(
    <CategoryBars caption="c" bars={[{ name: "EUR", live: 0.25, baseline: 0, remark: "New" }]} />,
  );
  const row = within(screen.getByRole("row", { name: /EUR/ }));
  expect(row.getByText("25 %")).toBeTruthy();
  expect(row.getByText("New")).toBeTruthy();
});

it("a heat map leads from each row's title to its check", () => {
  const row = {
    key: "amount_ks",
    title: "amount",
    states: ["ok", "fail"] as const,
    severities: [0.1, 3],
    href: (step?: number) => `/check?step=${step ?? "now"}`,
    describe: () => "",
  };
  render(<HeatMap rows={[row]} times={[0, 60_000]} end={120_000} />);
  expect(screen.getByRole("link", { name: "amount" }).getAttribute("href")).toBe("/check?step=now");
});

it("a spark line says how many steps failed", () => {
  render(<Sparkline samples={[5, 10, 0]} states={["ok", "fail", "insufficient"]} />);
  expect(screen.getByRole("img", { name: "1 of 3 steps failing" })).toBeTruthy();
});

it("a step with few events among many still shows", () => {
  expect(barPath([1, 10_000], (step) => step === 0)).toBe("M0 20v-1h3v1z");
});

it("an answer stays on screen when the next one fails", () => {
  const content = (data: string) => <p>{data}</p>;
  const { rerender } = render(
    <Loaded of={{ data: undefined, error: null }} what="The overview">
      {content}
    </Loaded>,
  );
  expect(screen.getByText("Loading the overview")).toBeTruthy();
  rerender(
    <Loaded of={{ data: "kept", error: new Error("away") }} what="The overview">
      {content}
    </Loaded>,
  );
  expect(screen.getByText("kept")).toBeTruthy();
  rerender(
    <Loaded of={{ data: undefined, error: new Error("away") }} what="The overview">
      {content}
    </Loaded>,
  );
  expect(screen.getByRole("alert").textContent).toContain("away");
});
