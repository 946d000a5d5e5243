// The filter box: completes names of properties, functions and values while a CQL2 text is written. All words stand in
// the page; the box works without this script, too.
"use strict";

(() => {
  const WORD = /[\p{L}\p{N}_]*$/u;
  const NAME = String.raw`(?:"([^"]+)"|([\p{L}_][\p{L}\p{N}_]*))`;
  // A property, an operator, and so far nothing but finished values of its list
  const COMPARED = new RegExp(String.raw`${NAME}\s*(?:=|<>|<=|>=|<|>|(?:NOT\s+)?(?:LIKE|IN\s*\()\s*|IN\s*\((?:\s*'(?:[^']|'')*'\s*,)*)\s*$`, "iu");
  const AFTER_NAME = new RegExp(String.raw`${NAME}\s+$`, "u");
  const OPERATORS = ["=", "<>", "<", "<=", ">", ">=", "IN (", "LIKE '", "BETWEEN ", "IS NULL", "IS NOT NULL"];
  const KEYWORDS = ["AND", "OR", "NOT"];
  const MOST = 40;

  // Whether the caret stands within a text in single quotes, and where that text begins
  function quoted(before) {
    let start = -1;
    for (let at = 0; at < before.length; at += 1) if (before[at] === "'") start = start < 0 ? at : -1;
    return start;
  }

  function matching(options, typed) {
    const wanted = typed.toLowerCase();
    const rank = (one) => {
      const texts = [one.insert, ...one.also].map((text) => text.toLowerCase());
      if (texts.some((text) => text.startsWith(wanted))) return 0;
      return texts.some((text) => text.includes(wanted)) ? 1 : 2;
    };
    return options.map((one, place) => [rank(one), place, one]).filter(([level]) => level < 2)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, MOST).map(([, , one]) => one);
  }

  function start(form) {
    const field = form.querySelector("textarea[name=filter]");
    const list = document.getElementById(field.getAttribute("aria-controls"));
    const words = JSON.parse(document.getElementById("filter-words").textContent);
    const said = form.querySelector("output[data-said]");
    const named = new Map(words.properties.map((one) => [one.name, one]));
    let shown = [];
    let chosen = -1;
    let range = [0, 0];

    const names = () => [
      ...words.properties.map((one) => ({ insert: one.name, show: one.name, note: one.title, kind: one.type, also: [one.title, one.other] })),
      ...words.functions.map((one) => ({ insert: `${one.name}(`, show: `${one.name}(${one.arguments.join(", ")})`, note: one.title, kind: "ƒ", also: [one.title] })),
      ...KEYWORDS.map((one) => ({ insert: `${one} `, show: one, note: "", kind: "", also: [] })),
    ];
    const codes = (property) => (words.codes[property && property.codes] || []).map(([code, title]) =>
      ({ insert: `'${code.replaceAll("'", "''")}'`, show: code, note: title, kind: "", also: [code, title] }));

    // What fits where the caret stands, and the part of the text that a choice replaces
    function options() {
      const before = field.value.slice(0, field.selectionStart);
      const quote = quoted(before);
      const head = quote < 0 ? before.slice(0, before.length - WORD.exec(before)[0].length) : before.slice(0, quote);
      const typed = before.slice(head.length);
      const compared = COMPARED.exec(head);
      const property = compared && named.get(compared[1] || compared[2]);
      const closing = quote >= 0 && field.value[field.selectionStart] === "'" ? 1 : 0;
      range = [head.length, field.selectionStart + closing];
      if (quote >= 0) return property ? matching(codes(property), typed.slice(1)) : [];
      if (property && property.codes) return matching(codes(property), typed);
      const after = AFTER_NAME.exec(head);
      if (!typed && after && named.has(after[1] || after[2])) {
        return OPERATORS.map((one) => ({ insert: one.endsWith("(") || one.endsWith("'") ? one : `${one} `, show: one.replace("'", ""), note: "", kind: "", also: [] }));
      }
      return matching(names(), typed);
    }

    function close() {
      list.hidden = true;
      chosen = -1;
      said.textContent = "";
      field.removeAttribute("aria-activedescendant");
    }

    function choose(place) {
      chosen = (place + shown.length) % shown.length;
      [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
      list.children[chosen].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", list.children[chosen].id);
    }

    function offer() {
      shown = options();
      const typed = field.value.slice(range[0], field.selectionStart);
      if (!shown.length || (shown.length === 1 && shown[0].insert === typed)) return close();
      list.replaceChildren(...shown.map((one, place) => {
        const row = document.createElement("li");
        row.id = `${list.id}-${place}`;
        row.setAttribute("role", "option");
        for (const [tag, text] of [["code", one.show], ["span", one.note], ["small", one.kind]]) {
          const part = row.appendChild(document.createElement(tag));
          part.textContent = text;
        }
        row.addEventListener("mousedown", (event) => { event.preventDefault(); accept(one); });
        return row;
      }));
      list.hidden = false;
      said.textContent = `${shown.length} ${said.dataset.said}`;
      return choose(0);
    }

    function accept(one) {
      field.setRangeText(one.insert, range[0], range[1], "end");
      close();
      grow();
      field.focus();
      if (/[(\s]$|LIKE '$/.test(one.insert)) offer();
    }

    function grow() {
      field.rows = Math.min(8, Math.max(2, field.value.split("\n").length, Math.ceil(field.value.length / 90)));
    }

    field.addEventListener("input", () => { grow(); field.removeAttribute("aria-invalid"); offer(); });
    field.addEventListener("click", close);
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.key === "ArrowDown" || (event.key === " " && event.ctrlKey)) {
        if (!open && event.key === "ArrowDown" && field.value && !event.altKey) return;
        event.preventDefault();
        if (open) choose(chosen + 1); else offer();
      } else if (open && event.key === "ArrowUp") {
        event.preventDefault();
        choose(chosen - 1);
      } else if (open && event.key === "Escape") {
        event.preventDefault();
        close();
      } else if (open && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        event.preventDefault();
        accept(shown[chosen]);
      } else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    for (const button of form.querySelectorAll("button[data-example]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const had = field.value.trim();
        field.value = had ? `${had} AND ${button.dataset.example}` : button.dataset.example;
        grow();
        field.focus();
      });
    }
    // A filter that was refused: the word at fault is selected
    const mark = form.querySelector(".fault mark");
    if (mark) {
      field.focus({ preventScroll: true });
      field.setSelectionRange(Number(mark.dataset.from), Number(mark.dataset.to));
    }
    grow();
  }

  for (const form of document.querySelectorAll("form[data-filter]")) start(form);
})();
