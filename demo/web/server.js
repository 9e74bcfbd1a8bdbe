/* The page on a server: each event is a request, its response the answer. Read into the page's script after page.js. */

const PATIENCE = 10000; // ms without an answer, after which the page says so

/** Events by name, each a function of what stands on the page; the answer is {lost: true} where none came. */
function server(events) {
  const root = location.pathname.replace(/\/?$/, "/"); // proxies may show the page below a path of theirs
  async function ask(kind, data) {
    const slow = setTimeout(() => say("away", true), PATIENCE);
    try {
      const response = await fetch(`${root}gradio_api/ask/${kind}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(data) });
      if (response.ok) return await response.json();
      return response.status === 413 ? { error: message("too_large") } : { lost: true }; // too large today is too large for ever
    } catch { return { lost: true }; } finally { clearTimeout(slow); }
  }
  return Object.fromEntries(events.map((kind) => [kind, (data) => ask(kind, data)]));
}

window.garmentgen.server = server;
