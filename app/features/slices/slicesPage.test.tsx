// @vitest-environment happy-dom
import { cleanup, configure, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { easyJobs, pageServices } from "../../../testing/pageServices.ts";
import { App } from "../../App.tsx";
import { createActions } from "../../actions/actions.ts";
import { createAppStore } from "../../store/store.ts";

// A busy machine answers late; nothing here is about time.
configure({ asyncUtilTimeout: 30_000 });

let close = () => {};
beforeEach(() => {
  location.hash = "#slices";
});
afterEach(() => {
  cleanup();
  close();
  location.hash = "";
});

async function openPage() {
  const { services, close: end } = pageServices(easyJobs());
  close = end;
  const store = createAppStore();
  const actions = createActions({ store, services });
  render(<App page={{ store, actions }} />);
  return { store, actions };
}

describe("the step Slices", () => {
  it("says it is optional and asks for a cohort", async () => {
    await openPage();
    expect(screen.getByText(/^Optional: see which slices/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "Open a cohort" })).toBeTruthy();
  });

  it("compares strategies on a case and over the cohort, and hands them to the experiment", async () => {
    const { store, actions } = await openPage();
    await actions.loadSampleCohort();
    const table = await screen.findByRole("table", { name: "Diagnostics of strategies" });
    const names = within(table)
      .getAllByRole("row")
      .slice(1)
      .map((row) => within(row).getAllByRole("cell")[0]?.textContent);
    const heads = within(table)
      .getAllByRole("rowheader")
      .map(({ textContent }) => textContent);
    expect([...new Set([...names, ...heads])]).toEqual(
      expect.arrayContaining(["Fixed interval", "Random", "Unsupervised", "Core-set"]),
    );
    // Density 0.1 of twenty slices 2 mm apart.
    const axis = screen.getAllByRole("img", { name: "2 of 20 slices picked, at 10, 30 mm" });
    expect(axis.length).toBeGreaterThan(0);

    fireEvent.click(screen.getByRole("checkbox", { name: "TypiClust" }));
    await screen.findByRole("region", { name: "TypiClust" });
    fireEvent.click(screen.getByRole("button", { name: "Use these in the experiment" }));
    expect(store.getState().experiment.strategies).toContain("typiclust");
  });

  it("says why a density gives no slice", async () => {
    const { actions } = await openPage();
    await actions.loadSampleCohort();
    const density = await screen.findByRole("textbox", { name: /Density/ });
    fireEvent.change(density, { target: { value: "0.5" } });
    expect(await screen.findByText(/density must give at least one slice, got 0.005/)).toBeTruthy();
  });

  it("marks picks on the map and shows a slice from its table", async () => {
    const { actions } = await openPage();
    await actions.loadSampleCohort();
    const table = await screen.findByRole("table", { name: "Picked slices on the map" });
    const buttons = await within(table).findAllByRole("button", { name: /^Show slice/ });
    fireEvent.click(buttons[0] as HTMLElement);
    expect(await screen.findByRole("img", { name: /^Slice \d+ of / })).toBeTruthy();
  });
});
