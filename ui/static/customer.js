/* Joins the customer page's own buttons to the conversation. */
"use strict";
const assistant = document.querySelector("citroen-assistant");
for (const button of document.querySelectorAll("button[data-question]")) {
  button.addEventListener("click", () => assistant.ask(button.dataset.question));
}
document.getElementById("erase").addEventListener("click", () => assistant.erase());
