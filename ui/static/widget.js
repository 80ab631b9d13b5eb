/* The brand assistant as a custom element. Plain JavaScript, no dependency, nothing fetched but this server's own API.

   <script src="https://assistant.example/widget.js" data-market="FR" data-language="fr" defer></script>

   Every text that comes from a person or from the server goes into the page by textContent: nothing here parses HTML. */
(() => {
  "use strict";
  const script = document.currentScript;
  const origin = new URL(script ? script.src : location.href).origin;
  const STORE = "citroen-assistant";
  const LIMIT = 2000;

  const TEXTS = {
    fr: { title: "Assistant Citroën", open: "Poser une question", close: "Fermer", ai: "Vous parlez à une intelligence artificielle. Elle répond selon les pages de la marque, sources citées.", ask: "Votre question", send: "Envoyer", stop: "Arrêter", fresh: "Nouvelle conversation", sources: "Sources", source: "Source", good: "Réponse utile", bad: "Réponse pas utile", why: "Qu'est-ce qui manquait ? (facultatif)", rate: "Envoyer l'avis", thanks: "Merci, c'est noté.", person: "Parler à une personne", consent: "Un conseiller lira cette conversation, sans vos données personnelles. D'accord ?", yes: "Oui, transmettre", no: "Non", sent: "C'est transmis à un point de vente Citroën.", reference: "Référence à donner :", lost: "La connexion est perdue. Votre question est gardée.", retry: "Réessayer", busy: "Trop de questions à la fois. Réessayez dans un instant.", erase: "Effacer cette conversation", erased: "La conversation est effacée.", call: "Appeler le", try: "Par exemple", you: "Vous", it: "Assistant", working: "Je cherche dans les pages de la marque…" },
    en: { title: "Citroën assistant", open: "Ask a question", close: "Close", ai: "You are talking to an artificial intelligence. It answers from the brand's pages, with sources.", ask: "Your question", send: "Send", stop: "Stop", fresh: "New conversation", sources: "Sources", source: "Source", good: "Helpful answer", bad: "Not helpful", why: "What was missing? (optional)", rate: "Send feedback", thanks: "Thank you, noted.", person: "Talk to a person", consent: "An adviser will read this conversation, without your personal data. Is that all right?", yes: "Yes, pass it on", no: "No", sent: "It has been passed on to a Citroën point of sale.", reference: "Your reference:", lost: "The connection was lost. Your question is kept.", retry: "Try again", busy: "Too many questions at once. Try again in a moment.", erase: "Erase this conversation", erased: "The conversation is erased.", call: "Call", try: "For example", you: "You", it: "Assistant", working: "Looking in the brand's pages…" },
    es: { title: "Asistente Citroën", open: "Hacer una pregunta", close: "Cerrar", ai: "Habla con una inteligencia artificial. Responde según las páginas de la marca, con fuentes.", ask: "Su pregunta", send: "Enviar", stop: "Parar", fresh: "Nueva conversación", sources: "Fuentes", source: "Fuente", good: "Respuesta útil", bad: "No es útil", why: "¿Qué faltaba? (opcional)", rate: "Enviar opinión", thanks: "Gracias, anotado.", person: "Hablar con una persona", consent: "Un asesor leerá esta conversación, sin sus datos personales. ¿De acuerdo?", yes: "Sí, enviar", no: "No", sent: "Se ha enviado a un punto de venta Citroën.", reference: "Su referencia:", lost: "Se perdió la conexión. Su pregunta se conserva.", retry: "Reintentar", busy: "Demasiadas preguntas a la vez. Inténtelo en un momento.", erase: "Borrar esta conversación", erased: "La conversación se ha borrado.", call: "Llamar al", try: "Por ejemplo", you: "Usted", it: "Asistente", working: "Busco en las páginas de la marca…" },
    de: { title: "Citroën-Assistent", open: "Frage stellen", close: "Schließen", ai: "Sie sprechen mit einer künstlichen Intelligenz. Sie antwortet aus den Seiten der Marke, mit Quellen.", ask: "Ihre Frage", send: "Senden", stop: "Stopp", fresh: "Neues Gespräch", sources: "Quellen", source: "Quelle", good: "Hilfreich", bad: "Nicht hilfreich", why: "Was hat gefehlt? (freiwillig)", rate: "Senden", thanks: "Danke, notiert.", person: "Mit einem Menschen sprechen", consent: "Eine Beraterin oder ein Berater liest dieses Gespräch, ohne Ihre persönlichen Daten. Einverstanden?", yes: "Ja, weitergeben", no: "Nein", sent: "Es wurde an einen Citroën-Händler weitergegeben.", reference: "Ihr Zeichen:", lost: "Die Verbindung ist unterbrochen. Ihre Frage bleibt erhalten.", retry: "Noch einmal", busy: "Zu viele Fragen auf einmal. Bitte gleich noch einmal.", erase: "Dieses Gespräch löschen", erased: "Das Gespräch ist gelöscht.", call: "Anrufen:", try: "Zum Beispiel", you: "Sie", it: "Assistent", working: "Ich suche in den Seiten der Marke…" },
    it: { title: "Assistente Citroën", open: "Fare una domanda", close: "Chiudi", ai: "Sta parlando con un'intelligenza artificiale. Risponde dalle pagine della marca, con le fonti.", ask: "La sua domanda", send: "Invia", stop: "Ferma", fresh: "Nuova conversazione", sources: "Fonti", source: "Fonte", good: "Risposta utile", bad: "Non utile", why: "Che cosa mancava? (facoltativo)", rate: "Invia", thanks: "Grazie, annotato.", person: "Parlare con una persona", consent: "Un consulente leggerà questa conversazione, senza i suoi dati personali. Va bene?", yes: "Sì, inoltra", no: "No", sent: "È stata inoltrata a un punto vendita Citroën.", reference: "Il suo riferimento:", lost: "Connessione persa. La sua domanda è conservata.", retry: "Riprova", busy: "Troppe domande insieme. Riprovi tra poco.", erase: "Cancella questa conversazione", erased: "La conversazione è cancellata.", call: "Chiama il", try: "Per esempio", you: "Lei", it: "Assistente", working: "Cerco nelle pagine della marca…" },
    pt: { title: "Assistente Citroën", open: "Fazer uma pergunta", close: "Fechar", ai: "Está a falar com uma inteligência artificial. Responde a partir das páginas da marca, com fontes.", ask: "A sua pergunta", send: "Enviar", stop: "Parar", fresh: "Nova conversa", sources: "Fontes", source: "Fonte", good: "Resposta útil", bad: "Não é útil", why: "O que faltava? (opcional)", rate: "Enviar", thanks: "Obrigado, anotado.", person: "Falar com uma pessoa", consent: "Um consultor vai ler esta conversa, sem os seus dados pessoais. De acordo?", yes: "Sim, enviar", no: "Não", sent: "Foi enviada a um ponto de venda Citroën.", reference: "A sua referência:", lost: "A ligação perdeu-se. A sua pergunta está guardada.", retry: "Tentar de novo", busy: "Demasiadas perguntas ao mesmo tempo. Tente daqui a pouco.", erase: "Apagar esta conversa", erased: "A conversa foi apagada.", call: "Ligar para o", try: "Por exemplo", you: "Você", it: "Assistente", working: "Procuro nas páginas da marca…" },
    nl: { title: "Citroën-assistent", open: "Stel een vraag", close: "Sluiten", ai: "U praat met een kunstmatige intelligentie. Ze antwoordt uit de pagina's van het merk, met bronnen.", ask: "Uw vraag", send: "Versturen", stop: "Stoppen", fresh: "Nieuw gesprek", sources: "Bronnen", source: "Bron", good: "Nuttig antwoord", bad: "Niet nuttig", why: "Wat ontbrak er? (niet verplicht)", rate: "Versturen", thanks: "Dank u, genoteerd.", person: "Met een mens praten", consent: "Een adviseur leest dit gesprek, zonder uw persoonsgegevens. Akkoord?", yes: "Ja, doorgeven", no: "Nee", sent: "Het is doorgegeven aan een Citroën-verkooppunt.", reference: "Uw kenmerk:", lost: "De verbinding is verbroken. Uw vraag blijft bewaard.", retry: "Opnieuw", busy: "Te veel vragen tegelijk. Probeer het zo nog eens.", erase: "Dit gesprek wissen", erased: "Het gesprek is gewist.", call: "Bel", try: "Bijvoorbeeld", you: "U", it: "Assistent", working: "Ik zoek in de pagina's van het merk…" },
  };

  const STYLE = `
:host { all: initial !important; --accent: var(--ca-accent, #b3122a); --on-accent: var(--ca-on-accent, #fff); --paper: var(--ca-paper, #fff); --ink: var(--ca-ink, #1c1c1f); --soft: var(--ca-soft, #f2f1ee); --line: var(--ca-line, #d5d3ce); --quiet: var(--ca-quiet, #5a5a61); --radius: var(--ca-radius, 14px);
  font: 16px/1.5 var(--ca-font, system-ui, sans-serif) !important; color: var(--ink) !important; color-scheme: light dark !important; display: contents !important; }
@media (prefers-color-scheme: dark) { :host { --accent: var(--ca-accent, #ff8a94); --on-accent: var(--ca-on-accent, #26060a); --paper: var(--ca-paper, #17181b); --ink: var(--ca-ink, #f1f0ee); --soft: var(--ca-soft, #24262b); --line: var(--ca-line, #3d4047); --quiet: var(--ca-quiet, #b4b4bc); } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button { font: inherit; color: inherit; cursor: pointer; min-block-size: 44px; min-inline-size: 44px; border: 1px solid var(--line); border-radius: 999px; background: var(--paper); padding: 6px 16px; }
button:focus-visible, a:focus-visible, textarea:focus-visible, .log:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.main { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 600; }
.launch { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; box-shadow: 0 6px 24px rgb(0 0 0 / .25); padding-inline: 22px; }
.panel { display: flex; flex-direction: column; background: var(--paper); overflow: hidden; }
:host(:not([page])) .panel { position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483001; inline-size: min(420px, calc(100vw - 32px)); block-size: min(680px, calc(100dvh - 32px)); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: 0 12px 48px rgb(0 0 0 / .3); }
:host([page]) { display: block !important; block-size: 100% !important; } :host([page]) .panel { block-size: 100%; }
@media (max-width: 480px) { :host(:not([page])) .panel { inset: 0; inline-size: 100%; block-size: 100dvh; border: 0; border-radius: 0; } }
header { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 16px; border-block-end: 1px solid var(--line); }
header strong { flex: 1; font-size: 1.05em; }
header button { border: 0; padding: 4px 10px; font-size: .9em; background: none; } header button:hover { background: var(--soft); }
.ai { margin: 0; padding: 8px 16px; background: var(--soft); color: var(--quiet); font-size: .875em; }
header .ai { flex: 1; padding: 0; background: none; } :host([page]) header button { line-height: 1.25; }
@media (max-width: 480px) { header .ai { font-size: .8125em; line-height: 1.4; } :host([page]) header button { max-inline-size: 8em; } }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px; margin: 0; display: flex; flex-direction: column; gap: 14px; }
.log > * { max-inline-size: 100%; overflow-wrap: anywhere; }
.you { align-self: flex-end; background: var(--soft); border-radius: var(--radius); padding: 10px 14px; max-inline-size: 88%; white-space: pre-wrap; }
.it p, .it ol, .it ul { margin: 0 0 .6em; } .it ol { padding-inline-start: 1.6em; }
.it ol > li + li { margin-block-start: .25em; }
.urgent { border: 3px solid var(--accent); border-radius: var(--radius); padding: 14px; font-size: 1.1em; font-weight: 600; }
.cite { min-block-size: 24px; min-inline-size: 24px; padding: 0 6px; font-size: .75em; line-height: 1.8; vertical-align: .15em; margin-inline: 2px; border-radius: 6px; color: var(--accent); }
details { font-size: .9em; color: var(--quiet); } summary { cursor: pointer; padding-block: 8px; min-block-size: 40px; }
a { color: var(--accent); } details li { margin-block-end: .5em; } details blockquote { margin: .2em 0 0; padding-inline-start: 10px; border-inline-start: 2px solid var(--line); }
.row { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 8px; align-items: center; }
.row .small { font-size: .9em; text-align: start; } .row textarea { flex-basis: 100%; } .row p { margin: 0; flex-basis: 100%; }
.row p:focus { outline: none; }
.note { color: var(--quiet); font-size: .9em; margin: 0; }
form { display: flex; gap: 8px; padding: 12px; border-block-start: 1px solid var(--line); align-items: center; }
textarea { flex: 1; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 12px; padding: 10px 12px; min-block-size: 46px; max-block-size: 160px; resize: none; field-sizing: content; inline-size: 100%; }
.box { flex: 1; display: grid; } .count { font-size: .75em; color: var(--quiet); }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) { .log { scroll-behavior: smooth; } .wait::after { content: ""; display: inline-block; inline-size: 8px; block-size: 8px; margin-inline-start: 8px; border-radius: 50%; background: var(--accent); animation: pulse 1s infinite alternate; } @keyframes pulse { from { opacity: .2; } } }
@media print { .launch, form, header button { display: none; } }`;

  /** Keep French punctuation with the word before it; other languages put no space there. */
  const typeset = (text) => text.replace(/ (?=[?!;:»])/g, "\u202f").replace(/« /g, "«\u202f");

  const make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (key === "textContent") { element.textContent = typeset(value); element.dir ||= "auto"; }
      else if (key in element && key !== "role") element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  /** Yield {name, data} for each server-sent event of a response. */
  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const field = (name) => lines.filter((line) => line.startsWith(name + ": ")).map((line) => line.slice(name.length + 2)).join("\n");
        if (field("data")) yield { name: field("event"), data: JSON.parse(field("data")) };
      }
    }
  }

  class Assistant extends HTMLElement {
    connectedCallback() {
      if (this.root) return;
      this.base = this.dataset.api || origin;
      this.language = (this.dataset.language || document.documentElement.lang || navigator.language || "fr").slice(0, 2).toLowerCase();
      this.texts = TEXTS[this.language] || TEXTS.en;
      this.page = this.hasAttribute("page");
      this.root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.root.adoptedStyleSheets = [sheet];
      this.kept = this.recall();
      this.draw();
      for (const turn of this.kept.turns) this.showTurn(turn);
      if (!this.kept.turns.length) this.showExamples();
    }

    recall() {
      try {
        const kept = JSON.parse(sessionStorage.getItem(STORE));
        if (kept && Array.isArray(kept.turns)) return kept;
      } catch { /* private mode, or another version's: begin anew */ }
      return { turns: [] };
    }

    keep() {
      try { sessionStorage.setItem(STORE, JSON.stringify(this.kept)); } catch { /* it is then kept for this page only */ }
    }

    draw() {
      const t = this.texts;
      this.log = make("div", { className: "log", role: "log", "aria-live": "polite", "aria-label": t.title, tabIndex: 0 });
      this.input = make("textarea", { rows: 1, maxLength: LIMIT, placeholder: t.ask, "aria-label": t.ask, dir: "auto", enterKeyHint: "send", value: this.kept.draft || "" });
      this.count = make("span", { className: "count", hidden: true });
      this.sendButton = make("button", { className: "main", type: "submit", textContent: t.send });
      this.stopButton = make("button", { type: "button", textContent: t.stop, hidden: true, onclick: () => this.stopping?.abort() });
      const form = make("form", { onsubmit: (event) => { event.preventDefault(); this.ask(this.input.value); } },
        make("div", { className: "box" }, this.input, this.count), this.sendButton, this.stopButton);
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
      });
      this.input.addEventListener("input", () => {
        this.kept.draft = this.input.value;
        this.count.hidden = this.input.value.length < LIMIT * 0.8;
        this.count.textContent = `${this.input.value.length} / ${LIMIT}`;
        this.keep();
      });
      const fresh = make("button", { type: "button", textContent: t.fresh, onclick: () => this.startAnew() });
      const close = make("button", { type: "button", textContent: "×", "aria-label": t.close, onclick: () => this.toggle(false), hidden: this.page });
      const notice = make("p", { className: "ai", role: "status", textContent: t.ai });
      const frame = this.page ? {} : { role: "dialog", "aria-label": t.title };
      this.panel = make("section", { className: "panel", ...frame, hidden: !this.page },
        make("header", {}, this.page ? notice : make("strong", { textContent: t.title }), fresh, close), ...(this.page ? [] : [notice]), this.log, form);
      this.panel.lang = TEXTS[this.language] ? this.language : "en";
      this.panel.addEventListener("keydown", (event) => { if (event.key === "Escape" && !this.page) this.toggle(false); });
      this.launch = make("button", { className: "launch main", type: "button", "aria-haspopup": "dialog", hidden: this.page, onclick: () => this.toggle(true) },
        make("span", { textContent: t.open })); // whose own direction leaves the button on the side that the page gives it
      this.root.append(this.panel, this.launch);
    }

    toggle(open) {
      this.panel.hidden = !open;
      this.launch.hidden = open;
      (open ? this.input : this.launch).focus();
    }

    startAnew() {
      this.stopping?.abort();
      this.kept = { turns: [], token: this.kept.token, began: this.kept.began };
      this.keep();
      this.log.replaceChildren();
      this.showExamples();
      this.input.focus();
    }

    showExamples() {
      let examples = [];
      try { examples = JSON.parse(this.dataset.examples || "[]"); } catch { /* a page's mistake costs the examples only */ }
      if (!examples.length) return;
      this.examples = this.log.appendChild(make("div", {}, make("p", { className: "note", textContent: this.texts.try }), this.buttons(examples)));
    }

    buttons(labels) {
      return make("div", { className: "row" }, ...labels.map((label) => make("button", { type: "button", className: "small", textContent: label, onclick: () => this.ask(label) })));
    }

    headers() {
      return { "Content-Type": "application/json", ...(this.kept.token ? { "X-Visitor-Token": this.kept.token } : {}) };
    }

    call(path, method, body) {
      return fetch(this.base + path, { method, headers: this.headers(), body: body && JSON.stringify(body), signal: this.stopping?.signal });
    }

    async ask(text) {
      const question = text.trim().slice(0, LIMIT);
      if (!question || this.stopping) return;
      this.stopping = new AbortController();
      this.sendButton.hidden = true;
      this.stopButton.hidden = false;
      this.examples?.remove();
      const asked = this.log.appendChild(this.bubble(question));
      const item = this.log.appendChild(make("div", { className: "it", dir: "auto" }));
      const body = item.appendChild(make("p", { className: "wait", textContent: this.texts.working }));
      this.scroll();
      if (this.input.value.trim() === question) { this.input.value = ""; this.kept.draft = ""; this.count.hidden = true; }
      try {
        const done = await this.stream(question, body);
        const turn = { question, answer: done, turn: done.turn };
        this.kept.turns.push(turn);
        item.replaceWith(this.answer(turn));
        this.keep();
        this.log.scrollTop = asked.offsetTop - this.log.offsetTop;
      } catch (error) {
        if (error.name === "AbortError") { item.remove(); asked.remove(); this.input.value ||= question; }
        else this.showLost(item, asked, question, error);
        this.scroll();
      }
      this.log.ariaBusy = "false";
      this.stopping = null;
      this.sendButton.hidden = false;
      this.stopButton.hidden = true;
      this.keep();
    }

    async stream(question, body) {
      const request = { question, conversation_id: this.kept.conversation || null, market: this.dataset.market || null, channel: "website", vehicle: this.dataset.vehicle || null };
      const response = await this.call("/v1/chat", "POST", request);
      if (!response.ok) throw new Error(String(response.status));
      this.kept.token = response.headers.get("X-Visitor-Token") || this.kept.token;
      let text = "";
      for await (const { name, data } of events(response)) {
        if (name === "start") {
          this.kept.began = [...new Set([...(this.kept.began || []), data.conversation_id])];
        } else if (name === "delta") {
          text += data.text;
          body.className = "";
          body.textContent = typeset(text.replace(/ ?\[\d+\]/g, ""));
          this.log.ariaBusy = "true"; // a screen reader then tells the whole answer, once
          body.style.whiteSpace = "pre-wrap";
          this.scroll();
        } else if (name === "done") {
          this.kept.conversation = data.conversation_id;
          return data;
        } else if (name === "error") throw new Error(data.code);
      }
      throw new Error("cut");
    }

    /** Say that an answer did not arrive whole; what was told of it stays until it is asked for again. */
    showLost(item, asked, question, error) {
      const busy = ["429", "503", "busy"].includes(error.message);
      const again = () => { item.remove(); asked.remove(); this.log.focus({ preventScroll: true }); this.ask(question); };
      item.querySelector(".wait")?.remove();
      item.append(make("p", { role: "alert", textContent: busy ? this.texts.busy : this.texts.lost }),
        make("button", { type: "button", textContent: this.texts.retry, onclick: again }));
      if (!this.input.value) { this.input.value = question; this.kept.draft = question; }
    }

    bubble(question) {
      return make("div", { className: "you", dir: "auto" }, make("span", { className: "hidden", textContent: `${this.texts.you}: ` }), question);
    }

    showTurn(turn) {
      this.log.append(this.bubble(turn.question), this.answer(turn));
      this.kept.conversation = turn.answer.conversation_id;
    }

    answer(turn) {
      const { answer } = turn;
      const urgent = answer.decision === "emergency";
      const item = make("div", { className: urgent ? "it urgent" : "it", dir: "auto", lang: answer.language }, make("span", { className: "hidden", textContent: `${this.texts.it}: ` }), ...this.paragraphs(answer));
      const number = urgent && /\b(112|999|911)\b/.exec(answer.text);
      if (number) item.append(make("p", {}, make("a", { href: `tel:${number[1]}`, textContent: `${this.texts.call} ${number[1]}` })));
      if (answer.choices.length) item.append(this.buttons(answer.choices));
      if (answer.citations.length) item.append(this.sources(answer.citations));
      if (!urgent) item.append(this.feedback(turn));
      if (answer.suggestions.length && !answer.choices.length) item.append(this.buttons(answer.suggestions));
      return item;
    }

    /** Turn the answer's text into paragraphs and lists, its [1] into buttons that open the source. */
    paragraphs(answer) {
      const blocks = [];
      let list = null;
      for (const line of answer.text.split("\n")) {
        const step = /^(\d+)\. (.*)$/.exec(line);
        if (step) {
          if (!list) { list = make("ol", { start: Number(step[1]) }); blocks.push(list); }
          list.append(make("li", {}, ...this.marked(step[2], answer.citations)));
        } else if (line.trim()) {
          list = null;
          blocks.push(make("p", {}, ...this.marked(line, answer.citations)));
        } else if (!line.trim()) list = null;
      }
      return blocks;
    }

    marked(text, citations) {
      return text.split(/(\[\d+\])/).map((part) => {
        const number = /^\[(\d+)\]$/.exec(part);
        const citation = number && citations.find((known) => known.n === Number(number[1]));
        if (!citation) return typeset(part);
        const label = `${this.texts.source} ${citation.n}: ${citation.title}`;
        return make("button", { type: "button", className: "cite", textContent: number[1], "aria-label": label, onclick: () => open(this.passage(citation), "_blank", "noopener") });
      });
    }

    passage(citation) {
      return `${this.base}/passages/${encodeURIComponent(citation.chunk_id)}#passage`;
    }

    sources(citations) {
      const rows = citations.map((citation) => make("li", { value: citation.n },
        make("a", { href: this.passage(citation), target: "_blank", rel: "noopener", textContent: `${citation.title} — ${citation.section}` }),
        ` (${citation.sources.map((source) => source.label).join("; ")})`,
        make("blockquote", { textContent: citation.quote, lang: citation.language })));
      return make("details", {}, make("summary", { textContent: `${this.texts.sources} (${citations.length})` }), make("ol", {}, ...rows));
    }

    /** Put something else into a row, in view and with the focus on it, so that neither eyes nor a keyboard lose their place. */
    settle(row, first, ...others) {
      row.replaceChildren(first, ...others);
      row.scrollIntoView({ block: "nearest" });
      if (first.tagName === "P") first.tabIndex = -1;
      first.focus({ preventScroll: true });
    }

    feedback(turn) {
      const t = this.texts;
      const row = make("div", { className: "row" });
      const button = (label, onclick) => make("button", { type: "button", className: "small", textContent: label, onclick });
      const person = button(t.person, () => this.handOver(turn, row));
      const wantsPerson = ["handover", "decline"].includes(turn.answer.decision);
      const rate = async (thumb, comment) => {
        const body = { conversation_id: turn.answer.conversation_id, turn: turn.turn, thumb, ...(comment ? { comment } : {}) };
        const response = await this.call("/v1/ratings", "POST", body).catch(() => null);
        const said = make("p", { className: "note", role: "status", textContent: response?.ok ? t.thanks : t.lost });
        const next = response?.ok ? [] : [button(t.retry, () => rate(thumb, comment))];
        this.settle(row, said, ...next, ...(wantsPerson || thumb === "down" ? [person] : []));
      };
      const why = () => {
        const field = make("textarea", { rows: 2, maxLength: LIMIT, "aria-label": t.why, placeholder: t.why, dir: "auto" });
        this.settle(row, field, button(t.rate, () => rate("down", field.value.trim())));
      };
      row.append(button(t.good, () => rate("up")), button(t.bad, why), ...(wantsPerson ? [person] : []));
      return row;
    }

    handOver(turn, row) {
      const t = this.texts;
      const pass = async () => {
        const response = await this.call("/v1/handovers", "POST", { conversation_id: turn.answer.conversation_id, consent: true }).catch(() => null);
        const reference = response?.ok ? (await response.json()).handover_id.slice(0, 6).toUpperCase() : "";
        const said = reference ? `${t.sent} ${t.reference} ${reference}` : t.lost;
        const again = make("button", { type: "button", textContent: t.retry, onclick: pass });
        this.settle(row, make("p", { className: "note", role: "status", textContent: said }), ...(reference ? [] : [again]));
      };
      this.settle(row, make("p", { textContent: t.consent }),
        make("button", { type: "button", className: "main", textContent: t.yes, onclick: pass }),
        make("button", { type: "button", textContent: t.no, onclick: () => row.replaceWith(this.feedback(turn)) }));
    }

    /** Erase the conversation on the server and here; for a page's own button. */
    async erase() {
      const known = this.kept.began || [];
      const asked = known.map((id) => this.call(`/v1/conversations/${encodeURIComponent(id)}`, "DELETE").catch(() => null));
      // Gone already (404) is erased too; what is still there is said and kept for another try.
      const left = (await Promise.all(asked)).map((response, place) => (response?.ok || response?.status === 404 ? null : known[place])).filter(Boolean);
      if (!left.length) this.startAnew();
      this.kept.began = left;
      this.keep();
      this.log.append(make("p", { className: "note", role: "status", textContent: left.length ? this.texts.lost : this.texts.erased }));
      this.scrollIntoView({ block: "start" });
    }

    scroll() { this.log.scrollTop = this.log.scrollHeight; }
  }

  if (!customElements.get("citroen-assistant")) customElements.define("citroen-assistant", Assistant);
  if (script && script.dataset.embed !== "no" && !document.querySelector("citroen-assistant")) {
    const add = () => {
      const element = document.createElement("citroen-assistant");
      for (const name of ["market", "language", "vehicle", "examples"]) if (script.dataset[name]) element.dataset[name] = script.dataset[name];
      document.body.append(element);
    };
    if (document.body) add(); else addEventListener("DOMContentLoaded", add);
  }
})();
