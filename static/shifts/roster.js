// The roster's grid: picking a shift and painting it, arrow keys and letters, saving as one goes.
(() => {
  "use strict";
  const WAIT = 400; // milliseconds after the last change before it is sent
  const AT_ONCE = 500; // cells in one form
  let brush = null; // the picked slot
  let painting = false;
  let at = null; // "person:day" of the cell that has the keyboard
  let sending = false;
  let timer = 0;
  const pending = new Map(); // "person:day" -> {was, becomes}

  const part = () => document.getElementById("roster");
  const brushes = () => [...part().querySelectorAll(".brush")];
  const keyOf = (cell) => `${cell.parentElement.dataset.staff}:${cell.dataset.day}`;
  const cellOf = (key) => {
    const [staff, day] = key.split(":");
    return part().querySelector(`tr[data-staff="${staff}"] td[data-day="${day}"]`);
  };
  const say = (text, isTrouble = false) => {
    const said = part().querySelector("[data-said]");
    said.textContent = text;
    said.className = isTrouble ? "bad" : "visually-hidden";
  };

  const pick = (slot) => {
    brush = slot;
    brushes().forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.slot === slot)));
  };

  const show = (cell, slot) => {
    const chosen = brushes().find((each) => each.dataset.slot === slot);
    const leave = cell.querySelector("i");
    cell.className = `${chosen.dataset.look} unsaved`;
    cell.dataset.slot = slot;
    cell.textContent = chosen.dataset.code;
    if (leave) cell.append(leave);
  };

  const hasReason = () => {
    if (!("published" in part().dataset)) return true;
    const reason = document.getElementById("reason");
    if (reason.value.trim()) return true;
    reason.setCustomValidity("已公布的排班，先写改动理由");
    reason.reportValidity();
    reason.addEventListener("input", () => reason.setCustomValidity(""), { once: true });
    return false;
  };

  const put = (cell, slot) => {
    const key = keyOf(cell);
    if (cell.dataset.slot === slot || !hasReason()) return;
    const former = pending.get(key);
    pending.set(key, { was: former ? former.was : cell.dataset.slot, becomes: slot });
    show(cell, slot);
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
  };

  const send = async () => {
    if (sending || !pending.size) return;
    sending = true;
    const sent = [...pending].slice(0, AT_ONCE);
    const form = new FormData(part().querySelector("[data-palette]"));
    sent.forEach(([key, each]) => form.append("cell", `${key}:${each.was}:${each.becomes}`));
    // Who signs in again, in another window, has a new token.
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (token) form.set("csrfmiddlewaretoken", token[1]);
    sent.forEach(([key]) => pending.delete(key));
    say("正在保存");
    let html = "";
    try {
      const answer = await fetch(part().dataset.url, { method: "POST", body: form, headers: { "HX-Request": "true" } });
      const isSentAway = answer.redirected || answer.headers.has("HX-Redirect"); // to sign in
      if (isSentAway || !answer.ok) throw new Error(String(answer.status));
      html = await answer.text();
    } catch (error) {
      sent.forEach(([key, each]) => {
        const later = pending.get(key);
        pending.set(key, { was: each.was, becomes: later ? later.becomes : each.becomes });
      });
      sending = false;
      say("没有保存：网络中断或登录已过期。别关这一页，在另一个窗口登录，之后自动补存。", true);
      timer = setTimeout(send, 5000);
      return;
    }
    sending = false;
    // What was changed while the answer was on its way begins from what was sent before.
    sent.forEach(([key, each]) => { if (pending.has(key)) pending.get(key).was = each.becomes; });
    replace(html);
    if (pending.size) send(); else say("已保存");
  };

  const replace = (html) => {
    const hadFocus = part().querySelector(".roster").contains(document.activeElement);
    const box = part().querySelector(".roster-scroll");
    const [left, top] = [box.scrollLeft, box.scrollTop];
    const typing = document.activeElement && document.activeElement.id === "reason";
    const reason = document.getElementById("reason");
    const said = reason ? reason.value : "";
    part().outerHTML = html;
    window.htmx.process(part());
    const after = part().querySelector(".roster-scroll");
    [after.scrollLeft, after.scrollTop] = [left, top];
    const field = document.getElementById("reason");
    if (field) { field.value = said; if (typing) field.focus(); }
    pending.forEach((each, key) => { const cell = cellOf(key); if (cell) show(cell, each.becomes); });
    if (brush !== null) pick(brush);
    ready();
    if (hadFocus && at) focus(cellOf(at));
  };

  const focus = (cell) => {
    if (!cell) return;
    const former = part().querySelector('td[tabindex="0"]');
    if (former) former.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (cell.dataset.day) at = keyOf(cell);
  };

  // One cell of the grid takes part in the order of the Tab key; the arrows go on from there.
  const ready = () => {
    const grid = part().querySelector(".roster");
    const first = (at && cellOf(at)) || grid.querySelector("td[data-day]");
    if (first) first.tabIndex = 0;
  };

  const neighbour = (cell, rows, columns) => {
    const row = cell.parentElement;
    const lines = [...row.parentElement.rows];
    const line = lines[Math.min(lines.length - 1, Math.max(0, lines.indexOf(row) + rows))];
    const last = line.cells.length - 5; // four sums after the days
    return line.cells[Math.min(last, Math.max(1, cell.cellIndex + columns))];
  };

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -31], End: [0, 31] };

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest && event.target.closest(".roster tbody td");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (MOVES[event.key]) {
      event.preventDefault();
      focus(neighbour(cell, ...MOVES[event.key]));
      return;
    }
    const key = event.key === "Backspace" ? "Delete" : event.key;
    const isAgain = key === " " || key === "Enter";
    const chosen = brushes().find((each) => each.dataset.key.toLowerCase() === key.toLowerCase());
    const slot = isAgain ? brush : chosen && chosen.dataset.slot;
    if (slot === undefined || slot === null || !cell.dataset.day) return;
    event.preventDefault();
    put(cell, slot);
    if (!isAgain && key !== "Delete") focus(neighbour(cell, 0, 1));
  });

  const cellUnder = (event) => event.target.closest && event.target.closest(".roster td[data-day]");

  document.addEventListener("pointerdown", (event) => {
    const cell = cellUnder(event);
    if (!cell || event.pointerType !== "mouse" || event.button !== 0) return;
    event.preventDefault();
    focus(cell);
    if (brush === null) return;
    painting = true;
    put(cell, brush);
  });
  document.addEventListener("pointerover", (event) => {
    const cell = painting && cellUnder(event);
    if (cell) put(cell, brush);
  });
  document.addEventListener("pointerup", () => { painting = false; });

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".brush");
    if (button) { pick(button.dataset.slot === brush ? null : button.dataset.slot); return; }
    const cycle = event.target.closest("[data-cycle]");
    if (cycle) { document.getElementById("id_cycle").value = cycle.dataset.cycle; return; }
    // A finger paints by tapping, so that it can still scroll.
    const cell = cellUnder(event);
    if (!cell || event.pointerType === "mouse") return;
    focus(cell);
    if (brush !== null) put(cell, brush); else say("先在上面选一个班次");
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-palette]")) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => { if (pending.size || sending) event.preventDefault(); });
  if (part()) ready();
})();
