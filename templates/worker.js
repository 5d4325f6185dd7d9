// Keeps the site's static files and the page that says that the line is gone. Pages of people are never kept.
"use strict";
const GIVEN = {{ given|safe }};

addEventListener("install", (event) => {
  const requests = GIVEN.kept.map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(GIVEN.name).then((cache) => cache.addAll(requests)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const former = (names) => names.filter((name) => name.startsWith("kefu-") && name !== GIVEN.name);
  event.waitUntil(caches.keys().then((names) => Promise.all(former(names).map((name) => caches.delete(name)))));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(GIVEN.offline)));
  } else if (url.pathname.startsWith(GIVEN.static)) {
    event.respondWith(fetch(request).catch(() => caches.match(request).then((kept) => kept || Response.error())));
  }
});
