/** Requests to our own server. The token is read from the cookie each time: a new log-in in another tab changes it. */

/**
 * @param {string} url
 * @param {{json?: unknown, accept?: string, keepalive?: boolean, signal?: AbortSignal,
 *   user?: string, redirect?: RequestRedirect}} options `user`: who must be logged in, or it is answered with 401.
 */
export function post(url, { json, accept = "application/json", keepalive = false, signal, user, redirect } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept, "X-CSRFToken": cookie("csrftoken") };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (user) headers["Labelcrowd-User"] = user;
  return fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers,
    keepalive,
    redirect: redirect ?? "follow",
    ...(signal ? { signal } : {}),
    body: json === undefined ? null : JSON.stringify(json),
  });
}

/** @param {string} name */
function cookie(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return decodeURIComponent(found?.slice(name.length + 1) ?? "");
}
