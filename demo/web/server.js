/* The page on a server: each event is a request, its response the answer. Read into the page's script after page.js. */

/** Events by name, each a function of what stands on the page; the answer is {lost: true} where none came. */
function server(events) {
  const root = location.pathname.replace(/\/?$/, "/"); // proxies may show the page below a path of theirs
  async function ask(kind, data) {
    try {
      const response = await fetch(`${root}gradio_api/ask/${kind}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(data) });
      return response.ok ? await response.json() : { lost: true };
    } catch { return { lost: true }; }
  }
  return Object.fromEntries(events.map((kind) => [kind, (data) => ask(kind, data)]));
}

window.garmentgen.server = server;
