// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import {
  duration,
  fromLocalInput,
  HOUR,
  MINUTE,
  moment,
  rfc3339,
  span,
  toLocalInput,
  withLocalTimes,
} from "./time";

const noon = new Date(2025, 10, 24, 12, 0, 0).getTime();

describe("moment", () => {
  it("leaves out the day today and the year this year", () => {
    const texts = [noon - HOUR, noon - 25 * HOUR, noon - 400 * 24 * HOUR].map((at) =>
      moment(at, noon),
    );
    expect(texts).toEqual(["11:00", "23 Nov 11:00", "20 Oct 2024 12:00"]);
  });

  it("says so when it is no time", () => {
    expect(moment("yesterday-ish")).toBe("an unknown time");
  });
});

describe("span", () => {
  it("names the day once", () => {
    expect(span(noon - 26 * HOUR, noon - 25 * HOUR, noon)).toBe("23 Nov 10:00 – 11:00");
  });

  it("names both days when they differ", () => {
    expect(span(noon - 24 * HOUR, noon, noon)).toBe("23 Nov 12:00 – 12:00");
  });
});

describe("duration", () => {
  it.each([
    [-5, "0 s"],
    [4_600, "5 s"],
    [30 * MINUTE, "30 min"],
    [6 * HOUR, "6 h"],
    [168 * HOUR, "7 d"],
  ])("%d ms is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe("local input", () => {
  it("gives back the minute it was made from", () => {
    expect(fromLocalInput(toLocalInput(noon))).toBe(noon);
  });

  it("is nothing while a person is still typing", () => {
    expect(fromLocalInput("2025-11-24T")).toBeUndefined();
  });
});

it("writes RFC 3339 in UTC", () => {
  expect(rfc3339(0)).toBe("1970-01-01T00:00:00.000Z");
});

it("writes the moments of a sentence in the reader's time", () => {
  const sentence = `70 %, since about ${rfc3339(noon - HOUR)}; of 20.`;
  expect(withLocalTimes(sentence, noon)).toBe("70 %, since about 11:00; of 20.");
});
