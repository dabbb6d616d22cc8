"use strict";

const chooser = document.getElementById("chooser");
const table = document.getElementById("table");
const filter = document.getElementById("filter");
const count = document.getElementById("count");
const order = { column: 0, descending: false };

// What belongs to one side of the report is shown while each choice that it names is taken.
function choose() {
  const taken = Object.fromEntries(new FormData(chooser));
  for (const element of document.querySelectorAll("[data-convention]")) {
    element.hidden = Object.entries(element.dataset).some(([name, value]) => taken[name] !== value);
  }
  arrange();
}

// Numbers by size, names by alphabet; what is undefined stands last either way, and ties in the order of the queries.
function compare(one, other) {
  const [a, b] = [one, other].map((row) => row.cells[order.column].textContent);
  if (a === "–" || b === "–") return (a === "–") - (b === "–");
  const difference = order.column === 1 ? a.localeCompare(b) : Number(a) - Number(b);
  return order.descending ? -difference : difference;
}

function arrange() {
  if (!table) return;
  const body = [...table.tBodies].find((each) => !each.hidden);
  const rows = [...body.rows].sort((one, other) => one.cells[0].textContent - other.cells[0].textContent).sort(compare);
  const wanted = filter.value.trim().toLowerCase();
  for (const row of rows) {
    const [number, name] = [row.cells[0].textContent, row.cells[1].textContent.toLowerCase()];
    row.hidden = wanted !== number && !name.includes(wanted);
  }
  body.append(...rows);
  count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
}

// Names begin with the first, numbers with the greatest; the second press turns it round.
function sort(button) {
  const column = Number(button.dataset.column);
  order.descending = column === order.column ? !order.descending : column > 1;
  order.column = column;
  for (const heading of table.querySelectorAll("[aria-sort]")) heading.removeAttribute("aria-sort");
  button.closest("th").setAttribute("aria-sort", order.descending ? "descending" : "ascending");
  arrange();
}

chooser.addEventListener("change", choose);
chooser.addEventListener("submit", (event) => event.preventDefault());
filter?.addEventListener("input", arrange);
table?.tHead.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) sort(button);
});
choose(); // a browser that comes back keeps the choices of the form
