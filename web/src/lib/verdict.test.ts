// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { checkFigure, checkTitle, comparesFeature, isMeasure, limitText, ofShape } from "./verdict";

it("takes checks of the shape of events for no measures", () => {
  for (const kind of ["missing", "type", "schema"] as const) {
    expect(isMeasure(kind)).toBe(false);
    expect(comparesFeature(kind)).toBe(false);
    expect(ofShape(kind)).toBe(true);
  }
  expect(isMeasure("tvd")).toBe(true);
  expect(ofShape("tvd")).toBe(false);
});

it("titles them by what they watch", () => {
  expect(checkTitle("schema", "schema")).toBe("Shape of events");
  expect(checkTitle("card.brand_missing", "missing")).toBe("card.brand missing");
  expect(checkTitle("amount_type", "type")).toBe("amount of another type");
});

it("writes shares as percent and changes as counts", () => {
  expect(checkFigure("missing", 0.125)).toBe("12.5 %");
  expect(checkFigure("schema", 3)).toBe("3");
  expect(limitText("missing", 0.02)).toBe("at most 2 %");
  expect(limitText("missing", null)).toBe("judged by its chance");
});
