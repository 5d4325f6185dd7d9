// What HTML cannot do by itself; every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // When the line is gone the worker says so. Browsers know it only on secure addresses.
  if ("serviceWorker" in navigator && root.dataset.worker) {
    navigator.serviceWorker.register(root.dataset.worker).catch(() => {});
  }

  // The menu of narrow screens.
  const closeMenu = (button) => {
    button.setAttribute("aria-expanded", "false");
    document.getElementById(button.dataset.toggle).classList.remove("is-open");
  };

  // Light or dark: a cookie, so that the next page comes in the right colours at once.
  const switchTheme = () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme || (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-toggle], [data-theme-switch], [data-close], [data-print], [data-pick-all]");
    if (!target) return;
    if (target.dataset.toggle) {
      const isOpen = document.getElementById(target.dataset.toggle).classList.toggle("is-open");
      target.setAttribute("aria-expanded", String(isOpen));
    } else if ("themeSwitch" in target.dataset) {
      switchTheme();
    } else if ("close" in target.dataset) {
      const box = target.closest("details");
      box.open = false;
      box.querySelector("summary").focus();
    } else if ("print" in target.dataset) {
      print();
    } else if ("pickAll" in target.dataset) {
      const boxes = target.closest("form").querySelectorAll(`input[name="${target.dataset.pickAll}"]`);
      boxes.forEach((box) => { box.checked = target.checked; });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.confirm[open]").forEach((box) => {
      box.open = false;
      box.querySelector("summary").focus();
    });
    document.querySelectorAll('[data-toggle][aria-expanded="true"]').forEach(closeMenu);
  });

  // A second click on a form that is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  });
  // The page came back from the browser's store: forms may be sent again.
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  });

  // Forms that filter send themselves when a choice changes.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });

  // A lost connection during a partial refresh is said, not swallowed.
  const tell = (text) => {
    const box = document.getElementById("messages");
    const message = document.createElement("p");
    message.className = "message message-error";
    message.setAttribute("role", "alert");
    message.textContent = text;
    box.replaceChildren(message);
  };
  document.addEventListener("htmx:sendError", () => tell("网络中断，没有刷新。请检查网络后重试。"));
  document.addEventListener("htmx:responseError", (event) => {
    tell(event.detail.xhr.status === 403 ? "登录已过期，请刷新页面重新登录。" : "服务器没有答复，请稍后重试。");
  });
})();
