"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  form.hidden = false;
  const cases = [...document.querySelectorAll("details.case")];
  const texts = cases.map((one) => one.textContent.toLowerCase());
  const shown = document.getElementById("shown");
  const apply = () => {
    const words = form.elements.words.value.toLowerCase().trim();
    let count = 0;
    cases.forEach((one, place) => {
      const matches =
        texts[place].includes(words) &&
        ["language", "kind", "topic"].every((key) => !form.elements[key].value || one.dataset[key] === form.elements[key].value) &&
        (!form.elements.reason.value || one.dataset.reasons.split(" ").includes(form.elements.reason.value));
      one.hidden = !matches;
      if (matches) count += 1;
    });
    shown.textContent = `${count} / ${cases.length}`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeprint", () => cases.forEach((one) => { one.open = true; }));
  apply();
})();
