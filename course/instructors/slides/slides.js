// Keys for slides: arrows, space and Page keys move, Home and End jump, F fills the screen.
// Without this script the slides are a long page.

const slides = [...document.querySelectorAll(".slide")];
const forward = new Set(["ArrowRight", "ArrowDown", "PageDown", " ", "n"]);
const back = new Set(["ArrowLeft", "ArrowUp", "PageUp", "p"]);

const shown = () => {
  const middle = window.innerHeight / 2;
  const at = slides.findIndex((slide) => slide.getBoundingClientRect().bottom > middle);
  return at < 0 ? slides.length - 1 : at;
};

const show = (at) => {
  const slide = slides[Math.min(Math.max(at, 0), slides.length - 1)];
  slide.scrollIntoView();
  history.replaceState(null, "", `#${slide.id}`);
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("a") && event.key === "Enter") return;
  if (forward.has(event.key) && !(event.key === " " && event.shiftKey)) show(shown() + 1);
  else if (back.has(event.key) || event.key === " ") show(shown() - 1);
  else if (event.key === "Home") show(0);
  else if (event.key === "End") show(slides.length - 1);
  else if (event.key === "f") document.documentElement.requestFullscreen?.();
  else return;
  event.preventDefault();
});
