/* Joins the customer page's own buttons to the conversation. */
"use strict";
const assistant = document.querySelector("citroen-assistant");
for (const button of document.querySelectorAll("button[data-question]")) {
  button.addEventListener("click", () => {
    assistant.scrollIntoView({ block: "start" }); // on a phone the questions are below the conversation
    assistant.ask(button.dataset.question);
  });
}
document.getElementById("erase").addEventListener("click", () => assistant.erase());
