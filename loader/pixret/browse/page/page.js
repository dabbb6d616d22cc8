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

// The list shows the query that is on the screen.
const current = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) jump.value = target.id;
  }
}, { rootMargin: "-25% 0px -74% 0px" });
sheets.forEach((sheet) => current.observe(sheet));

function go(index) {
  const sheet = sheets[Math.min(Math.max(index, 0), sheets.length - 1)];
  sheet.scrollIntoView();
  jump.value = sheet.id;
  history.replaceState(null, "", `#${sheet.id}`);
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
