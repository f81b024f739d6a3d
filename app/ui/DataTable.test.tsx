// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { type Column, DataTable } from "./DataTable.tsx";

afterEach(cleanup);

const columns: Column<string>[] = [{ key: "id", head: "Id", cell: (id) => id, sort: (id) => id }];

function show(rows: readonly string[]) {
  render(
    <MantineProvider env="test">
      <DataTable name="Ids" rows={rows} columns={columns} rowKey={(id) => id} empty="None." />
    </MantineProvider>,
  );
}

const heads = () => screen.queryAllByRole("rowheader").map(({ textContent }) => textContent);

describe("DataTable", () => {
  it("shows at most 200 rows and reaches the rest by pages", () => {
    const rows = Array.from({ length: 450 }, (_, index) => `case ${index}`);
    show(rows);
    expect(heads()).toEqual(rows.slice(0, 200));
    fireEvent.click(screen.getByRole("button", { name: "Page 3" }));
    expect(heads()).toEqual(rows.slice(400));
  });

  it("sorts numbers in ids as numbers", () => {
    show(["case10", "case9", "case1"]);
    fireEvent.click(screen.getByRole("button", { name: "Id" }));
    expect(heads()).toEqual(["case1", "case9", "case10"]);
  });

  it("says that it is empty", () => {
    show([]);
    expect(screen.getByText("None.")).toBeTruthy();
  });
});
