"use strict";

const thumbnails = JSON.parse(document.getElementById("thumbnails").textContent);
const images = document.querySelectorAll("img[data-thumbnail]");
const sheets = [...document.querySelectorAll(".sheet")];
const jump = document.getElementById("jump");
const toggles = document.querySelectorAll("[data-toggle]");

// Pictures are decoded when they come near the screen; each is stored once, however many queries show it.
const load = (image) => { image.src = thumbnails[image.dataset.thumbnail]; };
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      load(target);
      near.unobserve(target);
    }
  }
}, { rootMargin: "50% 0px" });
images.forEach((image) => near.observe(image));
addEventListener("beforeprint", () => images.forEach(load));

// Where one jumped to. Sheets that are laid out for the first time may push it away, so it is held there until one
// scrolls by oneself; from then on, the list follows the screen.
let target = null;
for (const event of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  addEventListener(event, () => { target = null; }, { capture: true, passive: true });
}
const held = new ResizeObserver(() => target?.scrollIntoView());
const passed = new IntersectionObserver(() => {
  const here = sheets.findLast((sheet) => sheet.getBoundingClientRect().top < innerHeight / 4);
  jump.value = (target ?? here ?? sheets[0]).id;
}, { rootMargin: "-25% 0px -74% 0px" });
for (const sheet of sheets) {
  held.observe(sheet);
  passed.observe(sheet);
}

function go(index) {
  target = sheets[Math.min(Math.max(index, 0), sheets.length - 1)];
  target.scrollIntoView();
  jump.value = target.id;
  history.replaceState(null, "", `#${target.id}`);
}

function toggle(button) {
  const pressed = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", pressed);
  document.body.classList.toggle(`without-${button.dataset.toggle}`, !pressed);
}

const press = (name) => {
  const button = document.querySelector(`[data-toggle="${name}"]`);
  if (button) toggle(button);
};
const keys = {
  j: () => go(jump.selectedIndex + 1),
  k: () => go(jump.selectedIndex - 1),
  1: () => press("easy"),
  2: () => press("hard"),
  3: () => press("junk"),
  o: () => press("label"),
  p: () => press("prediction"),
};

toggles.forEach((button) => button.addEventListener("click", () => toggle(button)));
jump.addEventListener("change", () => go(jump.selectedIndex));
document.getElementById("previous").addEventListener("click", keys.k);
document.getElementById("next").addEventListener("click", keys.j);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target === jump) return;
  keys[event.key]?.();
});

const asked = sheets.findIndex((sheet) => `#${sheet.id}` === location.hash);
if (asked >= 0) go(asked);
